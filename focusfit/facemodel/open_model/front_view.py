"""What an orthographic camera in front of the face sees, point by point: the map on which landmarks are placed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEP = 0.25
"""mm between the points of the map."""


@dataclass(frozen=True, eq=False)
class FrontView:
    """The visible surface over a regular grid in x and y.

    Attributes:
        vertices: ``(V, 3)`` mm.
        triangles: ``(F, 3)``.
        triangle: ``(H, W)`` index of the visible triangle, -1 where there is none; rows go up in y.
        weights: ``(H, W, 3)`` barycentric.
        origin: x and y of the grid's first point.
    """

    vertices: NDArray
    triangles: NDArray
    triangle: NDArray
    weights: NDArray
    origin: NDArray

    def pixel(self, x: NDArray | float, y: NDArray | float) -> tuple[NDArray, NDArray]:
        """Row and column of the grid point next to x, y (mm)."""
        column = np.rint((np.asarray(x) - self.origin[0]) / STEP).astype(int)
        row = np.rint((np.asarray(y) - self.origin[1]) / STEP).astype(int)
        height, width = self.triangle.shape
        return np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)

    def column(self, x: float) -> tuple[NDArray, NDArray]:
        """The visible points at one x: rows of the grid, bottom to top, and their y."""
        _, column = self.pixel(x, 0.0)
        rows = np.flatnonzero(self.triangle[:, column] >= 0)
        return rows, self.origin[1] + STEP * rows

    def sample(self, values: NDArray, row: NDArray, column: NDArray) -> NDArray:
        """Interpolate per-vertex ``values (V, ...)`` at grid points."""
        corners = values[self.triangles[self.triangle[row, column]]]
        weights = self.weights[row, column]
        return (corners * weights.reshape(*weights.shape, *[1] * (values.ndim - 1))).sum(axis=np.ndim(row))

    def glue(self, x: float, y: float) -> tuple[NDArray, NDArray]:
        """Vertices ``(3,)`` and weights ``(3,)`` of the visible surface point nearest to x, y in the view."""
        rows, columns = np.nonzero(self.triangle >= 0)
        distance = (self.origin[0] + STEP * columns - x) ** 2 + (self.origin[1] + STEP * rows - y) ** 2
        best = distance.argmin()
        row, column = rows[best], columns[best]
        return self.triangles[self.triangle[row, column]], self.weights[row, column]


def render_front_view(vertices: NDArray, triangles: NDArray) -> FrontView:
    """Fill the map, nearest surface first wins."""
    # Whole steps from zero: one column runs down the midline.
    low, high = np.floor(vertices[:, :2].min(0) / STEP) * STEP, vertices[:, :2].max(0)
    width, height = np.ceil((high - low) / STEP).astype(int) + 1
    depth = np.full((height, width), -np.inf)
    index = np.full((height, width), -1)
    weights = np.zeros((height, width, 3))
    grid = (vertices[:, :2] - low) / STEP
    corners = grid[triangles]
    first = np.ceil(corners.min(1)).astype(int)
    last = np.floor(corners.max(1)).astype(int)
    ab, ac = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    for t in np.flatnonzero((area > 1e-9) & (last >= first).all(1)):
        (x0, y0), (x1, y1) = first[t], last[t]
        x, y = np.meshgrid(np.arange(x0, x1 + 1) - corners[t, 0, 0], np.arange(y0, y1 + 1) - corners[t, 0, 1])
        w1 = (x * ac[t, 1] - y * ac[t, 0]) / area[t]
        w2 = (ab[t, 0] * y - ab[t, 1] * x) / area[t]
        w = np.stack([1 - w1 - w2, w1, w2], axis=2)
        z = w @ vertices[triangles[t], 2]
        window = np.s_[y0 : y1 + 1, x0 : x1 + 1]
        wins = (w >= -1e-9).all(2) & (z > depth[window])
        depth[window][wins] = z[wins]
        index[window][wins] = t
        weights[window][wins] = w[wins]
    return FrontView(vertices, triangles, index, weights, low)
