"""Texture coordinates: the skin as one disc without folds, the eyeballs as two small discs beside it."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import spsolve

DISC_RADIUS = 0.495
EYE_RADIUS = 0.065
WIDENING = 1.25
"""Radians of arc that the disc's radius spans: spreads the middle of the face, which a harmonic map shrinks."""


def flatten(vertices: NDArray, triangles: NDArray, mirror: NDArray, eye: NDArray, rim: NDArray) -> NDArray:
    """``(V, 2)`` in [0, 1], v up, mirror-symmetric about u = 1/2.

    The skin's rim goes to a circle and every other vertex to the weighted mean of its neighbours with Floater's
    positive mean-value weights (Floater 2003), which cannot fold; openings are closed with one vertex each first.

    Args:
        vertices: ``(V, 3)`` mean face, mm.
        triangles: ``(F, 3)``.
        mirror: ``(V,)``.
        eye: ``(V,)`` 0 skin, 1 left and 2 right eyeball.
        rim: ``(V,)`` bool outer edge.
    """
    uv = np.zeros((len(vertices), 2))
    skin = triangles[(eye[triangles] == 0).all(1)]
    loops = border_loops(skin)
    outer = max(loops, key=lambda loop: rim[loop].sum())
    points, closed = vertices, skin
    for loop in loops:
        if loop is not outer:
            lid = [(b, a, len(points)) for a, b in zip(loop, np.roll(loop, -1), strict=True)]
            closed = np.concatenate([closed, lid])
            points = np.concatenate([points, points[loop].mean(0, keepdims=True)])
    disc = _solve(points, closed, np.array(outer))[: len(vertices)]
    radius = np.linalg.norm(disc, axis=1, keepdims=True)
    disc = disc / np.maximum(radius, 1e-12) * np.arctan(radius * np.tan(WIDENING / 2)) / (WIDENING / 2)
    disc = (disc + disc[mirror] * [-1, 1]) / 2
    uv = 0.5 + DISC_RADIUS * disc
    for side, corner in ((1, 1 - 1.05 * EYE_RADIUS), (2, 1.05 * EYE_RADIUS)):
        ball = eye == side
        uv[ball] = [corner, 1 - 1.05 * EYE_RADIUS] + EYE_RADIUS * _unroll_ball(vertices[ball])
    return uv


def _unroll_ball(points: NDArray) -> NDArray:
    """``(N, 2)`` unit disc: azimuthal equidistant map of a ball's front about its forward axis."""
    low, high = points.min(0), points.max(0)
    radius = (high[0] - low[0]) / 2
    offset = points - [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, high[2] - radius]
    across = np.hypot(offset[:, 0], offset[:, 1])
    angle = np.arctan2(across, offset[:, 2])
    return offset[:, :2] * (angle / angle.max() / np.maximum(across, 1e-12))[:, None]


def border_loops(triangles: NDArray) -> list[list[int]]:
    """Closed chains of border vertices, in the direction of their triangles."""
    sides = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    known = set(map(tuple, sides.tolist()))
    following = {a: b for a, b in known if (b, a) not in known}
    loops = []
    while following:
        start, here = following.popitem()
        loop = [start]
        while here != start:
            loop.append(here)
            here = following.pop(here)
        loops.append(loop)
    return loops


def _solve(points: NDArray, triangles: NDArray, outer: NDArray) -> NDArray:
    """``(P, 2)`` positions in the unit disc."""
    count = len(points)
    rows, columns, weights = [], [], []
    for i in range(3):
        a, b, c = (triangles[:, (i + k) % 3] for k in range(3))
        ab, ac = points[b] - points[a], points[c] - points[a]
        lengths = np.linalg.norm(ab, axis=1), np.linalg.norm(ac, axis=1)
        half = np.arccos(np.clip((ab * ac).sum(1) / (lengths[0] * lengths[1]), -1, 1)) / 2
        for other, length in zip((b, c), lengths, strict=True):
            rows.append(a)
            columns.append(other)
            weights.append(np.tan(half) / length)
    matrix = sp.csr_matrix((np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), (count, count))
    fixed = np.zeros(count, dtype=bool)
    fixed[outer] = True
    used = np.asarray(matrix.sum(1)).reshape(-1) > 0
    free = used & ~fixed
    place = np.zeros((count, 2))
    offset = points[outer, :2] - [0, points[outer, 1].mean()]
    place[outer] = _circle(points[outer], offset)
    laplace = sp.diags(np.asarray(matrix.sum(1)).reshape(-1)) - matrix
    right = -laplace[free][:, fixed] @ place[fixed]
    place[free] = spsolve(laplace[free][:, free].tocsc(), right)
    return place


def _circle(loop: NDArray, offset: NDArray) -> NDArray:
    """``(N, 2)`` unit circle by arc length, the topmost midline point up."""
    step = np.linalg.norm(np.roll(loop, -1, axis=0) - loop, axis=1)
    length = np.r_[0, np.cumsum(step)[:-1]] / step.sum()
    top = np.argmin(np.abs(offset[:, 0]) - offset[:, 1])
    angle = np.pi / 2 + 2 * np.pi * (length - length[top])
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)
