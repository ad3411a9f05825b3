"""Landmarks: where 68 iBUG points of the fit should be."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..constants import constant
from .robust import cauchy

REFERENCE_SIZE = 224
"""Side of the picture, in pixels, in whose pixels landmark terms count."""

CONTOUR = tuple(range(17))
"""iBUG points on the jaw line."""

EMPHASISED = (28, 29, 30, *range(60, 68))
"""Nose bridge and inner mouth, ..."""

EMPHASIS = 20.0
"""... which weigh so much in the paper; the weight stands inside the square, so 400 times as much."""

_WEIGHTS = tuple(EMPHASIS if point in EMPHASISED else 1.0 for point in range(68))

AROUND = 2
"""Pixels in each direction around a landmark that say whether it is seen: a window of 5 x 5."""


@dataclass(frozen=True)
class LandmarkNoise:
    """How far landmarks are trusted; lengths in pixels of a 224 pixel crop, about millimetres.

    Attributes:
        sigma: standard deviation of an inner point.
        contour_sigma: standard deviation of a point on the jaw line.
        kernel: squared normalised distance at which a point's pull is halved.
        hidden_trust: what is left of the weight of a point under an occluder: a detector guesses it from the rest.
    """

    sigma: float = 1.5
    contour_sigma: float = 4.0
    kernel: float = 9.0
    hidden_trust: float = 0.2


def landmark(landmarks: Tensor, projected_landmarks: Tensor, image_size: int) -> Tensor:
    r"""Mean square distance :math:`\frac{1}{136}\sum_{i}(w_i (l_i - \hat l_i))^2` over 68 x 2 coordinates, per photo.

    w is 20 for nose bridge and inner mouth, 1 elsewhere; unit: square pixels of a 224 pixel crop. Hidden points count
    like others. FOCUS (Li et al., CVPR 2023), pretraining and encoder's step.

    Args:
        landmarks: ``(B, 68, 2)`` pixels, as detected.
        projected_landmarks: ``(B, 68, 2)`` pixels, the model's.
        image_size: side of the picture those pixels belong to.

    Returns:
        ``(B,)``.
    """
    weight = constant(_WEIGHTS, landmarks)
    offset = (landmarks - projected_landmarks) * (REFERENCE_SIZE / image_size)
    return (weight[:, None] * offset).square().mean((1, 2))


def visible_landmark(
    landmarks: Tensor,
    projected_landmarks: Tensor,
    landmark_visibility: Tensor,
    image_size: int,
    landmark_noise: LandmarkNoise,
) -> Tensor:
    r"""Robust distance of visible points :math:`\frac{1}{68}\sum_i t_i\,\frac12\rho(|l_i - \hat l_i|^2 / \sigma_i^2)`.

    Per photo. :math:`\rho` is the Cauchy kernel, :math:`t_i = h + (1 - h) v_i` for a point seen with probability v.
    Give the jaw line's points as :mod:`.contour` finds them.

    Args:
        landmarks: ``(B, 68, 2)`` pixels, as detected.
        projected_landmarks: ``(B, 68, 2)`` pixels, the model's.
        landmark_visibility: ``(B, 68)`` v, no gradient; see :func:`landmark_visibility_of`.
        image_size: side of the picture those pixels belong to.
        landmark_noise: how far points are trusted.

    Returns:
        ``(B,)``.
    """
    sigma = landmarks.new_full((landmarks.shape[1],), landmark_noise.sigma)
    sigma[: len(CONTOUR)] = landmark_noise.contour_sigma
    offset = (landmarks - projected_landmarks) * (REFERENCE_SIZE / image_size)
    energy = 0.5 * cauchy(offset.square().sum(-1) / sigma**2, landmark_noise.kernel)
    trust = landmark_noise.hidden_trust + (1 - landmark_noise.hidden_trust) * landmark_visibility.detach()
    return (trust * energy).mean(1)


@torch.no_grad()
def landmark_visibility_of(landmarks: Tensor, region: Tensor, visible: Tensor) -> Tensor:
    """What a posterior says around each landmark; 1 where it lies outside the region, of which nothing is known.

    Args:
        landmarks: ``(B, L, 2)`` pixels.
        region: ``(B, 1, H, W)`` 1 where the model projects.
        visible: ``(B, 1, H, W)`` posterior, 0 outside the region.

    Returns:
        ``(B, L)`` in [0, 1].
    """
    both = torch.cat([visible * region, region], dim=1)
    extent = constant((both.shape[-1] - 1, both.shape[-2] - 1), landmarks)
    inside = landmarks.clamp(min=0).minimum(extent)
    steps = torch.arange(-AROUND, AROUND + 1.0, device=landmarks.device)
    window = torch.cartesian_prod(steps, steps)
    grid = 2 * (inside[:, :, None] + window) / extent - 1
    values = F.grid_sample(both, grid, align_corners=True).mean(3)
    return (values[:, 0] + 0.05) / (values[:, 1] + 0.05)
