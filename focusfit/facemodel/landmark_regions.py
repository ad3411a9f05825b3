"""Regions of the face drawn around its landmarks, for meshes that bring no region masks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from skimage.measure import points_in_poly

Points = NDArray[np.float64]
Mask = NDArray[np.bool_]

_EYES = ((36, 37, 38, 39, 40, 41), (42, 43, 44, 45, 46, 47))
_LIPS = tuple(range(48, 60))
_BROWS = (tuple(range(17, 22)), tuple(range(22, 27)))
_JAW = tuple(range(17))
_EYE_GROWTH = 1.15
_LIP_GROWTH = 1.05
_BROW_WIDTH_MM = 6.0
_JAW_WIDTH_MM = 14.0
_NOSE_MARGIN_MM = 4.0


def regions_around(points: Points, landmarks: Points) -> dict[str, Mask]:
    """Boolean masks ``(V,)``: eyes, brows, nose, lips and jaw, as seen from the front.

    Args:
        points: ``(V, 3)`` mean shape of the face alone, mm.
        landmarks: ``(68, 3)`` iBUG points on it.
    """
    front = points[:, :2]
    flat = landmarks[:, :2]
    return {
        "eyes": np.logical_or.reduce([_inside(front, flat[list(eye)], _EYE_GROWTH) for eye in _EYES]),
        "brows": np.logical_or.reduce([_near(points, landmarks[list(brow)], _BROW_WIDTH_MM) for brow in _BROWS]),
        "nose": _nose(front, flat),
        "lips": _inside(front, flat[list(_LIPS)], _LIP_GROWTH),
        "jaw": _near(points, landmarks[list(_JAW)], _JAW_WIDTH_MM),
    }


def _inside(front: Points, polygon: Points, growth: float) -> Mask:
    centre = polygon.mean(axis=0)
    return np.asarray(points_in_poly(front, centre + growth * (polygon - centre)))


def _nose(front: Points, flat: Points) -> Mask:
    """From the bridge to below the nostrils, as wide as the wings at its foot."""
    half_bridge = 0.4 * (flat[42, 0] - flat[39, 0])
    margin = np.array([_NOSE_MARGIN_MM, 0.0])
    aside, below = np.array([half_bridge, 0.0]), np.array([0.0, _NOSE_MARGIN_MM])
    corners = [flat[27] - aside, flat[27] + aside, flat[35] + margin, flat[33] - below, flat[31] - margin]
    return np.asarray(points_in_poly(front, np.array(corners)))


def _near(points: Points, line: Points, width: float) -> Mask:
    """Within ``width`` of the polyline ``(N, 3)``."""
    nearest = np.full(len(points), np.inf)
    for start, stop in pairwise(line):
        along = stop - start
        share = np.clip((points - start) @ along / (along @ along + 1e-12), 0, 1)
        nearest = np.minimum(nearest, np.linalg.norm(points - start - share[:, None] * along, axis=1))
    return nearest < width
