"""What a fit asks of the networks that look at a photo, whatever runs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, Self

import torch
from torch import Tensor

from ..facemodel.morphable import SurfacePoints
from .surface_encoder import EncodedFace, SurfaceEncoderConfig


class SurfaceNetwork(Protocol):
    """Answers as :class:`.surface_encoder.SurfaceEncoder` does."""

    @property
    def config(self) -> SurfaceEncoderConfig:
        """What the network is."""

    @property
    def start(self) -> Tensor:
        """``(K, 2)`` where the points lie on average, as a share of the side; on the device that photos must be on."""

    def __call__(self, photo: Tensor) -> EncodedFace:
        """What a photo ``(B, 3, S, S)`` in [0, 1] shows."""


class MaskNetwork(Protocol):
    """Answers as :class:`.segmenter.FaceSegmenter` does."""

    def __call__(self, rendering: Tensor, photo: Tensor, region: Tensor | None = None) -> Tensor:
        """Logits ``(B, 1, H, W)`` of "this pixel shows the face that was rendered"."""


class LookingNetworks(Protocol):
    """Answer as :class:`.shipped.TrainedNetworks` do."""

    @property
    def encoder(self) -> SurfaceNetwork:
        """Where surface points are."""

    @property
    def points(self) -> SurfacePoints:
        """Which points."""

    @property
    def segmenter(self) -> MaskNetwork:
        """What hides the face."""

    @property
    def about(self) -> Mapping[str, str]:
        """What the provenance record says about them."""

    def to(self, device: torch.device | str) -> Self:
        """The same networks on another device."""
