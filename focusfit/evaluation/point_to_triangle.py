"""Exact distance from points to a triangle mesh: a tree of boxes, compiled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..imaging.kernels.compile import exact

LEAF = 8
"""Triangles under a leaf of the tree."""

DEPTH = 64
"""Boxes that may wait during a descent; a balanced tree of 2^32 triangles needs fewer."""


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
        self._order, self._children, starts, ends = _build_tree(corners.mean(1))
        self._corners = np.ascontiguousarray(corners[self._order])
        self._spans = np.stack([starts, ends], 1)
        self._boxes = _boxes(self._corners, self._spans)

    def nearest(self, points: NDArray[np.floating]) -> NearestPoints:
        """The surface points nearest to ``points (P, 3)``."""
        points = np.ascontiguousarray(points, np.float64)
        squared, nearest, index = _descend(points, self._corners, self._boxes, self._spans, self._children)
        return NearestPoints(np.sqrt(squared), nearest, self._order[index])


def _build_tree(
    centres: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Halve the triangles along their longest extent until few are left; children are -1 at leaves."""
    order = np.arange(len(centres))
    children, starts, ends = [[-1, -1]], [0], [len(order)]
    waiting = [0]
    while waiting:
        node = waiting.pop()
        start, end = starts[node], ends[node]
        if end - start <= LEAF:
            continue
        part = order[start:end]
        axis = np.ptp(centres[part], axis=0).argmax()
        middle = (end - start) // 2
        order[start:end] = part[np.argpartition(centres[part, axis], middle)]
        children[node] = [len(starts), len(starts) + 1]
        starts += [start, start + middle]
        ends += [start + middle, end]
        children += [[-1, -1], [-1, -1]]
        waiting += children[node]
    return order, np.array(children), np.array(starts), np.array(ends)


def _boxes(corners: NDArray[np.float64], spans: NDArray[np.int64]) -> NDArray[np.float64]:
    """``(N, 2, 3)`` lowest and highest coordinates of each node."""
    low, high = corners.min(1), corners.max(1)
    return np.array([[low[start:end].min(0), high[start:end].max(0)] for start, end in spans])


@exact
def _descend(points, corners, boxes, spans, children):  # type: ignore[no-untyped-def]
    count = len(points)
    squared, nearest, index = np.full(count, np.inf), np.zeros((count, 3)), np.zeros(count, np.int64)
    waiting, bounds = np.zeros(DEPTH, np.int64), np.zeros(DEPTH)
    for p in range(count):
        point = points[p]
        waiting[0], bounds[0], top = 0, 0.0, 1
        while top > 0:
            top -= 1
            node = waiting[top]
            if bounds[top] >= squared[p]:
                continue
            if children[node, 0] < 0:
                for t in range(spans[node, 0], spans[node, 1]):
                    x, y, z = _closest(point, corners[t, 0], corners[t, 1], corners[t, 2])
                    d = (x - point[0]) ** 2 + (y - point[1]) ** 2 + (z - point[2]) ** 2
                    if d < squared[p]:
                        squared[p], index[p] = d, t
                        nearest[p, 0], nearest[p, 1], nearest[p, 2] = x, y, z
                continue
            left, right = children[node, 0], children[node, 1]
            to_left, to_right = _to_box(point, boxes[left]), _to_box(point, boxes[right])
            if to_left < to_right:  # the nearer one on top, to be opened first
                waiting[top], bounds[top], waiting[top + 1], bounds[top + 1] = right, to_right, left, to_left
            else:
                waiting[top], bounds[top], waiting[top + 1], bounds[top + 1] = left, to_left, right, to_right
            top += 2
    return squared, nearest, index


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
