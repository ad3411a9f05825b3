"""Eyelashes: curves that stand off the lids' edges and move with them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.sparse.csgraph import dijkstra

Array = NDArray[np.float32]

UPPER_LIDS, LOWER_LIDS = ((36, 37, 38, 39), (42, 43, 44, 45)), ((36, 41, 40, 39), (42, 47, 46, 45))
"""Landmarks along the lids' edges."""

UPPER, LOWER = 30, 14
"""Bundles of lashes of one lid."""

BUNDLE = 0.35
"""mm, width of a bundle."""

STEPS = np.array([0.0, 0.35, 0.7, 1.0], np.float32)


@dataclass(frozen=True, eq=False)
class Eyelashes:
    """A person's lashes.

    Attributes:
        length: mm, of the upper lids' longest.
        curl: how far their tips bend back, about 0.5.
        colour: ``(3,)`` linear albedo.
    """

    length: float
    curl: float
    colour: Array


def draw_eyelashes(hair: NDArray, female: bool, rng: Generator) -> Eyelashes:
    """Random lashes of a person whose hair has the sRGB colour ``hair (3,)``; they are darker than that."""
    return Eyelashes(
        length=float(rng.uniform(3.5, 7.0) if female else rng.uniform(2.5, 5.5)),
        curl=float(rng.uniform(0.1, 0.9)),
        colour=(0.5 * np.minimum(hair, rng.uniform(0.1, 0.3)) ** 2).astype(np.float32),
    )


@dataclass(frozen=True, eq=False)
class LashRoots:
    """Where lashes grow.

    Attributes:
        edges: ``(N, 2)`` vertices of the face between which each lash is rooted.
        share: ``(N, 1)`` of the second one.
        ball: ``(N,)`` row of ``balls`` that each lash belongs to.
        balls: two arrays of vertices: the right and the left eyeball.
        upwards: ``(N, 1)`` 1 for upper lids, -1 for lower ones.
        length: ``(N, 1)`` about 1 for upper lids.
        lean: ``(N, 1)`` sideways, by chance.
    """

    edges: NDArray[np.int64]
    share: Array
    ball: NDArray[np.int64]
    balls: tuple[NDArray[np.int64], NDArray[np.int64]]
    upwards: Array
    length: Array
    lean: Array

    def curves(self, vertices: Array, length: float, curl: float) -> Array:
        """``(N, P, 3)`` mm on a face ``vertices (V, 3)``, roots first."""
        first, second = vertices[self.edges[:, 0]], vertices[self.edges[:, 1]]
        root = first + self.share * (second - first)
        middle = np.stack([(vertices[ball].max(0) + vertices[ball].min(0)) / 2 for ball in self.balls])[self.ball]
        out = root - middle
        out /= np.linalg.norm(out, axis=1, keepdims=True)
        across = np.array([1, 0, 0], np.float32) - out * out[:, :1]
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        up = self.upwards * np.cross(out, across)
        out = out - np.float32(0.15) * up + (self.lean + np.float32(0.02) * (root - middle)[:, :1]) * across
        s = STEPS[None, :, None]
        reach = self.length[:, None] * np.float32(length)
        curve = root[:, None] + reach * (s * out[:, None] + np.float32(curl) * s * s * up[:, None])
        return np.ascontiguousarray(curve, np.float32)


def lash_roots(mean: Array, triangles: NDArray[np.int64], eyeballs: Array, stops: NDArray) -> LashRoots:
    """Roots along the lids' edges of a face.

    Args:
        mean: ``(V, 3)`` mm.
        triangles: ``(F, 3)``.
        eyeballs: ``(V,)`` 1 on them.
        stops: ``(68,)`` vertex next to each iBUG point.
    """
    rng = np.random.default_rng(17)
    skin = eyeballs < 0.5
    graph = _edges(mean, triangles, skin)
    rows = []
    for lids, count, way, scale in ((UPPER_LIDS, UPPER, 1.0, 1.0), (LOWER_LIDS, LOWER, -1.0, 0.5)):
        for side, lid in enumerate(lids):
            path = _path(graph, stops[list(lid)])
            along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(mean[path], axis=0), axis=1))])
            place = np.clip((np.arange(count) + rng.uniform(0.1, 0.9, count)) / count, 0.06, 0.97)
            k = np.clip(np.searchsorted(along, along[-1] * place) - 1, 0, len(path) - 2)
            share = (along[-1] * place - along[k]) / (along[k + 1] - along[k])
            length = scale * (0.55 + 0.45 * np.sqrt(np.sin(np.pi * place))) * rng.uniform(0.75, 1.1, count)
            sides, ways = np.full(count, side), np.full(count, way)
            rows.append((path[k], path[k + 1], share, sides, ways, length, rng.normal(0, 0.12, count)))
    start, end, share, ball, ways, length, lean = (np.concatenate(column) for column in zip(*rows, strict=True))
    right, left = (np.flatnonzero(~skin & (np.sign(mean[:, 0]) == sign)) for sign in (-1, 1))
    share, ways, length, lean = np.stack([share, ways, length, lean]).astype(np.float32)[..., None]
    return LashRoots(np.stack([start, end], axis=1), share, ball, (right, left), ways, length, lean)


def _edges(mean: Array, triangles: NDArray[np.int64], skin: NDArray[np.bool_]) -> sp.csr_matrix:
    """``(V, V)`` lengths of the skin's edges, one way."""
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    sides = np.unique(np.sort(sides[skin[sides].all(1)], axis=1), axis=0)
    length = np.linalg.norm(mean[sides[:, 0]] - mean[sides[:, 1]], axis=1)
    return sp.csr_matrix((length, sides.T), shape=(len(mean),) * 2)


def _path(graph: sp.csr_matrix, stops: NDArray) -> NDArray[np.int64]:
    """Vertices along the edges from stop to stop."""
    path = [int(stops[0])]
    for start, end in pairwise(stops):
        _, before = dijkstra(graph, directed=False, indices=int(start), return_predecessors=True)
        leg = [int(end)]
        while leg[-1] != start:
            leg.append(int(before[leg[-1]]))
        path += leg[-2::-1]
    return np.array(path)
