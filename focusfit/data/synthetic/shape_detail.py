"""Shape that the face model's modes do not reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.random import Generator
from numpy.typing import NDArray

from .sparse_kernel import times_points

Array = NDArray[np.float32]

SCALES = ((22.0, 0.55), (11.0, 0.35), (5.0, 0.12))
"""Radius of the bumps and their standard deviation at a vertex, both mm."""

BUMPS = 24


@dataclass(frozen=True, eq=False)
class ShapeDetail:
    """Smooth random displacements, asymmetric, in every direction.

    Attributes:
        waves: ``(V, W)`` sparse, mm per standard deviation.
    """

    waves: sp.csr_matrix

    def draw(self, rng: Generator, strength: float) -> Array:
        """``(V, 3)`` mm of one person."""
        weights = rng.standard_normal((self.waves.shape[1], 3), np.float32) * np.float32(strength)
        return times_points(self.waves, weights)


def build_shape_detail(mean: Array, eyes: Array) -> ShapeDetail:
    """Gaussian bumps of several sizes around points spread over the face.

    Args:
        mean: ``(V, 3)`` mm.
        eyes: ``(V,)`` 1 on the eyeballs, which move as a whole.
    """
    rng = np.random.default_rng(7)
    anchors = mean.copy()
    for side in (-1, 1):
        ball = (eyes > 0.5) & (np.sign(mean[:, 0]) == side)
        anchors[ball] = mean[ball].mean(0)
    rows = []
    for radius, spread in SCALES:
        count = int(BUMPS * min(22.0 / radius, 3.0))
        centres = mean[rng.choice(len(mean), count, replace=False)]
        bumps = np.exp(-0.5 * (np.linalg.norm(anchors[None] - centres[:, None], axis=2) / radius) ** 2)
        bumps[bumps < 0.03] = 0
        rows.append(bumps * spread / np.sqrt((bumps**2).sum(0).mean()) / np.sqrt(3))
    return ShapeDetail(sp.csr_matrix(np.concatenate(rows).T.astype(np.float32)))
