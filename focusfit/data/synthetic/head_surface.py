"""Meshes of a head and its headwear, ready to be lit and drawn as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .clothing import Garment
from .hair.hairdo import NO_HAIR, Hairdo, Piece
from .head import HeadAnatomy
from .head_kernel import CHANNELS, GARMENT, PLACE, SCALP
from .surface import unit_normals

Array = NDArray[np.float32]

JAW_AND_MOUTH = np.r_[2:15, 48:60]
"""Landmarks that cloth over the lower face moves with."""

JAW_REACH = 22.0
"""mm over which it does."""


@dataclass(frozen=True, eq=False)
class Surface:
    """A mesh with what the kernels need.

    Attributes:
        vertices: ``(V, 3)`` mm, the face's own frame.
        triangles: ``(F, 3)``.
        values: ``(V, CHANNELS)`` as in :mod:`.head_kernel`.
        part: ``(F,)`` 0 for the head, then the number of the piece of headwear.
    """

    vertices: Array
    triangles: NDArray[np.int64]
    values: Array
    part: NDArray[np.uint8]


def head_surface(anatomy: HeadAnatomy, hairdo: Hairdo, garment: Garment, skin: Array) -> Surface:
    """The head under its hair and clothes.

    Args:
        anatomy: of heads.
        hairdo: lifts the surface where it is thick.
        garment: likewise.
        skin: ``(V, 3)`` mm, the bare head in its pose.
    """
    head = anatomy.head
    below = garment.below_edge(head.garment, head.mean[:, 0])
    lift = hairdo.thickness + garment.thickness * np.clip(below / 6, 0, 1)
    if hairdo.pressed is not None:
        skin = skin + hairdo.pressed
    vertices = np.ascontiguousarray(skin + lift[:, None] * unit_normals(skin, head.triangles), np.float32)
    values = np.empty((len(skin), CHANNELS), np.float32)
    values[:, GARMENT], values[:, SCALP], values[:, PLACE:] = below, hairdo.inside, head.mean
    return Surface(vertices, head.triangles, values, np.zeros(len(head.triangles), np.uint8))


def piece_surface(piece: Piece, number: int) -> Surface:
    """A piece of headwear; the second half of its vertices is its inside."""
    count = len(piece.vertices)
    values = np.zeros((2 * count, CHANNELS), np.float32)
    values[:, GARMENT], values[:, SCALP] = -1, NO_HAIR
    values[:, PLACE : PLACE + 2] = np.concatenate([piece.uv, piece.uv])
    triangles = np.concatenate([piece.triangles, piece.triangles[:, ::-1] + count])
    vertices = np.concatenate([piece.vertices, piece.vertices]).astype(np.float32)
    return Surface(vertices, triangles, values, np.full(len(triangles), number, np.uint8))


def moved_with_jaw(piece: Piece, neutral: Array, landmarks: Array) -> Piece:
    """A piece that lies on the jaw, when the jaw moves.

    Args:
        piece: on the neutral face.
        neutral: ``(68, 3)`` mm, iBUG points of the neutral face.
        landmarks: ``(68, 3)`` the same with the expression.
    """
    if not piece.on_jaw:
        return piece
    moving = neutral[JAW_AND_MOUTH]
    squared = ((piece.vertices[:, None] - moving) ** 2).sum(2)
    weights = np.exp(-0.5 * squared / JAW_REACH**2)
    weights /= np.maximum(weights.sum(1, keepdims=True), 1.0)
    vertices = piece.vertices + weights @ (landmarks - neutral)[JAW_AND_MOUTH]
    return replace(piece, vertices=vertices.astype(np.float32))


def joined_surface(parts: Sequence[Surface]) -> Surface:
    """All parts as one mesh."""
    if len(parts) == 1:
        return parts[0]
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    return Surface(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.triangles + start for part, start in zip(parts, starts, strict=False)]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.part for part in parts]),
    )
