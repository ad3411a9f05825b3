"""The bones of a hand at rest.

The hand's own frame: origin at the wrist, x to the thumb, y along the fingers, z out of the back of the hand, mm. It is
a left hand; a right one is its mirror image. Sizes are those of an average adult: length 186 mm, breadth 84 mm (ANSUR).
"""

from __future__ import annotations

import numpy as np

THUMB, INDEX, MIDDLE, RING, LITTLE = range(5)

ROOTS = np.array([[20, 18, -9], [27, 88, 1], [6, 92, 4], [-14, 87, 2], [-32, 78, -3]], float)
"""``(5, 3)`` where each digit begins: the thumb at its saddle joint, fingers at their knuckles."""

DIRECTIONS = np.array([[0.64, 0.74, -0.22], [0.17, 1, -0.06], [0.02, 1, -0.04], [-0.13, 1, -0.06], [-0.30, 1, -0.1]])
DIRECTIONS /= np.linalg.norm(DIRECTIONS, axis=1, keepdims=True)
"""``(5, 3)`` unit, along each digit at rest: slightly fanned, so that flesh does not grow together."""

LENGTHS = np.array([[44, 33, 24], [44, 26, 19], [49, 30, 20], [45, 28, 20], [36, 21, 18]], float)
"""``(5, 3)`` of the three bones of each digit, the last one up to 5 mm below the tip."""

RADII = np.array(
    [[14.5, 12.0, 10.3, 8.2], [11.2, 9.6, 8.4, 6.6], [11.4, 9.8, 8.6, 6.8], [10.8, 9.2, 8.0, 6.4], [9.6, 8.0, 7.0, 5.8]]
)
"""``(5, 4)`` of the flesh at the bones' ends."""

PADS = np.array([[-0.62, 0.18, -0.76], [0.0, 0, -1], [0.0, 0, -1], [0.0, 0, -1], [0.0, 0, -1]])
"""``(5, 3)`` roughly where each digit's pad faces at rest."""

SOFTNESS = np.array([[16, 9, 8], [15, 8, 7], [15, 8, 7], [14, 8, 7], [13, 7, 6]], float)
"""``(5, 3)`` half the length (mm) of flesh over which each joint's bending spreads."""


def joints() -> np.ndarray:
    """``(5, 4, 3)`` the ends of each digit's bones at rest, root first."""
    reach = np.concatenate([np.zeros((5, 1)), np.cumsum(LENGTHS, axis=1)], axis=1)
    return np.asarray(ROOTS[:, None] + reach[..., None] * DIRECTIONS[:, None])


def pads() -> np.ndarray:
    """``(5, 3)`` unit, square to the digits, where their pads face."""
    square = PADS - (PADS * DIRECTIONS).sum(1, keepdims=True) * DIRECTIONS
    return np.asarray(square / np.linalg.norm(square, axis=1, keepdims=True))


def bending_axes() -> np.ndarray:
    """``(5, 3)`` unit; turning by a positive angle about it closes the digit."""
    return np.cross(DIRECTIONS, pads())
