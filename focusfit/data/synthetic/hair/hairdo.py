"""What grows on a head or sits on it, before it is seen from anywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

NO_HAIR = -1e3
"""mm inside the hairline of skin that bears none."""


@dataclass(frozen=True, eq=False)
class Strands:
    """Locks of hair as curves, each with the vertex that carries it.

    Attributes:
        points: ``(N, P, 3)`` mm in the face's own frame, on the neutral face, roots first.
        carriers: ``(N,)`` vertex of head and face (the face's come after the head's) that each moves with.
        colour: ``(N, 3)`` linear albedo.
        width: mm, of a lock in its middle; it thins out towards its tip.
        shine: strength of the highlight, about 1.
    """

    points: Array
    carriers: NDArray[np.int64]
    colour: Array
    width: float
    shine: float = 1.0


@dataclass(frozen=True, eq=False)
class Piece:
    """A piece of headwear: a surface that is seen from both sides.

    Attributes:
        vertices: ``(M, 3)`` mm, the face's own frame.
        triangles: ``(T, 3)``.
        uv: ``(M, 2)`` place on the pattern in texels.
        pattern: ``(H, W, 3)`` linear albedo, tiling.
        shine: 0 for cloth to 1 for lacquer.
        on_jaw: whether it goes with the jaw where it lies on it.
    """

    vertices: Array
    triangles: NDArray[np.int64]
    uv: Array
    pattern: Array
    shine: float = 0.0
    on_jaw: bool = False


@dataclass(frozen=True, eq=False)
class Hairdo:
    """One person's hair and headwear, in the face's own frame.

    Attributes:
        kind: name of the style.
        colour: ``(3,)`` linear albedo of the hair that lies on the skull.
        inside: ``(V,)`` about mm inside the hairline, for every vertex of the head; :data:`NO_HAIR` is bare skin.
        edge: mm over which that hairline fades.
        thickness: ``(V,)`` mm by which hair lifts the head's surface.
        centre: ``(3,)`` mm amid the skull: hair is lit as if it faced away from here.
        strands: curves of the hair of the head.
        beard: curves of the beard.
        pieces: headwear.
        pressed: ``(V, 3)`` mm by which cloth presses the head's surface in (its ears); None for not at all.
    """

    kind: str
    colour: Array
    inside: Array
    edge: float
    thickness: Array
    centre: Array
    strands: tuple[Strands, ...] = ()
    beard: tuple[Strands, ...] = ()
    pieces: tuple[Piece, ...] = ()
    pressed: Array | None = None
