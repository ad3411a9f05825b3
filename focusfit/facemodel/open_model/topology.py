"""From the subdivided head to the face mesh: eyes, mouth and rim."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from .source import AnnyWheel, HeadMesh
from .subdivision import catmull_clark, fine_corner_values
from .surface import cut_field, cut_surface, grow, nose_tip, seen_from_outside, triangulate

EYEBALL_INFLATION = 1.0515
"""Subdivision shrinks the coarse eyeballs; this restores their radius."""

MOUTH_RINGS = 3
"""Rows of quads kept behind the lips, so that lips which do not quite meet show mucosa, not a hole."""

LID_RINGS = 5
"""Rows of quads kept behind the edges of the lids, so that no gap opens between lid and eyeball."""

EYEBALL_DEPTH = 3.0
"""mm behind its centre to which an eyeball is kept."""

SOCKET_REACH, SCREEN_REACH = 19.0, 26.0
"""Distances (mm) from an eyeball's centre: the socket's hidden inside is nearer than the first; what can hide it is
nearer than the second."""


@dataclass(frozen=True, eq=False)
class FaceTopology:
    """The face mesh and how its vertices follow from the source's head.

    Attributes:
        matrix: ``(V, H)`` sparse: source head vertices to face vertices; rows sum to 1.
        triangles: ``(F, 3)``.
        mirror: ``(V,)``.
        source_uv: ``(V, 2)`` the source's texture coordinates, for its painted masks.
        eye: ``(V,)`` 0 skin, 1 left and 2 right eyeball.
        mouth_depth: ``(V,)`` 0 outside, then 1, 2, ... rings behind the line where the lips meet (that line is 1).
        rim: ``(V,)`` bool, the outer edge.
    """

    matrix: sp.csr_matrix
    triangles: NDArray
    mirror: NDArray
    source_uv: NDArray
    eye: NDArray
    mouth_depth: NDArray
    rim: NDArray


def build_topology(wheel: AnnyWheel, mean: NDArray) -> FaceTopology:
    """Subdivide the head, drop what is never seen, and cut the rim where the mean head says.

    Args:
        wheel: the source.
        mean: ``(H, 3)`` mirror-symmetric mean of the population, source head vertices.
    """
    head = wheel.head
    sub = catmull_clark(len(head.vertices), head.quads)
    eye = np.rint(sub.linear @ head.eye).astype(np.int64)
    refine = _inflate_eyeballs(eye) @ sub.matrix
    corner_uv = fine_corner_values(head.quad_uv)
    quads, mirror = sub.quads, fine_mirror(head, sub.linear)
    fine = refine @ mean

    mouth = wheel.mask("inside-mouth", corner_uv.mean(1)) > 0.5
    depth = _mouth_depth(mouth, quads, len(fine))
    kept = ~mouth | (depth[quads].max(1) <= MOUTH_RINGS + 1)
    kept &= _visible_near_eyes(refine @ head.vertices, quads, eye, mirror)
    kept &= (cut_field(fine) < 20)[quads].any(1)
    surface = cut_surface(cut_field(fine), triangulate(quads[kept]), mirror)

    uv = np.zeros((len(fine), 2))
    uv[quads[::-1].reshape(-1)] = corner_uv[::-1].reshape(-1, 2)
    nearest = np.asarray(abs(surface.matrix).argmax(axis=1)).reshape(-1)
    field = surface.matrix @ cut_field(fine)
    return FaceTopology(
        matrix=sp.csr_matrix(surface.matrix @ refine),
        triangles=surface.triangles,
        mirror=surface.mirror,
        source_uv=uv[nearest],
        eye=eye[nearest],
        mouth_depth=depth[nearest],
        rim=open_border(surface.triangles) & (field > -5) & (eye[nearest] == 0),
    )


def open_border(triangles: NDArray) -> NDArray:
    """``(V,)`` bool: vertices on an edge that has only one triangle."""
    edges = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    border = np.zeros(triangles.max() + 1, dtype=bool)
    border[unique[count == 1]] = True
    return border


def fine_mirror(head: HeadMesh, linear: sp.csr_matrix) -> NDArray:
    """``(V',)`` partners of the fine vertices: those whose parents are the partners' parents."""
    parents = [tuple(sorted(row)) for row in np.split(linear.indices, linear.indptr[1:-1])]
    index = {key: i for i, key in enumerate(parents)}
    return np.array([index[tuple(sorted(head.mirror[list(key)]))] for key in parents])


def _inflate_eyeballs(eye: NDArray) -> sp.csr_matrix:
    """``(V', V')``: eyeball vertices move away from their eyeball's centre, the rest stay."""
    result = sp.lil_matrix(sp.eye(len(eye)))
    for side in (1, 2):
        ball = np.flatnonzero(eye == side)
        block = np.full((len(ball), len(ball)), (1 - EYEBALL_INFLATION) / len(ball))
        block[np.diag_indices(len(ball))] += EYEBALL_INFLATION
        result[np.ix_(ball, ball)] = block
    return sp.csr_matrix(result)


def _mouth_depth(mouth: NDArray, quads: NDArray, count: int) -> NDArray:
    """``(V',)``: 0 outside the mouth, 1 on the line where it begins, then one more per ring inwards."""
    depth = np.zeros(count, dtype=np.int64)
    reached = np.zeros(count, dtype=bool)
    reached[quads[~mouth]] = True
    inside = np.zeros(count, dtype=bool)
    inside[quads[mouth]] = True
    depth[reached & inside] = 1
    level = 1
    while (inside & ~reached).any() and level < 60:
        touched = quads[mouth & reached[quads].any(1)]
        fresh = np.setdiff1d(touched, np.flatnonzero(reached))
        level += 1
        depth[fresh] = level
        reached[fresh] = True
    return depth


def _visible_near_eyes(vertices: NDArray, quads: NDArray, eye: NDArray, mirror: NDArray) -> NDArray:
    """``(Q,)`` bool: False inside the sockets and at the backs of the eyeballs, but for some rings."""
    centres = vertices[quads].mean(1)
    normal = np.cross(vertices[quads[:, 2]] - vertices[quads[:, 0]], vertices[quads[:, 3]] - vertices[quads[:, 1]])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    from_eye = centres - vertices[eye == 1].mean(0)
    distance = np.linalg.norm(from_eye, axis=1)
    hidden = distance < SOCKET_REACH
    doubtful = np.flatnonzero(hidden & (from_eye[:, 2] > 0))
    screen = triangulate(quads[(distance < SCREEN_REACH) & (from_eye[:, 2] > -5)])
    seen = seen_from_outside(centres[doubtful] + 0.05 * normal[doubtful], normal[doubtful], vertices, screen)
    hidden[doubtful[seen]] = False
    key = {frozenset(quad): i for i, quad in enumerate(quads.tolist())}
    partner = np.array([key[frozenset(quad)] for quad in mirror[quads].tolist()])
    visible = grow(~(hidden | hidden[partner]), quads, LID_RINGS)
    return visible & (_main_part(visible & (eye[quads[:, 0]] == 0), quads) | (eye[quads[:, 0]] > 0))


def _main_part(chosen: NDArray, quads: NDArray) -> NDArray:
    """``(Q,)`` bool: the largest connected part of the chosen quads."""
    q = quads[chosen]
    count = quads.max() + 1
    sides = (q[:, [0, 1, 2]].reshape(-1), q[:, [1, 2, 3]].reshape(-1))
    label = connected_components(sp.coo_matrix((np.ones(q.size * 3 // 4), sides), shape=(count, count)), False)[1]
    return chosen & (label[quads[:, 0]] == np.bincount(label[q[:, 0]]).argmax())


__all__ = ["FaceTopology", "build_topology", "nose_tip", "open_border"]
