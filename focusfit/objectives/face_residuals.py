"""How far a photo is from its rendering, and how far it may be where it shows the face."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ..constants import constant
from ..imaging.channels import channel_length
from .visible_face_config import VisibleFaceConfig

MAD_TO_SIGMA = 1.4826
RAYLEIGH_TO_SIGMA = 1 / 1.1774  # median length of a 2D Gaussian vector
LOG_TWO_PI = math.log(2 * math.pi)

# Orthonormal: row 0 is luminance, rows 1 and 2 are chroma.
_OPPONENT = (
    (3**-0.5, 3**-0.5, 3**-0.5),
    (2**-0.5, -(2**-0.5), 0.0),
    (6**-0.5, 6**-0.5, -2 * 6**-0.5),
)


@dataclass(frozen=True, eq=False)
class FaceResiduals:
    """Colour residuals in three axes, each ``(B, 1, H, W)``, and the variances that they should have.

    Light that the model gets wrong moves a colour along itself, towards black or away from it; a highlight also moves
    it towards white; little else moves its hue.

    Attributes:
        along: along the rendering's colour.
        paler: towards white, across the rendering's colour; 0 where it is away from white.
        hue: length of what remains.
        variance_along: of ``along``.
        variance_pale: of ``paler``.
        variance_hue: of ``hue``.
        brightness: ``(B, 1, 1, 1)`` mean length of the rendering's colours over what is visible.
    """

    along: Tensor
    paler: Tensor
    hue: Tensor
    variance_along: Tensor
    variance_pale: Tensor
    variance_hue: Tensor
    brightness: Tensor

    def explained_by(self, misfit: Tensor) -> FaceResiduals:
        """With the variance of a known ``misfit (B, 2, H, W)``, along and in hue, added."""
        along, hue = (misfit * self.brightness).square().split(1, dim=1)
        return replace(
            self,
            variance_along=self.variance_along + along,
            variance_pale=self.variance_pale + hue,
            variance_hue=self.variance_hue + hue,
        )

    def log_density(self) -> Tensor:
        """``(B, 1, H, W)`` of independent Gaussians."""
        pairs = ((self.along, self.variance_along), (self.paler, self.variance_pale), (self.hue, self.variance_hue))
        return -0.5 * sum((r.square() / v + torch.log(v) for r, v in pairs), torch.zeros(())) - 1.5 * LOG_TWO_PI


def face_residuals(
    photo: Tensor, rendering: Tensor, region: Tensor, inlier: Tensor, c: VisibleFaceConfig
) -> FaceResiduals:
    """Residuals of ``photo`` to ``rendering`` with the noise that the pixels weighted by ``inlier`` show.

    Shapes as in :func:`visible_face`.
    """
    residual = photo - rendering
    level = channel_length(rendering, keepdim=True).clamp(min=1e-3)
    own = rendering / level
    along = (residual * own).sum(1, keepdim=True)
    across_square = (residual.square().sum(1, keepdim=True) - along**2).clamp(min=0)
    white = 1 - own.sum(1, keepdim=True) * own
    white = white / channel_length(white, keepdim=True)
    paler = (residual * white).sum(1, keepdim=True).clamp(min=0)
    slope = opponent_slope(rendering, region) * (c.misalignment * rendering.shape[-1] / 224)
    sigma_along = MAD_TO_SIGMA * _median(along.abs(), inlier).clamp(min=c.luminance_floor / c.scale)
    sigma_across = RAYLEIGH_TO_SIGMA * _median(across_square.sqrt(), inlier).clamp(min=c.chroma_floor / c.scale)
    # A highlight brightens a pixel and bleaches it.
    brighter = along.clamp(min=0)
    light_error = torch.where(along > 0, c.shading_error + c.highlight, c.shading_error) * level
    variance_hue = (c.scale * sigma_across) ** 2 + slope[:, 1:].square().mean(1, keepdim=True)
    return FaceResiduals(
        along=along,
        paler=paler,
        hue=(across_square - paler**2).clamp(min=0).sqrt(),
        variance_along=(c.scale * sigma_along) ** 2 + light_error**2 + slope[:, :1] ** 2,
        variance_pale=variance_hue + (c.bleaching * brighter) ** 2,
        variance_hue=variance_hue,
        brightness=((level * inlier).sum((1, 2, 3)) / inlier.sum((1, 2, 3)).clamp(min=1))[:, None, None, None],
    )


def _median(magnitude: Tensor, weight: Tensor) -> Tensor:
    """Weighted median ``(B, 1, 1, 1)`` of magnitudes in [0, 1], to 1 / 2048."""
    bins = 2048
    index = (magnitude.flatten(1) * bins).long().clamp(max=bins - 1)
    weights = weight.expand_as(magnitude).flatten(1)
    total = torch.zeros(len(index), bins, device=index.device).scatter_add_(1, index, weights).cumsum(1)
    middle = (total < 0.5 * total[:, -1:]).sum(1)
    return ((middle + 0.5) / bins)[:, None, None, None]


def opponent_slope(rendering: Tensor, region: Tensor) -> Tensor:
    """``(B, 3, H, W)`` gradient length of the rendering in opponent colours, 0 across the region's rim."""
    image = opponent(rendering)
    dx = F.pad((image[..., 2:] - image[..., :-2]) / 2, (1, 1)) * F.pad(region[..., 2:] * region[..., :-2], (1, 1))
    dy = F.pad((image[..., 2:, :] - image[..., :-2, :]) / 2, (0, 0, 1, 1))
    dy = dy * F.pad(region[..., 2:, :] * region[..., :-2, :], (0, 0, 1, 1))
    return torch.sqrt(dx**2 + dy**2)


def opponent(rgb: Tensor) -> Tensor:
    """``(B, 3, H, W)`` RGB to luminance and two chroma axes, orthonormal."""
    return torch.einsum("oc,bchw->bohw", constant(_OPPONENT, rgb), rgb)
