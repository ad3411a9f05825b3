"""Normals of a mesh, in numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...imaging.kernels.normals import fill_normals

Array = NDArray[np.float32]


def unit_normals(vertices: Array, triangles: NDArray[np.int64]) -> Array:
    """``(V, 3)`` unit vertex normals, area-weighted."""
    points = np.ascontiguousarray(vertices, np.float32)
    normals, lengths = np.empty_like(points), np.empty(len(points), np.float32)
    fill_normals(points, triangles, normals, lengths)
    return normals
