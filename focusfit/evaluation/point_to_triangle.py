"""Exact distance from points to a triangle mesh: a tree of boxes, compiled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..imaging.kernels.compile import exact

LEAF = 4
"""Fewest triangles under a leaf of the tree; there are less than twice as many."""

DEPTH = 64
"""Boxes that may wait during a descent; the tree is balanced, so that this serves any mesh."""


@dataclass(frozen=True, eq=False)
class NearestPoints:
    """What is nearest to each of ``P`` points.

    Attributes:
        distance: ``(P,)`` in the mesh's unit.
        point: ``(P, 3)`` on the surface.
        triangle: ``(P,)`` the triangle it lies on.
    """

    distance: NDArray[np.float64]
    point: NDArray[np.float64]
    triangle: NDArray[np.int64]


class Surface:
    """A triangle mesh that can be asked for its nearest points.

    The answer is exact up to rounding: a box is passed over only when it is farther than a triangle already measured.
    Degenerate triangles count as the segments or points they are.

    Args:
        vertices: ``(V, 3)``, finite.
        triangles: ``(F, 3)`` vertex indices, at least one triangle.
    """

    def __init__(self, vertices: NDArray[np.floating], triangles: NDArray[np.integer]) -> None:
        if not len(triangles):
            raise ValueError("a surface needs a triangle")
        corners = np.asarray(vertices, np.float64)[np.asarray(triangles, np.int64)]
        if not np.isfinite(corners).all():
            raise ValueError("the mesh has coordinates that are not finite")
        self._order, self._starts = _sort_into_leaves(corners.mean(1))
        self._corners = np.ascontiguousarray(corners[self._order])
        self._boxes = _boxes(self._corners, self._starts)

    def nearest(self, points: NDArray[np.floating]) -> NearestPoints:
        """The surface points nearest to ``points (P, 3)``."""
        points = np.ascontiguousarray(points, np.float64)
        squared, nearest, index = _descend(points, self._corners, self._boxes, self._starts)
        return NearestPoints(np.sqrt(squared), nearest, self._order[index])


def _sort_into_leaves(centres: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Halve the triangles, all boxes of a level at once, each along its longest extent.

    Returns:
        ``(F,)`` the triangles in order of their leaves, and ``(L + 1,)`` where each leaf begins; L is a power of two.
    """
    order, starts = np.arange(len(centres)), np.array([0, len(centres)])
    while len(centres) >= 2 * LEAF * (len(starts) - 1):
        sorted_centres = centres[order]
        extent = np.maximum.reduceat(sorted_centres, starts[:-1]) - np.minimum.reduceat(sorted_centres, starts[:-1])
        box = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        order = order[np.lexsort((sorted_centres[np.arange(len(order)), extent.argmax(1)[box]], box))]
        starts = np.sort(np.concatenate([starts, (starts[:-1] + starts[1:]) // 2]))
    return order, starts


def _boxes(corners: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """``(2 L - 1, 2, 3)`` lowest and highest coordinates of each node; node n's children are 2 n + 1 and 2 n + 2."""
    low = np.minimum.reduceat(corners.min(1), starts[:-1])
    high = np.maximum.reduceat(corners.max(1), starts[:-1])
    levels = [np.stack([low, high], 1)]
    while len(levels[0]) > 1:
        pairs = levels[0].reshape(-1, 2, 2, 3)
        levels.insert(0, np.stack([pairs[:, :, 0].min(1), pairs[:, :, 1].max(1)], 1))
    return np.concatenate(levels)


@exact
def _descend(points, corners, boxes, starts):  # type: ignore[no-untyped-def]
    first_leaf = len(starts) - 2
    count = len(points)
    squared, nearest, index = np.full(count, np.inf), np.zeros((count, 3)), np.zeros(count, np.int64)
    waiting, bounds = np.zeros(DEPTH, np.int64), np.zeros(DEPTH)
    for p in range(count):
        point = points[p]
        if p > 0:  # neighbours in the list are often neighbours in space: what was nearest to the last is a first bound
            _measure(point, corners, index[p - 1], p, squared, nearest, index)
        waiting[0], bounds[0], top = 0, 0.0, 1
        while top > 0:
            top -= 1
            node = waiting[top]
            if bounds[top] >= squared[p]:
                continue
            if node >= first_leaf:
                for triangle in range(starts[node - first_leaf], starts[node - first_leaf + 1]):
                    _measure(point, corners, triangle, p, squared, nearest, index)
                continue
            left, right = 2 * node + 1, 2 * node + 2
            to_left, to_right = _to_box(point, boxes[left]), _to_box(point, boxes[right])
            if to_left < to_right:  # the nearer one on top, to be opened first
                waiting[top], bounds[top], waiting[top + 1], bounds[top + 1] = right, to_right, left, to_left
            else:
                waiting[top], bounds[top], waiting[top + 1], bounds[top + 1] = left, to_left, right, to_right
            top += 2
    return squared, nearest, index


@exact
def _measure(point, corners, triangle, p, squared, nearest, index):  # type: ignore[no-untyped-def]
    """Take the triangle's point if it is nearer than what is known."""
    x, y, z = _closest(point, corners[triangle, 0], corners[triangle, 1], corners[triangle, 2])
    d = (x - point[0]) ** 2 + (y - point[1]) ** 2 + (z - point[2]) ** 2
    if d < squared[p]:
        squared[p], index[p] = d, triangle
        nearest[p, 0], nearest[p, 1], nearest[p, 2] = x, y, z


@exact
def _to_box(point, box):  # type: ignore[no-untyped-def]
    """Squared distance to a box, 0 inside."""
    total = 0.0
    for k in range(3):
        outside = max(box[0, k] - point[k], point[k] - box[1, k], 0.0)
        total += outside * outside
    return total


@exact
def _closest(p, a, b, c):  # type: ignore[no-untyped-def]
    """The foot of the perpendicular where it falls inside the triangle, else the nearest point of an edge."""
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    wx, wy, wz = p[0] - a[0], p[1] - a[1], p[2] - a[2]
    uu, uv, vv = ux * ux + uy * uy + uz * uz, ux * vx + uy * vy + uz * vz, vx * vx + vy * vy + vz * vz
    uw, vw = ux * wx + uy * wy + uz * wz, vx * wx + vy * wy + vz * wz
    area = uu * vv - uv * uv
    if area > 1e-14 * uu * vv:
        s, t = (vv * uw - uv * vw) / area, (uu * vw - uv * uw) / area
        if s >= 0 and t >= 0 and s + t <= 1:
            return a[0] + s * ux + t * vx, a[1] + s * uy + t * vy, a[2] + s * uz + t * vz
    best = _closest_on_segment(p, a, b)
    for q in (_closest_on_segment(p, b, c), _closest_on_segment(p, c, a)):
        if _squared(p, q) < _squared(p, best):
            best = q
    return best


@exact
def _closest_on_segment(p, a, b):  # type: ignore[no-untyped-def]
    x, y, z = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    length = x * x + y * y + z * z
    t = 0.0
    if length > 0:
        t = min(max((x * (p[0] - a[0]) + y * (p[1] - a[1]) + z * (p[2] - a[2])) / length, 0.0), 1.0)
    return a[0] + t * x, a[1] + t * y, a[2] + t * z


@exact
def _squared(p, q):  # type: ignore[no-untyped-def]
    return (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 + (p[2] - q[2]) ** 2
