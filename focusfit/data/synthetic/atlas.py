"""The face unwrapped: what lies at every texel of a skin texture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...imaging.kernels.compile import exact

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Atlas:
    """Texels of a square texture over a face mesh; row 0 has v = 1.

    Attributes:
        size: side T in texels.
        uv: ``(V, 2)`` column and row of every vertex, in texels.
        corners: ``(T, T, 3)`` vertices of the triangle at each texel, of the nearest one outside the mesh.
        weights: ``(T, T, 3)`` barycentric weights.
        margin: ``(T, T)`` texels to the mesh, 0 on it.
    """

    size: int
    uv: Array
    corners: NDArray[np.int32]
    weights: Array
    margin: Array

    def spread(self, values: NDArray) -> Array:
        """Per-vertex ``values (V, ...)`` at every texel: ``(T, T, ...)``."""
        result = np.zeros((self.size, self.size, *values.shape[1:]), np.float32)
        for corner in range(3):
            weight = self.weights[..., corner].reshape(self.size, self.size, *([1] * (values.ndim - 1)))
            result += weight * values[self.corners[..., corner]].astype(np.float32)
        return result


def unwrap(uv: NDArray, triangles: NDArray, size: int) -> Atlas:
    """The atlas of a mesh with texture coordinates ``uv (V, 2)`` in [0, 1], v up."""
    from scipy.ndimage import distance_transform_edt

    place = (uv * [size - 1, 1 - size] + [0, size - 1]).astype(np.float32)
    face = np.full((size, size), -1, np.int32)
    weights = np.zeros((size, size, 3), np.float32)
    _rasterize(place, triangles.astype(np.int32), face, weights)
    margin, (row, column) = distance_transform_edt(face < 0, return_indices=True)
    corners = triangles[face[row, column]].astype(np.int32)
    return Atlas(size, place, corners, weights[row, column], margin.astype(np.float32))


@exact
def _rasterize(place, triangles, face, weights):  # type: ignore[no-untyped-def]
    """Which triangle each texel's centre lies in."""
    for t in range(triangles.shape[0]):
        i, j, k = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x0, y0, x1, y1, x2, y2 = place[i, 0], place[i, 1], place[j, 0], place[j, 1], place[k, 0], place[k, 1]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < 1e-9:
            continue
        for row in range(int(np.floor(min(y0, y1, y2))), int(np.ceil(max(y0, y1, y2))) + 1):
            for column in range(int(np.floor(min(x0, x1, x2))), int(np.ceil(max(x0, x1, x2))) + 1):
                b = ((column - x0) * (y2 - y0) - (x2 - x0) * (row - y0)) / area
                c = ((x1 - x0) * (row - y0) - (column - x0) * (y1 - y0)) / area
                inside = b >= -1e-4 and c >= -1e-4 and b + c <= 1 + 1e-4
                if inside and 0 <= row < face.shape[0] and 0 <= column < face.shape[1]:
                    face[row, column] = t
                    weights[row, column, 0], weights[row, column, 1], weights[row, column, 2] = 1 - b - c, b, c
