"""Colours of what hides a face, learned from the photo itself."""

from __future__ import annotations

import torch
from torch import Tensor

from .visible_face_config import VisibleFaceConfig


def occluder_log_density(photo: Tensor, inlier: Tensor, outlier: Tensor, c: VisibleFaceConfig) -> Tensor:
    """``(B, 1, H, W)`` of a colour under "something else": any at all, or one that outliers have and the face has not.

    Args:
        photo: ``(B, 3, H, W)``.
        inlier: ``(B, 1, H, W)`` what shows the face as far as is known.
        outlier: ``(B, 1, H, W)`` what does not.
        c: settings.
    """
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
