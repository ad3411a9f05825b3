"""Other cameras and other light, batched on the device: nothing here moves a pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from ..imaging.blur import gaussian_blur_each
from .counter_random import uniform

SHADE_SALT = 0x71A2C9E5
"""Other draws than those of the colours."""

SOFTEST, SHARPEST = 0.7, 25.0
"""Steepness of a shade's edge, in half views."""


@dataclass(frozen=True)
class ColourJitter:
    """Ranges of uniform draws.

    Attributes:
        exposure: largest factor on all colours, either way, as its logarithm.
        cast: largest factor on one colour, either way, as its logarithm.
        gamma: largest exponent, either way, as its logarithm.
        saturation: least and greatest factor on the distance from grey.
        grey: share of photos without colour.
        blur: largest standard deviation in pixels, of every third photo.
        noise: largest standard deviation.
        shade: largest factor between light and shade on either side of a line, as half its logarithm; the line may be
            sharp like a shadow's edge, or as soft as the photo is wide.
    """

    exposure: float = 0.25
    cast: float = 0.12
    gamma: float = 0.3
    saturation: tuple[float, float] = (0.5, 1.4)
    grey: float = 0.08
    blur: float = 1.2
    noise: float = 0.04
    shade: float = 0.0


def jitter_colours(photo: Tensor, seeds: Tensor, ranges: ColourJitter) -> Tensor:
    """``(B, 3, S, S)`` in [0, 1] with other colours; each photo's change depends on its seed ``(B,)`` alone."""
    draws = uniform(seeds ^ 0x5DEECE66D, 12)
    between = lambda column, low, high: (low + (high - low) * draws[:, column])[:, None, None, None]  # noqa: E731
    either = lambda column, most: between(column, -most, most).exp()  # noqa: E731
    cast = torch.cat([either(column, ranges.cast) for column in (1, 2, 3)], dim=1)
    image = photo * either(0, ranges.exposure) * cast
    if ranges.shade > 0:
        image = image * _shade(uniform(seeds ^ SHADE_SALT, 4), photo.shape[-1], ranges.shade)
    image = image.clamp(1e-4, 1).pow(either(4, ranges.gamma))
    grey = image.mean(1, keepdim=True)
    kept = between(5, *ranges.saturation) * (draws[:, 6] >= ranges.grey)[:, None, None, None]
    image = grey + kept * (image - grey)
    image = gaussian_blur_each(image, ranges.blur * (3 * draws[:, 7] - 2).clamp(min=0), radius=3)
    strength = ranges.noise * draws[:, 8].square()[:, None, None, None]
    return (image + strength * _noise(image, draws[:, 9])).clamp(0, 1)


def _shade(draws: Tensor, size: int, most: float) -> Tensor:
    """``(B, 1, S, S)`` factors, from ``draws (B, 4)``."""
    angle, offset, sharpness, strength = (draws[:, k, None, None] for k in range(4))
    line = (torch.arange(size, device=draws.device) + 0.5) * (2 / size) - 1
    across = (2 * math.pi * angle).cos() * line + (2 * math.pi * angle).sin() * line[:, None] - (1.6 * offset - 0.8)
    side = torch.tanh(across * (SOFTEST * (SHARPEST / SOFTEST) ** sharpness))
    return (most * strength * side).exp()[:, None]


def _noise(image: Tensor, phase: Tensor) -> Tensor:
    """Grain of unit deviation: one tile for all, shifted by each photo's ``phase (B,)`` in [0, 1)."""
    channels, height, width = image.shape[1:]
    tile = _grain(2 * height, width, image.device)
    first = (phase * height).long()
    rows = first[:, None] + torch.arange(height, device=image.device)
    grain = tile[rows][:, None]
    return torch.cat([grain.roll(17 * channel, dims=-1) for channel in range(channels)], dim=1)


@lru_cache(maxsize=8)
def _grain(height: int, width: int, device: torch.device) -> Tensor:
    return torch.randn(height, width, generator=torch.Generator().manual_seed(0)).to(device)
