"""What an open mouth shows: teeth and the dark behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

SEGMENTS = 20
"""Quads along an arch of teeth."""

TEETH_PATCH = (0.005, 0.005, 0.09, 0.055)
"""Left, bottom, right and top of the teeth in texture coordinates: a corner that the face leaves free."""

DARK_PATCH = (0.965, 0.012)
"""Texture coordinates of the inside of the mouth."""

CORNERS = (60, 64)
"""Landmarks: inner corners of the mouth."""

UPPER_LIP, LOWER_LIP, CHIN = 62, 66, 8
"""Landmarks: inner edges of the lips, and what moves with the jaw."""

TEETH_BY_CHIN = np.array([1.0, 1.15, 0.6], np.float32)
"""How far the lower teeth go for what the chin goes, to the side, down and back: the jaw turns about the ears."""


@dataclass(frozen=True, eq=False)
class Mouth:
    """The mesh behind the lips; its vertices follow the face's in the rendered mesh.

    Attributes:
        rim: ``(R,)`` vertices of the face's mesh around the opening, in order.
        triangles: ``(M, 3)`` into the face's vertices followed by the mouth's own.
        uv: ``(N, 2)`` texture coordinates of its own vertices.
    """

    rim: NDArray[np.int64]
    triangles: NDArray[np.int64]
    uv: Array

    def vertices(self, neutral: Array, moved: Array) -> Array:
        """``(N, 3)`` mm in the face's frame.

        Args:
            neutral: ``(68, 3)`` landmarks of the person's neutral face.
            moved: ``(68, 3)`` the same with the expression; the lower teeth follow the chin.
        """
        jaw = TEETH_BY_CHIN * (moved[CHIN] - neutral[CHIN])
        upper = _arch(neutral, neutral[UPPER_LIP, 1] - 1.5, 10.0, 3.5)
        lower = _arch(neutral, neutral[LOWER_LIP, 1] - 3.0, -8.0, 5.0) + jaw
        return np.concatenate([upper, lower]).astype(np.float32)

    def bag(self, rim: Array) -> Array:
        """``(R + 1, 3)`` the bag's own vertices behind the rim ``(R, 3)``: a ring, and its bottom."""
        centre = rim.mean(0)
        ring = centre + 1.04 * (rim - centre) - np.array([0, 0, 14], np.float32)
        return np.concatenate([ring, (centre - np.array([0, 0, 42], np.float32))[None]]).astype(np.float32)


def build_mouth(rim: NDArray[np.int64], face_vertices: int) -> Mouth:
    """Put together the mesh.

    Args:
        rim: ``(R,)`` the opening's vertices in the order in which the face's triangles do *not* walk them.
        face_vertices: number of the face's vertices.
    """
    count = SEGMENTS + 1
    along = np.linspace(0, 1, count)
    left, bottom, right, top = TEETH_PATCH
    quads, uv = [], []
    for arch in range(2):
        start = face_vertices + 2 * count * arch
        edge, gum = start + np.arange(count), start + count + np.arange(count)
        # seen from the front, x grows along the arch; the gum is above the edge in the upper jaw, below in the lower
        low, high = (edge, gum) if arch == 0 else (gum, edge)
        quads.append(np.stack([low[:-1], low[1:], high[1:], high[:-1]], axis=1))
        middle = (bottom + top) / 2
        rows = (middle, top) if arch == 0 else (middle, bottom)
        uv += [np.stack([left + (right - left) * along, np.full(count, row)], axis=1) for row in rows]
    start = face_vertices + 4 * count
    ring, bottom_vertex = start + np.arange(len(rim)), start + len(rim)
    after = np.roll(np.arange(len(rim)), -1)
    quads.append(np.stack([rim, rim[after], ring[after], ring], axis=1))
    fan = np.stack([ring, ring[after], np.full(len(rim), bottom_vertex)], axis=1)
    uv.append(np.tile(DARK_PATCH, (len(rim) + 1, 1)))
    every = np.concatenate(quads)
    triangles = np.concatenate([every[:, [0, 1, 2]], every[:, [0, 2, 3]], fan])
    return Mouth(rim, triangles.astype(np.int64), np.concatenate(uv).astype(np.float32))


def _arch(landmarks: Array, edge: float, height: float, behind: float) -> NDArray:
    """``(2 (SEGMENTS + 1), 3)``: the biting edge at height ``edge``, then the gum line, on a parabola."""
    corners = landmarks[list(CORNERS)]
    half = 0.95 * abs(corners[1, 0] - corners[0, 0]) / 2
    middle = (corners[0] + corners[1]) / 2
    front = min(landmarks[UPPER_LIP, 2], landmarks[LOWER_LIP, 2]) - behind
    drop = max(front - (middle[2] - 7.0), 4.0)
    t = np.linspace(-1, 1, SEGMENTS + 1)
    centre = (landmarks[UPPER_LIP, 0] + landmarks[LOWER_LIP, 0]) / 2
    line = np.stack([centre + half * t, np.full_like(t, edge), front - drop * t * t], axis=1)
    lean = np.array([0, height, -0.12 * abs(height)])
    return np.concatenate([line, line + lean])


def opening_rim(triangles: NDArray, inside: NDArray) -> NDArray[np.int64]:
    """The open edge of the mesh among the vertices ``inside (V,)``, walked against its triangles.

    A triangle of the bag has the edge in the opposite sense to the face's triangle that it touches.
    """
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    known = {(int(a), int(b)) for a, b in edges}
    following = {b: a for a, b in known if (b, a) not in known and inside[a] and inside[b]}
    start = min(following)
    rim = [start]
    while following[rim[-1]] != start:
        rim.append(following[rim[-1]])
    return np.array(rim, np.int64)
