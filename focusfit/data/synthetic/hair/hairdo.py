"""What grows on a head or sits on it, before it is seen from anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Strands:
    """Locks of hair as curves, each with the vertex that carries it.

    Attributes:
        points: ``(N, P, 3)`` mm in the face's own frame, on the neutral face, roots first.
        carriers: ``(N,)`` vertex of head and face (the face's come after the head's) that each moves with.
        colour: ``(N, 3)`` linear albedo.
        width: mm, of a lock.
    """

    points: Array
    carriers: NDArray[np.int64]
    colour: Array
    width: float


@dataclass(frozen=True, eq=False)
class Hairdo:
    """One person's hair and headwear, in the face's own frame.

    Attributes:
        kind: name of the style.
        colour: ``(3,)`` linear albedo of the hair that lies on the skull.
        inside: ``(V,)`` about mm inside the hairline, for every vertex of the head; far below 0 is bare skin.
        edge: mm over which that hairline fades.
        thickness: ``(V,)`` mm by which hair lifts the head's surface.
        strands: curves over it.
    """

    kind: str
    colour: Array
    inside: Array
    edge: float
    thickness: Array
    strands: tuple[Strands, ...] = ()


@dataclass(frozen=True, eq=False)
class HairSite:
    """The head that hair grows on; its vertices are the head's, then the face's.

    Attributes:
        vertices: ``(V + N, 3)`` mm, neutral face.
        normals: ``(V + N, 3)`` unit.
        triangles: ``(F, 3)``.
        inside: ``(V,)`` about mm inside a full hairline, for the head's vertices.
        colour: ``(3,)`` linear albedo of the person's hair.
    """

    vertices: Array
    normals: Array
    triangles: NDArray[np.int64]
    inside: Array
    colour: Array


HairPainter = Callable[[HairSite, Generator], Hairdo]
"""A style: gives a head its hair."""
