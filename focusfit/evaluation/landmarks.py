"""Errors of 68 landmarks, and which of them an occluder hides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

INNER = slice(17, 68)
"""The 51 points that are not on the contour."""

RADII = (0.02, 0.04, 0.08)
"""Neighbourhoods of a point in which a mask is asked, in box sizes."""


@dataclass(frozen=True, eq=False)
class HiddenPoints:
    """What masks say about points.

    Attributes:
        hidden: ``(K,)`` an occluder covers the point.
        known: ``(K,)`` the masks tell.
    """

    hidden: NDArray[np.bool_]
    known: NDArray[np.bool_]


def box_size(points: NDArray[np.floating]) -> float:
    """Square root of width times height of the points' bounding box."""
    return float(np.sqrt(np.prod(np.ptp(points, axis=0))))


def normalised_errors(predicted: NDArray[np.floating], truth: NDArray[np.floating]) -> NDArray[np.float64]:
    """``(K,)`` distances of points ``(K, 2)`` in % of the size of the true points' box."""
    return np.linalg.norm(predicted - truth, axis=1) / box_size(truth) * 100


def hidden_points(
    points: NDArray[np.floating], size: float, occluded: NDArray[np.bool_], region: NDArray[np.bool_] | None = None
) -> HiddenPoints:
    """Which points an occluder hides: most of the region near the point is occluded.

    Near is within 0.02 of ``size``, at least one pixel; where that misses the region, the radius doubles, up to 0.08.
    A point still without region is unknown. Points that only the head itself hides count as visible.

    Args:
        points: ``(K, 2)`` pixels, centres at integers.
        size: of the face's box, pixels.
        occluded: ``(H, W)``.
        region: ``(H, W)`` where the mask speaks; everywhere by default.
    """
    if region is None:
        region = np.ones_like(occluded)
    rows, columns = np.nonzero(region)
    covered = occluded[rows, columns]
    hidden, known = np.zeros(len(points), bool), np.zeros(len(points), bool)
    for index, (x, y) in enumerate(points):
        squared = (columns - x) ** 2 + (rows - y) ** 2
        for radius in RADII:
            near = squared <= max((radius * size) ** 2, 1)
            if near.any():
                known[index], hidden[index] = True, covered[near].mean() > 0.5
                break
    return HiddenPoints(hidden, known)
