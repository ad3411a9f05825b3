"""What every face recogniser does for us: identity features that gradients flow through."""

from __future__ import annotations

from typing import Protocol, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...imaging.channels import channel_length
from ..memory_format import fast_memory_format
from .frozen import frozen

SIDE = 112
"""Side of an aligned face in pixels, of all recognisers trained on the ArcFace template."""


class Trunk(Protocol):
    """The network inside, on inputs of its own scale."""

    def first_stage(self, x: Tensor) -> Tensor:
        """``(B, 3, 112, 112)`` to a map ``(B, C, H, W)`` of early features."""
        ...

    def __call__(self, x: Tensor) -> Tensor:
        """``(B, 3, 112, 112)`` to features ``(B, K)``."""
        ...


class _FirstStage(nn.Module):
    """The beginning of a trunk as a module of its own, whose weights stay the trunk's."""

    def __init__(self, trunk: Trunk) -> None:
        super().__init__()
        self._trunk = (trunk,)

    def forward(self, x: Tensor) -> Tensor:
        return self._trunk[0].first_stage(x)


class Recogniser(nn.Module):
    """A frozen face recogniser: in eval mode for good, no gradients to its weights, all gradients to its input.

    Args:
        name: for provenance.
        trunk: the network, with its weights; converted in place by :func:`.frozen.frozen`.
        channels: order in which it was trained to see colours, ``RGB`` or ``BGR``.
        mean: what it subtracts from levels in 0..255.
        scale: what it divides them by then.
    """

    def __init__(self, name: str, trunk: nn.Module, channels: str, mean: float, scale: float) -> None:
        super().__init__()
        self.name = name
        self.trunk = frozen(trunk)
        self.early = _FirstStage(self._trunk)
        self._format = fast_memory_format(self.trunk)
        self.channels = channels
        self.mean = mean / 255
        self.scale = scale / 255
        super().train(False)

    def train(self, mode: bool = True) -> Recogniser:
        """Stays in eval mode: batch statistics would change what it sees."""
        return self

    def embedding(self, faces: Tensor) -> Tensor:
        """Identity features.

        Args:
            faces: ``(B, 3, 112, 112)`` RGB in [0, 1], aligned by :func:`.align.align_faces`.

        Returns:
            ``(B, K)`` of length 1: the product of two is the cosine of two faces. K is 512 for the usual networks.
        """
        return functional.normalize(self._trunk(self._scaled(faces)), dim=1)

    def shallow(self, faces: Tensor) -> Tensor:
        """Early features: what a place looks like rather than who it is.

        Args:
            faces: as in :meth:`embedding`.

        Returns:
            ``(B, C, H, W)``, of length 1 over the channels at every place; 64 x 56 x 56 for the usual networks.
        """
        features = self.early(self._scaled(faces))
        return features / channel_length(features, keepdim=True)

    def forward(self, faces: Tensor) -> Tensor:
        """Same as :meth:`embedding`."""
        return self.embedding(faces)

    @property
    def _trunk(self) -> Trunk:
        return cast(Trunk, self.trunk)

    def _scaled(self, faces: Tensor) -> Tensor:
        if faces.ndim != 4 or tuple(faces.shape[1:]) != (3, SIDE, SIDE):
            raise ValueError(f"faces are {tuple(faces.shape)}, expected (B, 3, {SIDE}, {SIDE})")
        seen = faces if self.channels == "RGB" else faces.flip(1)
        return ((seen - self.mean) / self.scale).contiguous(memory_format=self._format)


def cosine_distance(first: Tensor, second: Tensor) -> Tensor:
    """``1 - cosine`` over dimension 1 of normalised features: ``(B, K)`` to ``(B,)``, ``(B, C, H, W)`` to its map."""
    return 1 - torch.linalg.vecdot(first, second, dim=1)
