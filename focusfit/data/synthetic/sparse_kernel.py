"""A sparse matrix times a few columns: for three of them scipy's loop costs more than the arithmetic."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from ...imaging.kernels.compile import fast

Array = NDArray[np.float32]


def times_points(matrix: sp.csr_matrix, points: Array) -> Array:
    """``(V, 3)``: ``matrix (V, W)`` times ``points (W, 3)``."""
    product = np.empty((matrix.shape[0], 3), np.float32)
    _multiply(matrix.indptr, matrix.indices, matrix.data, points, product)
    return product


@fast
def _multiply(starts, columns, weights, points, product):  # type: ignore[no-untyped-def]
    for row in range(product.shape[0]):
        x, y, z = np.float32(0), np.float32(0), np.float32(0)
        for n in range(starts[row], starts[row + 1]):
            column, weight = np.uintp(columns[n]), weights[n]
            x += weight * points[column, 0]
            y += weight * points[column, 1]
            z += weight * points[column, 2]
        product[row, 0], product[row, 1], product[row, 2] = x, y, z
