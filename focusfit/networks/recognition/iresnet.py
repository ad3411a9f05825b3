"""The residual networks of ArcFace.

Deng et al., "ArcFace: Additive angular margin loss for deep face recognition" (CVPR 2019); blocks as in Duta et al.,
"Improved residual networks" (2020). The attributes carry the names under which published weights are stored.
"""

from __future__ import annotations

from torch import Tensor, nn

EPSILON = 1e-5

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 14, 3), 100: (3, 13, 30, 3), 200: (6, 26, 60, 6)}
"""Depth, as it is counted in the network's name, to the number of blocks in each stage."""


class Block(nn.Module):
    """Normalise, convolve, normalise, PReLU, convolve at ``stride``, normalise; added to the (projected) input."""

    normalised = (("conv1", "bn2"), ("conv2", "bn3"))

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs, EPSILON)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs, EPSILON)
        self.prelu = nn.PReLU(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, stride, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs, EPSILON)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            project = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(project, nn.BatchNorm2d(outputs, EPSILON))

    def forward(self, x: Tensor) -> Tensor:
        """``(B, inputs, H, W)`` to ``(B, outputs, H / stride, W / stride)``."""
        inner = self.prelu(self.bn2(self.conv1(self.bn1(x))))
        return self.bn3(self.conv2(inner)) + self.downsample(x)


class IResNet(nn.Module):
    """Faces 112x112 in RGB, scaled to [-1, 1], to 512 features.

    Args:
        depth: one of `BLOCKS`.
        features: width of the embedding.
    """

    normalised = (("conv1", "bn1"),)

    def __init__(self, depth: int, features: int = 512) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(64, EPSILON)
        self.prelu = nn.PReLU(64)
        counts = BLOCKS[depth]
        self.layer1 = _stage(64, 64, counts[0])
        self.layer2 = _stage(64, 128, counts[1])
        self.layer3 = _stage(128, 256, counts[2])
        self.layer4 = _stage(256, 512, counts[3])
        self.bn2 = nn.BatchNorm2d(512, EPSILON)
        self.fc = nn.Linear(512 * 7 * 7, features)
        self.features = nn.BatchNorm1d(features, EPSILON)

    def first_stage(self, x: Tensor) -> Tensor:
        """``(B, 3, 112, 112)`` to ``(B, 64, 56, 56)``."""
        return self.layer1(self.prelu(self.bn1(self.conv1(x))))

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, 112, 112)`` to ``(B, 512)``."""
        x = self.layer4(self.layer3(self.layer2(self.first_stage(x))))
        return self.features(self.fc(self.bn2(x).flatten(1)))


def depth_of(names: set[str]) -> int | None:
    """Which depth has exactly these blocks, from the names of a file's weights; None where it is no such network."""
    stages = [len({name.split(".")[1] for name in names if name.startswith(f"layer{k}.")}) for k in (1, 2, 3, 4)]
    return next((depth for depth, counts in BLOCKS.items() if list(counts) == stages), None)


def _stage(inputs: int, outputs: int, blocks: int) -> nn.Sequential:
    rest = (Block(outputs, outputs, 1) for _ in range(blocks - 1))
    return nn.Sequential(Block(inputs, outputs, 2), *rest)
