"""Where hair grows and clothes begin on a head, by its place relative to the nose's tip."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

AXIS_DEPTH = -105.0
"""mm behind the nose's tip: the vertical axis about which directions are counted."""

HAIRLINE = np.array(
    [[0, 20, 36, 48, 58, 68, 78, 87, 94, 108, 124, 140, 180], [96, 97, 93, 74, 48, 30, 12, 6, 34, 40, 8, -24, -42]]
)
"""Degrees from the front and height (mm above the nose's tip) of the edge of the hair."""

NECKLINE_FRONT, NECKLINE_BACK = np.array([-168.0, -95.0]), np.array([-112.0, -205.0])
"""Height and depth (mm from the nose's tip) of a round neckline's lowest and highest points."""


def scalp_depth(from_tip: NDArray) -> NDArray:
    """``(V,)`` about mm inside the hairline of ``(V, 3)`` points, negative outside."""
    x, y, z = from_tip.T
    angle = np.degrees(np.arctan2(np.abs(x), z - AXIS_DEPTH))
    return y - np.interp(angle, *HAIRLINE)


def garment_depth(from_tip: NDArray) -> NDArray:
    """``(V,)`` about mm below the neckline of ``(V, 3)`` points, negative above."""
    along = NECKLINE_FRONT - NECKLINE_BACK
    normal = np.array([along[1], -along[0]]) / np.linalg.norm(along)
    normal *= np.sign(normal[0]) * -1
    return (from_tip[:, 1:] - NECKLINE_FRONT) @ normal
