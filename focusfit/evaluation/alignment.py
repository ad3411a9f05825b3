"""Similarity transforms between corresponding points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Similarity:
    """``x -> scale * rotation @ x + offset``.

    Attributes:
        scale: positive.
        rotation: ``(3, 3)``, proper.
        offset: ``(3,)``.
    """

    scale: float
    rotation: NDArray[np.float64]
    offset: NDArray[np.float64]

    def apply(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Map ``points (N, 3)``."""
        return self.scale * points @ self.rotation.T + self.offset

    def undo(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Map ``points (N, 3)`` back."""
        return (points - self.offset) @ self.rotation / self.scale


def best_similarity(source: NDArray[np.floating], target: NDArray[np.floating]) -> Similarity:
    """The similarity that takes ``source (N, 3)`` to ``target (N, 3)`` with the least sum of squared distances.

    S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991.

    Raises:
        ValueError: the source points coincide.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    source_centre, target_centre = source.mean(0), target.mean(0)
    spread = np.sum((source - source_centre) ** 2)
    if not spread > 0:
        raise ValueError("the points coincide")
    left, stretch, right = np.linalg.svd((target - target_centre).T @ (source - source_centre))
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    rotation = left * signs @ right
    scale = float(stretch @ signs / spread)
    return Similarity(scale, rotation, target_centre - scale * rotation @ source_centre)
