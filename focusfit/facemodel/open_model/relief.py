"""Mending the depth of the source's mean face: its nose, and how far its lips stand out.

The source's artists drew low noses and lips that hardly curve around the teeth. Fits of photos cannot mend that: hardly
a pixel of a frontal photo says how deep a point lies, and no mode of identity moves these places alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline

STEP = 4.0
"""mm between rows and between columns of ``NOSE`` and ``LIPS``."""

NOSE_TOP, LIPS_TOP = 48.0, -16.0
"""mm above the tip of the nose of their first rows. Columns run outwards from the midline."""

NOSE = """
    0.0 0.0 0.0 0.0 0.0 0.0 0.0
    0.6 0.6 0.4 0.3 0.2 0.1 0.0
    1.9 1.8 1.7 1.6 0.9 0.2 0.0
    4.0 3.8 3.6 3.2 1.2 0.1 0.0
    5.8 5.4 4.8 3.5 1.3 0.1 0.0
    6.8 6.4 5.2 3.1 1.2 0.2 0.0
    7.3 6.9 5.2 2.9 1.1 0.3 0.0
    7.7 7.2 5.4 2.6 1.0 0.4 0.0
    7.9 7.3 5.6 2.6 0.9 0.4 0.0
    7.7 7.2 5.5 2.9 1.0 0.3 0.0
    6.8 6.3 4.8 2.8 0.9 0.3 0.0
    5.5 5.0 3.6 1.7 0.5 0.2 0.0
    3.8 3.3 2.0 0.3 -.3 0.1 0.0
    2.1 1.4 0.0 -1.1 -.8 0.0 0.0
    0.5 0.0 -.5 -.3 0.1 0.1 0.0
    0.2 0.2 0.4 0.6 0.4 0.2 0.0
    0.3 0.4 0.4 0.2 0.1 0.1 0.0
    0.0 0.0 0.0 0.0 0.0 0.0 0.0
"""
"""mm forward: how much nearer to the viewer the nose of MediaPipe's canonical face model (Apache-2.0) lies than that of
the source's mean face, after the best similarity of both surfaces, smoothed by 3 mm and faded out beside the nose."""

LIPS = """
    0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
    0.9 0.8 0.5 0.1 0.0 0.0 0.1 0.1 0.0
    1.5 1.3 0.9 0.3 0.0 -.1 0.1 0.1 0.0
    1.6 1.4 1.0 0.4 0.0 -.2 -.2 0.0 0.0
    0.8 0.7 0.5 0.2 -.1 -.4 -.6 -.6 0.0
    0.0 0.0 0.0 0.0 -.2 -.6 -1.1 -.9 0.0
    0.3 0.3 0.2 0.1 -.2 -.6 -.9 -.6 0.0
    0.5 0.6 0.5 0.3 0.0 -.3 -.3 -.2 0.0
    0.6 0.6 0.6 0.4 0.1 0.0 0.0 0.0 0.0
    0.2 0.2 0.2 0.2 0.1 0.0 0.0 0.0 0.0
    0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0 0.0
"""
"""mm forward, from 0.6 to 1.7 mm at the landmarks of the lips' outer edge and -1.2 mm at the corners of the mouth: what
MediaPipe's canonical face and the mean landmarks in the ``insightface`` wheel (MIT, ``meanshape_68``) both have more
than the source's mean face, after a similarity of the inner landmarks; the smaller of both where they agree in sign."""

FRONT, BEHIND = 40.0, 60.0
"""mm behind the tip of the nose between which the offsets fade out: the mouth's inside and the head stay."""


def relief(vertices: NDArray, tip: NDArray) -> NDArray:
    """``(V, 3)`` mm that the vertices of a mean face are to be moved by, all of it forward.

    Args:
        vertices: ``(V, 3)`` mm, symmetric to x = 0; the face looks along z.
        tip: ``(3,)`` of the nose, landmark 30.
    """
    across, up = np.abs(vertices[:, 0]), vertices[:, 1] - tip[1]
    forward = _at(NOSE, NOSE_TOP, across, up) + _at(LIPS, LIPS_TOP, across, up)
    offsets = np.zeros_like(vertices, np.float64)
    offsets[:, 2] = forward * np.clip((vertices[:, 2] - tip[2] + BEHIND) / (BEHIND - FRONT), 0, 1)
    return offsets


def _at(table: str, top: float, across: NDArray, up: NDArray) -> NDArray:
    """A table's values at places beside and above the tip of the nose, without a kink in the midline; 0 beside it."""
    rows = np.array([line.split() for line in table.strip().splitlines()], np.float64)[::-1]
    rows = np.hstack([rows[:, :0:-1], rows])
    high, wide = top - STEP * np.arange(len(rows))[::-1], STEP * (np.arange(rows.shape[1]) - rows.shape[1] // 2)
    spline = RectBivariateSpline(high, wide, rows, kx=3, ky=3)
    inside = (across < wide[-1]) & (up > high[0]) & (up < high[-1])
    return np.where(inside, spline.ev(np.clip(up, high[0], high[-1]), np.clip(across, 0, wide[-1])), 0.0)
