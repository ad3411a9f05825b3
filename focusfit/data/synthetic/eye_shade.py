"""What lids keep from the eyeballs: they are the darker the nearer to a lid's edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .eyelashes import LOWER_LIDS, UPPER_LIDS

Array = NDArray[np.float32]

UPPER_REACH, LOWER_REACH = 2.6, 1.0
"""mm below, above a lid's edge at which most of the sky is seen that the lid hides right at its edge."""

UPPER_HIDES, LOWER_HIDES = 0.85, 0.35


def eye_openness(eyeballs: Array, landmarks: Array) -> Array:
    """``(N,)`` share of the sky that points of the eyeballs see between the lids.

    Args:
        eyeballs: ``(N, 3)`` mm, the face's own frame.
        landmarks: ``(68, 3)`` mm, iBUG points of the face with its expression.
    """
    openness = np.empty(len(eyeballs), np.float32)
    left = eyeballs[:, 0] > 0
    for upper, lower, here in zip(UPPER_LIDS, LOWER_LIDS, (~left, left), strict=True):
        x, y = eyeballs[here, 0], eyeballs[here, 1]
        below = np.maximum(_edge(landmarks[list(upper)], x) - y, 0)
        above = np.maximum(y - _edge(landmarks[list(lower)], x), 0)
        hidden = UPPER_HIDES * np.exp(-below / UPPER_REACH)
        openness[here] = (1 - hidden) * (1 - LOWER_HIDES * np.exp(-above / LOWER_REACH))
    return openness


def _edge(points: Array, x: Array) -> Array:
    """Height of a lid's edge at ``x``."""
    order = np.argsort(points[:, 0])
    return np.asarray(np.interp(x, points[order, 0], points[order, 1]), np.float32)
