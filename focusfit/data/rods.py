"""Fans of rods: spread fingers, sticks, straws, bars; batched on the device."""

from __future__ import annotations

import math

import torch
from torch import Tensor

RODS = 5
"""Most in a fan."""

THIN, THICK = 0.025, 0.11
"""Half a rod's thickness, in half sides of the view."""


def fan_of_rods(draws: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Rods from one root towards the view's middle, and perhaps a palm where they begin.

    Args:
        draws: ``(B, 16)`` uniform in [0, 1).
        size: side of the view in pixels.

    Returns:
        ``(B, 1, S, S)`` share of each pixel that is hidden, and how bright the rods are there, darkest at their sides.
    """
    direction = 2 * math.pi * draws[:, 0:1]
    spread = (0.04 + 0.3 * draws[:, 1:2]) * (torch.arange(RODS, device=draws.device) - RODS // 2)
    angle = direction + spread + 0.06 * (draws[:, 2 : 2 + RODS] - 0.5)
    along = torch.stack([angle.cos(), angle.sin()], dim=-1)  # (B, R, 2)
    reach = 0.2 + 0.9 * draws[:, 7:8]
    target = 0.7 * draws[:, 8:10] - 0.35
    middle = torch.stack([direction.cos(), direction.sin()], dim=-1)
    root = target[:, None] - reach[..., None] * middle  # (B, 1, 2)
    length = reach + 0.4 * draws[:, 2 : 2 + RODS]
    half = THIN + (THICK - THIN) * draws[:, 10:11].square()
    distance = _distance(root, along, length, size) / half[..., None, None]
    absent = torch.arange(RODS, device=draws.device) > (RODS * draws[:, 11:12]).floor()
    distance = distance.masked_fill(absent[..., None, None], 99.0).amin(1)
    palm = _from(root[:, 0], size).norm(dim=-1) / (0.05 + 0.3 * draws[:, 12, None, None])
    distance = torch.where((draws[:, 13] < 0.5)[:, None, None], torch.minimum(distance, palm), distance)
    softness = half[..., None] * (size / 2) / (0.4 + 1.2 * draws[:, 14, None, None])
    hidden = (0.5 - (distance - 1) * softness).clamp(0, 1)
    relief = 1 - 0.5 * draws[:, 15, None, None] * distance.clamp(max=1).square()
    return hidden[:, None], relief[:, None]


def _from(points: Tensor, size: int) -> Tensor:
    """``(..., S, S, 2)``: the way from ``points (..., 2)`` to every pixel, in half sides of the view."""
    line = (torch.arange(size, device=points.device) + 0.5) * (2 / size) - 1
    grid = torch.stack([line.expand(size, size), line[:, None].expand(size, size)], dim=-1)
    return grid - points[..., None, None, :]


def _distance(root: Tensor, along: Tensor, length: Tensor, size: int) -> Tensor:
    """``(B, R, S, S)`` from segments that begin at ``root (B, 1, 2)``."""
    way = _from(root, size)
    x, y = along[..., 0, None, None], along[..., 1, None, None]
    on = (way[..., 0] * x + way[..., 1] * y).clamp(min=0).minimum(length[..., None, None])
    return torch.hypot(way[..., 0] - on * x, way[..., 1] - on * y)
