"""MobileFaceNet: a small face recogniser.

Chen et al., "MobileFaceNets: Efficient CNNs for accurate real-time face verification on mobile devices" (2018). The
attributes carry the names under which its published weights are stored.
"""

from __future__ import annotations

from torch import Tensor, nn


class ConvUnit(nn.Module):
    """Convolution, batch normalisation and PReLU; padded to keep the size at stride 1."""

    normalised = (("conv", "bn"),)

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, *, depthwise: bool = False) -> None:
        super().__init__()
        groups = inputs if depthwise else 1
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.prelu = nn.PReLU(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, inputs, H, W)`` to ``(B, outputs, H / stride, W / stride)``."""
        return self.prelu(self.bn(self.conv(x)))


class LinearUnit(nn.Module):
    """Convolution without padding and batch normalisation."""

    normalised = (("conv", "bn"),)

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, *, depthwise: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, groups=inputs if depthwise else 1, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, inputs, H, W)`` to ``(B, outputs, H - kernel + 1, W - kernel + 1)``."""
        return self.bn(self.conv(x))


class Bottleneck(nn.Module):
    """Widen, filter each channel, narrow (MobileNetV2's block)."""

    def __init__(self, inputs: int, outputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv = ConvUnit(inputs, width, 1)
        self.conv_dw = ConvUnit(width, width, 3, stride, depthwise=True)
        self.project = LinearUnit(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, inputs, H, W)`` to ``(B, outputs, H / stride, W / stride)``."""
        return self.project(self.conv_dw(self.conv(x)))


class ResidualStage(nn.Module):
    """Bottlenecks that are added to what they were given."""

    def __init__(self, channels: int, width: int, blocks: int) -> None:
        super().__init__()
        self.model = nn.Sequential(*(Bottleneck(channels, channels, width, 1) for _ in range(blocks)))

    def forward(self, x: Tensor) -> Tensor:
        """``(B, channels, H, W)`` to the same."""
        for block in self.model:
            x = x + block(x)
        return x


class MobileFaceNet(nn.Module):
    """Faces 112x112 in BGR, scaled to about [-1, 1], to 512 features."""

    def __init__(self, features: int = 512) -> None:
        super().__init__()
        self.conv1 = ConvUnit(3, 64, 3, 2)
        self.conv2_dw = ConvUnit(64, 64, 3, depthwise=True)
        self.conv_23 = Bottleneck(64, 64, 128, 2)
        self.conv_3 = ResidualStage(64, 128, 4)
        self.conv_34 = Bottleneck(64, 128, 256, 2)
        self.conv_4 = ResidualStage(128, 256, 6)
        self.conv_45 = Bottleneck(128, 128, 512, 2)
        self.conv_5 = ResidualStage(128, 256, 2)
        self.conv_6_sep = ConvUnit(128, 512, 1)
        self.conv_6_dw = LinearUnit(512, 512, 7, depthwise=True)
        self.linear = nn.Linear(512, features, bias=False)
        self.bn = nn.BatchNorm1d(features)

    def first_stage(self, x: Tensor) -> Tensor:
        """``(B, 3, 112, 112)`` to ``(B, 64, 56, 56)``."""
        return self.conv2_dw(self.conv1(x))

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, 112, 112)`` to ``(B, 512)``."""
        x = self.conv_3(self.conv_23(self.first_stage(x)))
        x = self.conv_4(self.conv_34(x))
        x = self.conv_5(self.conv_45(x))
        return self.bn(self.linear(self.conv_6_dw(self.conv_6_sep(x)).flatten(1)))
