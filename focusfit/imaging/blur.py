"""Gaussian blur of pictures."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def gaussian_blur(pictures: Tensor, sigma: float) -> Tensor:
    """All of ``(B, C, H, W)`` with one standard deviation in pixels, cut at three of them; borders are repeated."""
    return gaussian_blur_each(pictures, torch.full((1,), sigma, device=pictures.device), max(1, int(3 * sigma + 0.5)))


def gaussian_blur_each(pictures: Tensor, sigma: Tensor, radius: int) -> Tensor:
    """Each of ``(B, C, H, W)`` with its own standard deviation ``(B,)``, 0 for none, cut at ``radius``."""
    x = torch.arange(-radius, radius + 1, device=pictures.device)
    weights = torch.exp(-0.5 * (x / sigma.clamp(min=1e-2)[:, None]) ** 2)
    weights = (weights / weights.sum(1, keepdim=True)).to(pictures.dtype)
    padded = F.pad(pictures, (radius, radius, radius, radius), mode="replicate")
    return _filtered(_filtered(padded, weights, 3), weights, 2)


def _filtered(pictures: Tensor, weights: Tensor, dim: int) -> Tensor:
    """Weighted sums along ``dim``; convolutions of few channels with few weights take several times as long on CPUs."""
    taps = weights[..., None, None, None].unbind(1)
    length = pictures.shape[dim] - len(taps) + 1
    total = pictures.narrow(dim, 0, length) * taps[0]
    for offset in range(1, len(taps)):
        total.addcmul_(pictures.narrow(dim, offset, length), taps[offset])
    return total
