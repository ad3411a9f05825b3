"""Mending the depth of the source's mean face around the nose's bridge.

The source's artists drew flat bridges and deep inner corners of the eyes. Fits of photos cannot mend that: hardly a
pixel of a frontal photo says how deep a point lies, and no mode of identity moves these places alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator

RELIEF = {
    27: (0.0, 0.4, 1.7),
    28: (0.0, 0.9, 1.6),
    29: (0.0, 0.9, 1.5),
    30: (0.0, 0.1, 1.0),
    39: (-0.9, -0.3, 1.8),
    42: (0.9, -0.3, 1.8),
}
"""mm to the subject's left, up and forward, by iBUG landmark: mean offsets from the source's mean face to the surface
of MediaPipe's canonical face model (Apache-2.0) after the best similarity, of the vertices nearest to each landmark.
Lids and lips of that mesh are too coarse to be compared. Its brows lie up to 1.2 mm farther back: moved as well, fits
of faces of another model got worse. All other landmarks stay."""

SMOOTHING = 0.3
"""Of the spline, which need not meet the offsets exactly."""

ASIDE, BEHIND = 1.3, 60.0
"""Where the head behind the face stays put: beside the contour's landmarks, and mm behind them."""


def relief(vertices: NDArray, landmarks: NDArray, mirror: NDArray) -> NDArray:
    """``(V, 3)`` mm that a mean face ``(V, 3)`` is to be moved by.

    Args:
        vertices: mm, the face looks along z.
        landmarks: ``(68, 3)`` its iBUG points.
        mirror: ``(V,)`` left-right partner of every vertex.
    """
    wanted = np.zeros((68, 3))
    wanted[list(RELIEF)] = list(RELIEF.values())
    behind = landmarks[:17] * [ASIDE, 1, 1] - [0, 0, BEHIND]
    anchors = np.concatenate([landmarks, behind])
    spline = RBFInterpolator(anchors, np.concatenate([wanted, np.zeros_like(behind)]), smoothing=SMOOTHING)
    moved = spline(np.asarray(vertices, np.float64))
    return np.asarray((moved + moved[mirror] * [-1, 1, 1]) / 2)
