"""Where places on a face, seen from the front, lie in its texture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Array = NDArray[np.float32]

STEP = 0.5
"""mm between the points at which the place in the texture is tabulated."""


@dataclass(frozen=True, eq=False)
class SkinMap:
    """Where points of the mean face, seen from the front, lie in the texture.

    Attributes:
        grid: ``(H, W, 2)`` texels at steps of :data:`STEP` mm, x to the right and y down from ``corner``.
        corner: ``(2,)`` x and y of the grid's first point, mm.
        uv: ``(N, 2)`` texels of the skin's vertices.
        size: side of the texture.
        landmarks: ``(68, 2)`` x and y of the mean face.
    """

    grid: Array
    corner: Array
    uv: Array
    size: int
    landmarks: Array

    def texels(self, points: NDArray) -> Array:
        """``(..., 2)`` mm to texels."""
        high, wide = np.array(self.grid.shape[:2]) - 1.001
        x = np.clip((points[..., 0] - self.corner[0]) / STEP, 0, wide)
        y = np.clip((self.corner[1] - points[..., 1]) / STEP, 0, high)
        left, top = x.astype(np.intp), y.astype(np.intp)
        fx, fy = (x - left)[..., None], (y - top)[..., None]
        upper = self.grid[top, left] * (1 - fx) + self.grid[top, left + 1] * fx
        lower = self.grid[top + 1, left] * (1 - fx) + self.grid[top + 1, left + 1] * fx
        return np.asarray(upper * (1 - fy) + lower * fy, np.float32)


def build_skin_map(places: NDArray, uv: Array, size: int, landmarks: NDArray) -> SkinMap:
    """Interpolate between the skin's vertices at ``places (N, 2)`` mm, seen from the front."""
    low, high = places.min(0), places.max(0)
    x, y = np.arange(low[0], high[0] + STEP, STEP), np.arange(high[1], low[1] - STEP, -STEP)
    points = np.stack(np.meshgrid(x, y), axis=-1)
    distance, nearest = cKDTree(places).query(points, k=4)
    weight = 1 / (distance + 0.05) ** 2
    weight /= weight.sum(-1, keepdims=True)
    grid = (uv[nearest] * weight[..., None]).sum(-2).astype(np.float32)
    return SkinMap(grid, np.array([x[0], y[0]], np.float32), uv, size, landmarks.astype(np.float32))
