"""Taking rigid motion out of a set of shapes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def rigid_align(shapes: NDArray, target: NDArray, support: NDArray) -> NDArray:
    """Rotate and shift every shape onto ``target`` without scaling (Kabsch 1976).

    Args:
        shapes: ``(N, V, 3)``.
        target: ``(V, 3)``.
        support: ``(V,)`` bool, the vertices that decide the motion.
    """
    centre = target[support].mean(0)
    centres = shapes[:, support].mean(1)
    moment = np.einsum("nvi,vj->nij", shapes[:, support] - centres[:, None], target[support] - centre)
    u, _, vt = np.linalg.svd(moment)
    sign = np.ones((len(shapes), 3))
    sign[:, 2] = np.sign(np.linalg.det(u @ vt))
    rotation = (u * sign[:, None, :]) @ vt
    return np.matmul(shapes - centres[:, None], rotation.astype(shapes.dtype)) + centre.astype(shapes.dtype)


def align_population(shapes: NDArray, support: NDArray, rounds: int = 3) -> NDArray:
    """Generalised Procrustes alignment without scale: everybody onto the evolving mean."""
    target = shapes[0].astype(np.float64)
    for _ in range(rounds):
        shapes = rigid_align(shapes, target, support)
        target = shapes.mean(0, dtype=np.float64)
    return shapes
