"""A photo's face in one look: where points of its surface are, how sure that is, and its coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor, nn

from ..facemodel.coefficients import LIGHT_BANDS
from ..facemodel.morphable import AMBIENT
from .backbone import build_backbone, feature_count, input_statistics
from .memory_format import fast_memory_format

START_SIGMA = 0.03
"""Standard deviation of a point before training, as a share of the photo's side."""


@dataclass(frozen=True)
class SurfaceEncoderConfig:
    """What the network is.

    Attributes:
        backbone: name in timm.
        size: side of the photos it sees, in pixels.
        points: number of surface points.
        identity: number of identity coefficients.
        expression: number of expression coefficients.
        albedo: number of albedo coefficients.
    """

    backbone: str = "tf_efficientnet_lite0"
    size: int = 128
    points: int = 268
    identity: int = 80
    expression: int = 45
    albedo: int = 20


@dataclass(frozen=True, eq=False)
class EncodedFace:
    """What one look tells.

    Attributes:
        points: ``(B, K, 2)`` pixels of the network's view, centres at integers; hidden points are guessed.
        sigma: ``(B, K)`` pixels, standard deviation of each point along x and y.
        identity: ``(B, Ki)`` in standard deviations.
        expression: ``(B, Ke)`` likewise.
        albedo: ``(B, Ka)`` likewise.
        light: ``(B, 3, 9)`` spherical harmonics, one row per colour channel.
    """

    points: Tensor
    sigma: Tensor
    identity: Tensor
    expression: Tensor
    albedo: Tensor
    light: Tensor

    def __getitem__(self, row: int) -> EncodedFace:
        """One face, a batch of one."""
        return EncodedFace(**{name: value[row : row + 1] for name, value in vars(self).items()})

    @classmethod
    def stack(cls, faces: Sequence[EncodedFace]) -> EncodedFace:
        """Batches one after the other."""
        return cls(**{each.name: torch.cat([getattr(face, each.name) for face in faces]) for each in fields(cls)})

    def moved(self, points: Tensor, sigma: Tensor) -> EncodedFace:
        """The same faces with points and deviations in other pixels."""
        return replace(self, points=points, sigma=sigma)


class SurfaceEncoder(nn.Module):
    """Photo ``(B, 3, S, S)`` in [0, 1] to :class:`EncodedFace`.

    Points as in Wood et al., "3D face reconstruction with dense landmarks" (2022): each with a standard deviation of
    its own, so that a fit knows which to trust. An untrained network answers ``start``, the mean face under white
    light, whatever it is shown: its head starts at zero.

    Args:
        config: sizes and backbone.
        start: ``(K, 2)`` where the points lie on average, as a share of the side.
    """

    start: Tensor
    start_light: Tensor
    mean: Tensor
    deviation: Tensor

    def __init__(self, config: SurfaceEncoderConfig, start: Tensor) -> None:
        super().__init__()
        self.config = config
        self.backbone = build_backbone(config.backbone, config.size)
        self._format = fast_memory_format(self.backbone)
        self._widths = (2 * config.points, config.points, config.identity, config.expression, config.albedo, 27)
        self.head = nn.Linear(feature_count(self.backbone, config.size), sum(self._widths))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        light = torch.zeros(3, LIGHT_BANDS)
        light[:, 0] = AMBIENT
        self.register_buffer("start", start.clone().float())
        self.register_buffer("start_light", light)
        mean, deviation = input_statistics(self.backbone)
        self.register_buffer("mean", torch.tensor(mean)[:, None, None])
        self.register_buffer("deviation", torch.tensor(deviation)[:, None, None])

    def forward(self, photo: Tensor) -> EncodedFace:
        """See the class."""
        size = photo.shape[-1]
        standardised = (photo - self.mean) / self.deviation
        answer = self.head(self.backbone(standardised.contiguous(memory_format=self._format))).float()
        points, sigma, identity, expression, albedo, light = answer.split(self._widths, dim=1)
        return EncodedFace(
            points=(self.start + 0.1 * points.unflatten(1, (-1, 2))) * size - 0.5,
            sigma=START_SIGMA * size * sigma.clamp(-6, 3).exp(),
            identity=identity,
            expression=expression,
            albedo=albedo,
            light=self.start_light + light.unflatten(1, (3, LIGHT_BANDS)),
        )
