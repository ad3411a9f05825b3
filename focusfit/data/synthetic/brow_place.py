"""Where on their foreheads people have their brows: skin slides along the bone, and the landmarks go with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .surface import unit_normals

Array = NDArray[np.float32]

BROW_LINES = ((21, 20, 19, 18, 17), (22, 23, 24, 25, 26))
"""Landmarks along the brows, from the nose to the temple; the subject's right side first."""

REACH = 9.0
"""mm above and below the brows over which the skin slides with them."""

LIDS_KEEP = 5.0
"""mm below which a lid's skin stays with the lid's edge."""

KNOTS = 5


@dataclass(frozen=True, eq=False)
class BrowPlace:
    """How skin moves with the brows.

    Attributes:
        vertices: ``(B,)`` those of the face that move.
        up: ``(B, 3)`` upwards along the surface, at the brow's middle a mm high for a mm of brow.
        knots: ``(B, 2 KNOTS)`` share of each place along the right, then the left brow.
    """

    vertices: NDArray[np.int64]
    up: Array
    knots: Array

    def moved(self, neutral: Array, heights: NDArray) -> Array:
        """A face ``(V, 3)`` whose brows are ``heights (2, KNOTS)`` mm higher at five places from nose to temple."""
        moved = neutral.copy()
        amount = self.knots @ heights.ravel().astype(np.float32)
        moved[self.vertices] += amount[:, None] * self.up
        return moved


def build_brow_place(mean: Array, triangles: NDArray[np.int64], landmarks: Array, eyeballs: Array) -> BrowPlace:
    """From the mean face ``(V, 3)`` mm and its ``(68, 3)`` iBUG points; ``eyeballs (V,)`` is 1 where nothing moves."""
    knots = np.zeros((len(mean), 2 * KNOTS))
    for side, (line, sign) in enumerate(zip(BROW_LINES, (-1, 1), strict=True)):
        points = landmarks[list(line)]
        along = np.abs(points[:, 0])
        x = np.abs(mean[:, 0])
        # beyond the brow's ends its skin fades out; across the face's middle both sides share it
        end = np.exp(-0.5 * (np.maximum(x - along[-1], 0) / REACH) ** 2)
        share = 1 / (1 + np.exp(-sign * mean[:, 0] / 4.0))
        above = mean[:, 1] - np.interp(x, along, points[:, 1])
        weight = share * end * np.exp(-0.5 * (above / REACH) ** 2)
        place = np.clip(np.interp(x, along, np.arange(KNOTS)), 0, KNOTS - 1)
        for knot in range(KNOTS):
            knots[:, side * KNOTS + knot] = weight * np.clip(1 - np.abs(place - knot), 0, 1)
    lid = np.interp(np.abs(mean[:, 0]), np.abs(landmarks[42:46, 0]), landmarks[[42, 43, 44, 45], 1])
    knots *= (np.clip((mean[:, 1] - lid) / LIDS_KEEP, 0, 1) * (eyeballs < 0.5))[:, None]
    vertices = np.flatnonzero(knots.sum(1) > 0.01)
    normals = unit_normals(mean, triangles)[vertices]
    up = np.array([0, 1, 0]) - normals * normals[:, 1:2]
    return BrowPlace(vertices, up.astype(np.float32), knots[vertices].astype(np.float32))
