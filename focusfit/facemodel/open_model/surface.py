"""Which part of the head becomes the face mesh: hidden parts out, rim cut along a smooth curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

CUT_CENTRE = np.array([0.0, 8.0, 0.0])
CUT_RADIUS = 115.0
CUT_SCALE_ABOVE, CUT_SCALE_BELOW = 0.93, 1.06
"""The rim lies on two half ellipsoids about the nose tip (mm): before the ears, at the hairline, under the chin."""

THROAT_POINT, THROAT_NORMAL = np.array([0.0, -72.0, -68.0]), np.array([0.0, -0.8, -0.6])
"""A plane that cuts off where the underside of the chin turns down into the throat (mm from the nose tip)."""

CORNER_SOFTNESS = 3.0
"""mm over which ellipsoid and plane blend."""

SNAP = 0.3
"""An end of a cut edge that is nearer than this share of the edge moves onto the cut, so that no slivers arise."""


@dataclass(frozen=True, eq=False)
class FaceSurface:
    """The face mesh as linear combinations of the head's vertices.

    Attributes:
        matrix: ``(V, H)`` sparse, rows sum to 1.
        triangles: ``(F, 3)`` counter-clockwise from outside.
        mirror: ``(V,)``.
    """

    matrix: sp.csr_matrix
    triangles: NDArray
    mirror: NDArray


def nose_tip(vertices: NDArray) -> NDArray:
    """The foremost point of the midline."""
    middle = np.abs(vertices[:, 0]) < 5
    return vertices[np.argmax(np.where(middle, vertices[:, 2], -np.inf))] * [0, 1, 1]


def cut_field(vertices: NDArray) -> NDArray:
    """``(V,)`` mm, negative inside the face."""
    from_tip = vertices - nose_tip(vertices)
    offset = from_tip - CUT_CENTRE
    offset[:, 1] *= np.where(offset[:, 1] > 0, CUT_SCALE_ABOVE, CUT_SCALE_BELOW)
    face = np.linalg.norm(offset, axis=1) - CUT_RADIUS
    throat = (from_tip - THROAT_POINT) @ THROAT_NORMAL
    return CORNER_SOFTNESS * np.logaddexp(face / CORNER_SOFTNESS, throat / CORNER_SOFTNESS)


def triangulate(quads: NDArray) -> NDArray:
    """Two triangles a quad, split from the coarse corner to the coarse centre: a mirror-symmetric rule."""
    return quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)


def seen_from_outside(centres: NDArray, normals: NDArray, vertices: NDArray, triangles: NDArray) -> NDArray:
    """``(N,)`` bool: the point can be seen from some direction of the front half-space.

    Args:
        centres: ``(N, 3)`` points slightly off the surface.
        normals: ``(N, 3)`` of the surface there.
        vertices: ``(V, 3)`` of everything that can hide them.
        triangles: ``(F, 3)``.
    """
    seen = np.zeros(len(centres), dtype=bool)
    a = vertices[triangles[:, 0]]
    side1, side2 = vertices[triangles[:, 1]] - a, vertices[triangles[:, 2]] - a
    for direction in view_directions():
        normal = np.cross(direction, side2)
        determinant = (side1 * normal).sum(1)
        safe = np.where(np.abs(determinant) < 1e-12, np.inf, determinant)
        facing = np.flatnonzero(~seen & (normals @ direction > 0))
        for block in np.array_split(facing, len(facing) // 200 + 1):
            offset = centres[block][:, None] - a
            u = (offset * normal).sum(2) / safe
            across = np.cross(offset, side1)
            v = (across @ direction) / safe
            distance = (across * side2).sum(2) / safe
            hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (distance > 1e-6)
            seen[block] |= ~hit.any(1)
    return seen


def view_directions() -> NDArray:
    """Unit vectors towards cameras spread over yaw -80..80 and pitch -30..30 degrees."""
    turns = np.meshgrid(np.radians(np.arange(-80, 81, 32)), np.radians([-30, 0, 30]))
    yaw, pitch = (angle.ravel() for angle in turns)
    return np.stack([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)], axis=1)


def grow(chosen: NDArray, quads: NDArray, rings: int) -> NDArray:
    """Add the quads that touch the chosen ones, ``rings`` times."""
    for _ in range(rings):
        touched = np.zeros(quads.max() + 1, dtype=bool)
        touched[quads[chosen]] = True
        chosen = chosen | touched[quads].any(1)
    return chosen


def cut_surface(field: NDArray, triangles: NDArray, mirror: NDArray) -> FaceSurface:
    """Keep the part with ``field < 0``; the new rim follows ``field = 0`` exactly.

    Args:
        field: ``(H,)`` mirror-symmetric level function at the vertices.
        triangles: ``(F, 3)`` mirror-symmetric mesh.
        mirror: ``(H,)``.
    """
    field = field.copy()
    count = len(field)
    edges = np.unique(np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0)
    blend = _snap_to_cut(field, edges, mirror)
    crossing = edges[field[edges[:, 0]] * field[edges[:, 1]] < 0]
    share = field[crossing[:, 0]] / (field[crossing[:, 0]] - field[crossing[:, 1]])
    rows = np.arange(len(crossing))
    added = sp.csr_matrix(
        (np.r_[1 - share, share], (np.r_[rows, rows], crossing.T.reshape(-1))), shape=(len(crossing), count)
    )
    at_edge = {(a, b): count + i for i, (a, b) in enumerate(crossing.tolist())}
    pieces: list[tuple[int, int, int]] = []
    inside = (field[triangles] <= 0).all(1) & (field[triangles] < 0).any(1)
    pieces.extend(map(tuple, triangles[inside]))
    for triangle in triangles[~inside & (field[triangles] < 0).any(1)]:
        pieces.extend(_clip(triangle, field, at_edge))
    matrix = sp.csr_matrix(sp.vstack([blend, added @ blend]))
    reflected = np.sort(mirror[crossing], axis=1).tolist()
    partner = np.r_[mirror, [at_edge[a, b] for a, b in reflected]].astype(np.int64)
    kept = np.array(pieces)
    used = np.unique(kept)
    index = np.full(len(partner), -1)
    index[used] = np.arange(len(used))
    return FaceSurface(sp.csr_matrix(matrix[used]), index[kept], index[partner[used]])


def _snap_to_cut(field: NDArray, edges: NDArray, mirror: NDArray) -> sp.csr_matrix:
    """Slide vertices next to the cut along their shortest crossing edge onto it; clears their field values."""
    best: dict[int, tuple[float, int]] = {}
    for a, b in edges[field[edges[:, 0]] * field[edges[:, 1]] < 0]:
        for here, there in ((int(a), int(b)), (int(b), int(a))):
            share = field[here] / (field[here] - field[there])
            on_midline = mirror[here] == here
            leaves_midline = on_midline and mirror[there] != there
            nearest = here not in best or share < best[here][0] - 1e-9
            if share < SNAP and nearest and not leaves_midline:
                best[here] = (share, there)
    moved = np.array(sorted(best), dtype=np.int64)
    shares = np.array([best[i][0] for i in moved])
    towards = np.array([best[i][1] for i in moved], dtype=np.int64)
    field[moved] = 0
    own = np.ones(len(field))
    own[moved] = 1 - shares
    everyone = np.arange(len(field))
    places = (np.r_[everyone, moved], np.r_[everyone, towards])
    return sp.csr_matrix((np.r_[own, shares], places), shape=(len(field), len(field)))


def _clip(triangle: NDArray, field: NDArray, at_edge: dict[tuple[int, int], int]) -> list[tuple[int, int, int]]:
    """The part of one crossed triangle below zero, as triangles."""
    polygon: list[int] = []
    for here, there in zip(triangle, np.roll(triangle, -1), strict=True):
        if field[here] <= 0:
            polygon.append(int(here))
        if field[here] * field[there] < 0:
            polygon.append(at_edge[(int(min(here, there)), int(max(here, there)))])
    if len(polygon) == 4:
        # Start the fan at the deepest vertex, which is its mirror image's deepest vertex too.
        depth = [field[i] if i < len(field) else 0.0 for i in polygon]
        start = int(np.argmin(depth))
        polygon = polygon[start:] + polygon[:start]
    return [(polygon[0], polygon[i], polygon[i + 1]) for i in range(1, len(polygon) - 1)]
