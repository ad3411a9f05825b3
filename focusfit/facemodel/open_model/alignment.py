"""Taking rigid motion out of a set of shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RigidMotions:
    """One rigid motion a shape: ``(v - source) @ rotation + target``.

    Attributes:
        rotation: ``(N, 3, 3)``.
        source: ``(N, 1, 3)``.
        target: ``(3,)``.
    """

    rotation: NDArray
    source: NDArray
    target: NDArray

    def apply(self, shapes: NDArray) -> NDArray:
        """Move ``(N, V, 3)``, each by its own motion."""
        return np.matmul(shapes - self.source, self.rotation.astype(shapes.dtype)) + self.target.astype(shapes.dtype)


def rigid_motions(shapes: NDArray, target: NDArray, support: NDArray) -> RigidMotions:
    """The rotations and shifts that bring every shape onto ``target`` without scaling (Kabsch 1976).

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
    return RigidMotions((u * sign[:, None, :]) @ vt, centres[:, None], centre)


def rigid_align(shapes: NDArray, target: NDArray, support: NDArray) -> NDArray:
    """Every shape ``(N, V, 3)`` moved onto ``target`` by its :func:`rigid_motions`."""
    return rigid_motions(shapes, target, support).apply(shapes)


def align_population(shapes: NDArray, support: NDArray, rounds: int = 3) -> NDArray:
    """Generalised Procrustes alignment without scale: everybody onto the evolving mean."""
    target = shapes[0].astype(np.float64)
    for _ in range(rounds):
        shapes = rigid_align(shapes, target, support)
        target = shapes.mean(0, dtype=np.float64)
    return shapes
