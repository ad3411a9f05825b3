"""Keeping the lips together: averaging one-sided lip targets opens the mouth, and many mixes of targets would."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OVERLAP = 1.0
"""mm by which the upper lip's edge reaches below the lower lip's edge in the middle of a resting mouth."""

STATIONS = 25
"""Places across the mouth where the gap is measured."""

SPREAD = 3.0
"""mm along the mouth over which a correction is blended."""

REACH = 8.0
"""mm from the slit over which a correction fades into the skin."""

MIN_CONTRAST = 2.0
"""mm of jaw motion that part the lips at least; keeps the sides apart at the corners, where both move alike."""

ROUNDS = 4
"""The response to a gap is blended over its neighbours, so closing it takes a few rounds."""


@dataclass(frozen=True, eq=False)
class LipSeal:
    """A linear rule that brings the lips together.

    Attributes:
        gap: ``(P, V)`` weights on the vertices' y: height of the opening at each station.
        target: ``(P,)`` the gap that a resting mouth should have, mm; negative where the lips overlap.
        response: ``(V, P)`` how far each vertex moves in y per mm of gap in excess.
    """

    gap: NDArray
    target: NDArray
    response: NDArray

    def apply(self, shapes: NDArray) -> NDArray:
        """``shapes (N, V, 3)`` with closed lips."""
        closed = shapes.copy()
        for _ in range(ROUNDS):
            excess = closed[..., 1] @ self.gap.T.astype(shapes.dtype) - self.target.astype(shapes.dtype)
            closed[..., 1] += excess @ self.response.T.astype(shapes.dtype)
        return closed


def make_seal(vertices: NDArray, triangles: NDArray, mouth_depth: NDArray, jaw_drop: NDArray) -> LipSeal:
    """Measure the slit of the resting face and spread its closing over the lips.

    Args:
        vertices: ``(V, 3)`` mirror-symmetric resting face.
        triangles: ``(F, 3)``.
        mouth_depth: ``(V,)`` 1 on the ring where the mouth begins, larger inside.
        jaw_drop: ``(V,)`` mm in y when the jaw opens (negative below): tells lower from upper lip.
    """
    upper, lower = _halves_of_ring(vertices, triangles, mouth_depth)
    half_width = vertices[upper, 0].max()
    stations = np.linspace(-0.96, 0.96, STATIONS) * half_width
    above = _interpolation(vertices, upper, stations)
    below = _interpolation(vertices, lower, stations)
    middle = (above + below) @ vertices / 2
    blend = np.exp(-0.5 * ((vertices[:, None, 0] - middle[None, :, 0]) / SPREAD) ** 2) + 1e-12
    blend /= blend.sum(1, keepdims=True)
    distance = np.linalg.norm(vertices[:, None] - middle[None], axis=2).min(1)
    fade = np.exp(-0.5 * (distance / REACH) ** 2)
    taper = np.clip((1 - np.abs(stations) / half_width) / 0.3, 0, 1)
    drop_above, drop_below = blend @ (above @ jaw_drop), blend @ (below @ jaw_drop)
    contrast = np.maximum(drop_above - drop_below, MIN_CONTRAST)
    side = np.clip(2 * ((drop_above + drop_below) / 2 - jaw_drop) / contrast, -1, 1)
    return LipSeal(above - below, -OVERLAP * taper, blend * (0.5 * fade * side)[:, None])


def _halves_of_ring(vertices: NDArray, triangles: NDArray, mouth_depth: NDArray) -> tuple[NDArray, NDArray]:
    """The ring's vertices above and below, both from corner to corner, the subject's right first."""
    edges = np.unique(np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1), axis=0)
    edges = edges[(mouth_depth[edges] == 1).all(1)]
    neighbours: dict[int, list[int]] = {}
    for a, b in edges.tolist():
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    start = min(neighbours, key=lambda i: vertices[i, 0])
    end = max(neighbours, key=lambda i: vertices[i, 0])
    halves = []
    for step in neighbours[start]:
        walk = [start, step]
        while walk[-1] != end:
            walk.append(next(i for i in neighbours[walk[-1]] if i != walk[-2]))
        halves.append(np.array(walk))
    first, second = halves
    return (first, second) if vertices[first, 1].mean() > vertices[second, 1].mean() else (second, first)


def _interpolation(vertices: NDArray, line: NDArray, stations: NDArray) -> NDArray:
    """``(P, V)`` weights that evaluate a line of vertices at given x."""
    order = line[np.argsort(vertices[line, 0], kind="stable")]
    weights = np.zeros((len(stations), len(vertices)))
    for k, x in enumerate(stations):
        right = int(np.searchsorted(vertices[order, 0], x))
        a, b = order[right - 1], order[right]
        share = (x - vertices[a, 0]) / (vertices[b, 0] - vertices[a, 0])
        weights[k, a] += 1 - share
        weights[k, b] += share
    return weights
