"""E-step: which pixels of a photo show the modelled face.

Every pixel inside the rendered region shows either the face, up to noise and what the model cannot fit, or something
else: an occluder, whose colours are learned from the photo itself. The posterior is the mean-field solution of a
random field in which similar neighbours agree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ..constants import constant
from ..imaging.blur import gaussian_blur
from ..imaging.channels import channel_length
from .mean_field import mean_field
from .mixing_share import rebalanced

MAD_TO_SIGMA = 1.4826
RAYLEIGH_TO_SIGMA = 1 / 1.1774  # median length of a 2D Gaussian vector
LOG_TWO_PI = math.log(2 * math.pi)

# Orthonormal: row 0 is luminance, rows 1 and 2 are chroma.
_OPPONENT = (
    (3**-0.5, 3**-0.5, 3**-0.5),
    (2**-0.5, -(2**-0.5), 0.0),
    (6**-0.5, 6**-0.5, -2 * 6**-0.5),
)


@dataclass(frozen=True)
class VisibleFaceConfig:
    """Settings of the E-step; lengths in pixels of a 224 pixel crop, colours in [0, 1].

    Attributes:
        scale: noise over the robust spread of the current inliers: what the model misfits is not Gaussian.
        luminance_floor: least noise in luminance.
        chroma_floor: least noise in each chroma axis.
        shading_error: how far the light on a pixel may be off, as a share of its brightness.
        highlight: the same for a pixel brighter than the model, which may be a highlight.
        bleaching: how far a highlight changes hue, as a share of its brightness.
        misalignment: pixels by which the rendering may be off; spares edges of eyes, brows and lips.
        uniform_density: density of colours nobody has seen, per unit RGB cube.
        histogram_bins: bins per colour axis of the occluder's colours.
        pseudo_share: share of the region that must be occluded before its colours are half believed.
        clip: least and greatest log odds of a single pixel.
        blur: standard deviation of the evidence's smoothing.
        coupling: log odds that agreement with one identical neighbour is worth.
        contrast: colour difference at which neighbours no longer hold each other.
        sweeps: mean-field iterations.
        prior: prior log odds of a visible face.
        misfit: factor on what the model is known to miss; 0 to ignore it.
    """

    scale: float = 1.3
    luminance_floor: float = 0.03
    chroma_floor: float = 0.02
    shading_error: float = 0.1
    highlight: float = 0.1
    bleaching: float = 0.2
    misalignment: float = 2.2
    uniform_density: float = 0.5
    histogram_bins: int = 12
    pseudo_share: float = 0.15
    clip: tuple[float, float] = (-8.0, 4.0)
    blur: float = 0.9
    coupling: float = 2.0
    contrast: float = 0.08
    sweeps: int = 25
    prior: float = 0.0
    misfit: float = 1.0


def opponent(rgb: Tensor) -> Tensor:
    """``(B, 3, H, W)`` RGB to luminance and two chroma axes, orthonormal."""
    return torch.einsum("oc,bchw->bohw", constant(_OPPONENT, rgb), rgb)


def visible_face(
    photo: Tensor,
    rendering: Tensor,
    region: Tensor,
    previous: Tensor,
    config: VisibleFaceConfig,
    misfit: Tensor | None = None,
    prior: Tensor | None = None,
    balance: float = 0.0,
) -> Tensor:
    """Posterior probability ``(B, 1, H, W)`` that a pixel shows the modelled face; 0 outside ``region``.

    Args:
        photo: ``(B, 3, H, W)``.
        rendering: ``(B, 3, H, W)`` of the current fit.
        region: ``(B, 1, H, W)`` 1 where the model projects and the photo has pixels.
        previous: ``(B, 1, H, W)`` the last posterior; noise and occluder colours are learned under it.
        config: settings.
        misfit: ``(B, 2, H, W)`` standard deviation of what the model is known to miss there, along its colour and in
            hue, over the face's mean brightness; nothing is known without it.
        prior: ``(B, 1, H, W)`` log odds of a visible face before the colours are looked at; 0 without it.
        balance: of prior and evidence, see :func:`.mixing_share.rebalanced`.
    """
    inlier, outlier = region * previous, region * (1 - previous)
    residuals = face_residuals(photo, rendering, region, inlier, config)
    if misfit is not None:
        residuals = residuals.explained_by(config.misfit * misfit)
    face = residuals.log_density()
    other = _occluder_log_density(photo, inlier, outlier, config)
    low, high = config.clip
    evidence = (face - other + config.prior).clamp(low, high)
    evidence = _masked_blur(evidence, region, config.blur)
    if prior is not None:
        evidence = rebalanced(evidence + prior, prior, region, balance)
    belief = mean_field(evidence, *_couplings(photo, region, config), config.sweeps)
    return (0.5 + 0.5 * belief) * region


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


def _occluder_log_density(photo: Tensor, inlier: Tensor, outlier: Tensor, c: VisibleFaceConfig) -> Tensor:
    """Of a colour under "something else": anything at all, or a colour that outliers have and the face has not."""
    bins = c.histogram_bins
    index = (photo.clamp(0, 1 - 1e-6) * bins).long()
    flat = ((index[:, 0] * bins + index[:, 1]) * bins + index[:, 2]).flatten(1)

    def count(weight: Tensor) -> Tensor:
        return torch.zeros(len(photo), bins**3, device=photo.device).scatter_add_(1, flat, weight.flatten(1))

    face, other = count(inlier), count(outlier)
    # A colour that the face has too says little: without this, every misfit would teach that skin is an occluder.
    own = other * other / (face + other).clamp(min=1e-6)
    total = other.sum(1, keepdim=True) + c.pseudo_share * (face + other).sum(1, keepdim=True)
    density = own / total.clamp(min=1.0) * bins**3
    learned = density.gather(1, flat).view_as(outlier)
    return torch.log(c.uniform_density * (0.5 + 0.5 * learned))


def _masked_blur(values: Tensor, region: Tensor, sigma: float) -> Tensor:
    size = values.shape[-1]
    both = gaussian_blur(torch.cat([values * region, region], dim=1), sigma * size / 224)
    return both[:, :1] / both[:, 1:].clamp(min=1e-3)


def _shift(values: Tensor, by: int, dim: int) -> Tensor:
    return torch.roll(values, -by, dims=dim)


def _couplings(photo: Tensor, region: Tensor, c: VisibleFaceConfig) -> tuple[Tensor, Tensor]:
    """Coupling with the right and the lower neighbour, ``(B, 1, H, W)``; none across the region's rim."""
    result = []
    for dim in (3, 2):
        difference = (_shift(photo, 1, dim) - photo).square().sum(1, keepdim=True)
        inside = region * _shift(region, 1, dim)
        inside.select(dim, -1).zero_()
        result.append(c.coupling * inside * torch.exp(-difference / (2 * c.contrast**2)))
    return result[0], result[1]
