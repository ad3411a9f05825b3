"""One step of Catmull-Clark subdivision as a sparse matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Subdivision:
    """Finer mesh and the linear map that makes its vertices.

    Attributes:
        matrix: ``(V', V)`` sparse; applies to positions and, being linear, to offsets.
        quads: ``(4 Q, 4)`` finer quads; rows ``4 q .. 4 q + 3`` come from coarse quad ``q``, one at each corner.
        linear: ``(V', V)`` sparse; linear midpoints instead (for texture coordinates).
    """

    matrix: sp.csr_matrix
    quads: NDArray
    linear: sp.csr_matrix


def catmull_clark(vertex_count: int, quads: NDArray) -> Subdivision:
    """Catmull and Clark 1978, with the cubic B-spline rule (1/8, 3/4, 1/8) along open borders.

    Fine vertices are the coarse ones, then one per edge, then one per quad.
    """
    quad_count = len(quads)
    sides = np.stack([quads, np.roll(quads, -1, axis=1)], axis=2).reshape(-1, 2)
    edges, side_edge = np.unique(np.sort(sides, axis=1), axis=0, return_inverse=True)
    side_edge = side_edge.reshape(-1)
    edge_count = len(edges)
    faces_at_edge = np.bincount(side_edge, minlength=edge_count)
    border_edge = faces_at_edge == 1

    face_points = _matrix(np.repeat(np.arange(quad_count), 4), quads.reshape(-1), 0.25, (quad_count, vertex_count))
    middles = _matrix(np.repeat(np.arange(edge_count), 2), edges.reshape(-1), 0.5, (edge_count, vertex_count))
    edge_faces = _matrix(side_edge, np.repeat(np.arange(quad_count), 4), 0.5, (edge_count, quad_count))
    inner = sp.diags((~border_edge).astype(float))
    edge_points = sp.diags(np.where(border_edge, 1.0, 0.5)) @ middles + 0.5 * inner @ (edge_faces @ face_points)

    valence = np.bincount(edges.reshape(-1), minlength=vertex_count).astype(float)
    on_border = np.bincount(edges[border_edge].reshape(-1), minlength=vertex_count) > 0
    around_faces = _matrix(quads.reshape(-1), np.repeat(np.arange(quad_count), 4), 1.0, (vertex_count, quad_count))
    around_edges = _matrix(edges.reshape(-1), np.repeat(np.arange(edge_count), 2), 1.0, (vertex_count, edge_count))
    n = np.maximum(valence, 1)
    smooth = (
        sp.diags(1 / n**2) @ (around_faces @ face_points)
        + sp.diags(2 / n**2) @ (around_edges @ middles)
        + sp.diags((n - 3) / n)
    )
    # A border vertex sees only its two border neighbours: 3/4 itself + 1/8 each = 1/2 itself + 1/4 per edge middle.
    border_middles = around_edges @ sp.diags(border_edge.astype(float)) @ middles
    rim = 0.5 * sp.eye(vertex_count) + 0.25 * border_middles
    vertex_points = sp.diags((~on_border).astype(float)) @ smooth + sp.diags(on_border.astype(float)) @ rim

    edge_of = vertex_count + side_edge.reshape(-1, 4)
    centre = vertex_count + edge_count + np.arange(quad_count)
    fine = [np.stack([quads[:, i], edge_of[:, i], centre, edge_of[:, i - 1]], axis=1) for i in range(4)]
    return Subdivision(
        matrix=sp.csr_matrix(sp.vstack([vertex_points, edge_points, face_points])),
        quads=np.stack(fine, axis=1).reshape(-1, 4),
        linear=sp.csr_matrix(sp.vstack([sp.eye(vertex_count), middles, face_points])),
    )


def fine_corner_values(coarse: NDArray) -> NDArray:
    """Linear midpoints of per-corner values ``(Q, 4, C)`` to the fine quads' corners ``(4 Q, 4, C)``."""
    middle = (coarse + np.roll(coarse, -1, axis=1)) / 2
    centre = coarse.mean(1)
    fine = [np.stack([coarse[:, i], middle[:, i], centre, middle[:, i - 1]], axis=1) for i in range(4)]
    return np.stack(fine, axis=1).reshape(-1, 4, coarse.shape[2])


def _matrix(rows: NDArray, columns: NDArray, value: float, shape: tuple[int, int]) -> sp.csr_matrix:
    return sp.csr_matrix((np.full(len(rows), value), (rows, columns)), shape=shape)
