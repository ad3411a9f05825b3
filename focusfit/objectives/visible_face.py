"""E-step: which pixels of a photo show the modelled face.

Every pixel inside the rendered region shows either the face, up to noise and what the model cannot fit, or something
else: an occluder, whose colours are learned from the photo itself. The posterior is the mean-field solution of a
random field in which similar neighbours agree.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..imaging.blur import gaussian_blur
from .face_residuals import face_residuals
from .mean_field import mean_field
from .mixing_share import rebalanced
from .occluder_colours import occluder_log_density
from .visible_face_config import VisibleFaceConfig


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
    other = occluder_log_density(photo, inlier, outlier, config)
    low, high = config.clip
    evidence = (face - other + config.prior).clamp(low, high)
    evidence = _masked_blur(evidence, region, config.blur)
    if prior is not None:
        evidence = rebalanced(evidence + prior, prior, region, balance)
    belief = mean_field(evidence, *_couplings(photo, region, config), config.sweeps)
    return (0.5 + 0.5 * belief) * region


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
