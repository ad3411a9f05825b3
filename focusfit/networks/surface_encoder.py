"""A photo's face in one look: where points of its surface are, how sure that is, and its coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import timm
import torch
from torch import Tensor, nn

from ..facemodel.coefficients import LIGHT_BANDS
from ..facemodel.morphable import AMBIENT

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)

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

    backbone: str = "resnet18"
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
        self.backbone = timm.create_model(config.backbone, pretrained=False, num_classes=0)
        self._widths = (2 * config.points, config.points, config.identity, config.expression, config.albedo, 27)
        self.head = nn.Linear(self.backbone.num_features, sum(self._widths))  # type: ignore[arg-type]
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        light = torch.zeros(3, LIGHT_BANDS)
        light[:, 0] = AMBIENT
        self.register_buffer("start", start.clone().float())
        self.register_buffer("start_light", light)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN)[:, None, None])
        self.register_buffer("deviation", torch.tensor(IMAGENET_DEVIATION)[:, None, None])

    def forward(self, photo: Tensor) -> EncodedFace:
        """See the class."""
        size = photo.shape[-1]
        standardised = (photo - self.mean) / self.deviation
        answer = self.head(self.backbone(standardised.contiguous(memory_format=torch.channels_last))).float()
        points, sigma, identity, expression, albedo, light = answer.split(self._widths, dim=1)
        return EncodedFace(
            points=(self.start + 0.1 * points.unflatten(1, (-1, 2))) * size - 0.5,
            sigma=START_SIGMA * size * sigma.clamp(-6, 3).exp(),
            identity=identity,
            expression=expression,
            albedo=albedo,
            light=self.start_light + light.unflatten(1, (3, LIGHT_BANDS)),
        )
