"""Other cameras and other light, batched on the device: nothing here moves a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .counter_random import uniform


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
    """

    exposure: float = 0.25
    cast: float = 0.12
    gamma: float = 0.3
    saturation: tuple[float, float] = (0.5, 1.4)
    grey: float = 0.08
    blur: float = 1.2
    noise: float = 0.04


def jitter_colours(photo: Tensor, seeds: Tensor, ranges: ColourJitter) -> Tensor:
    """``(B, 3, S, S)`` in [0, 1] with other colours; each photo's change depends on its seed ``(B,)`` alone."""
    draws = uniform(seeds ^ 0x5DEECE66D, 12)
    between = lambda column, low, high: (low + (high - low) * draws[:, column])[:, None, None, None]  # noqa: E731
    either = lambda column, most: between(column, -most, most).exp()  # noqa: E731
    cast = torch.cat([either(column, ranges.cast) for column in (1, 2, 3)], dim=1)
    image = photo * either(0, ranges.exposure) * cast
    image = image.clamp(1e-4, 1).pow(either(4, ranges.gamma))
    grey = image.mean(1, keepdim=True)
    kept = between(5, *ranges.saturation) * (draws[:, 6] >= ranges.grey)[:, None, None, None]
    image = grey + kept * (image - grey)
    image = _blurred(image, ranges.blur * (3 * draws[:, 7] - 2).clamp(min=0))
    strength = ranges.noise * draws[:, 8].square()[:, None, None, None]
    return (image + strength * _noise(image, draws[:, 9])).clamp(0, 1)


def _blurred(image: Tensor, sigma: Tensor) -> Tensor:
    """Each photo ``(B, C, S, S)`` with a Gaussian of its own standard deviation ``(B,)``, 0 for none."""
    batch, channels, height, width = image.shape
    x = torch.arange(-3, 4, device=image.device)
    kernel = torch.exp(-0.5 * (x / sigma.clamp(min=1e-2)[:, None]) ** 2)
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(channels, 0)
    flat = F.pad(image, (3, 3, 3, 3), mode="replicate").reshape(1, batch * channels, height + 6, width + 6)
    rows = F.conv2d(flat, kernel[:, None, None, :], groups=batch * channels)
    return F.conv2d(rows, kernel[:, None, :, None], groups=batch * channels).view(batch, channels, height, width)


def _noise(image: Tensor, phase: Tensor) -> Tensor:
    """Grain of unit deviation: one tile for all, shifted by each photo's ``phase (B,)`` in [0, 1)."""
    channels, height, width = image.shape[1:]
    tile = torch.randn(2 * height, width, generator=torch.Generator().manual_seed(0)).to(image)
    first = (phase * height).long()
    rows = first[:, None] + torch.arange(height, device=image.device)
    grain = tile[rows][:, None]
    return torch.cat([grain.roll(17 * channel, dims=-1) for channel in range(channels)], dim=1)
