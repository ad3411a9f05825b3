"""Bodies by formula: turned on a lathe, or boxes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .drawing import Array
from .sheet import grid_triangles


@dataclass(frozen=True, eq=False)
class Solid:
    """A body in its own frame, y up its axis.

    Attributes:
        vertices: ``(V, 3)`` mm.
        triangles: ``(F, 3)`` counter-clockwise seen from outside.
        coordinates: ``(V, 2)`` place on its surface in [0, 1]: around, and down from its top.
    """

    vertices: Array
    triangles: NDArray[np.int64]
    coordinates: Array


def lathe(profile: Array, sides: int = 28) -> Solid:
    """A body of revolution about y from ``profile (P, 2)`` radius and height, from top to bottom."""
    profile = np.asarray(profile, np.float32)
    angle = np.linspace(0, 2 * np.pi, sides + 1, dtype=np.float32)
    radius, height = profile[:, :1], profile[:, 1:]
    vertices = np.stack([radius * np.sin(angle), np.broadcast_to(height, (len(profile), sides + 1)),
                         radius * np.cos(angle)], axis=-1)  # fmt: skip
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(profile, axis=0), axis=1))])
    down, around = np.meshgrid(length / max(length[-1], 1e-6), np.linspace(0, 1, sides + 1), indexing="ij")
    coordinates = np.stack([around, down], axis=-1).reshape(-1, 2).astype(np.float32)
    return Solid(vertices.reshape(-1, 3), grid_triangles(len(profile), sides + 1), coordinates)


def box(width: float, height: float, depth: float) -> Solid:
    """A block; its front (towards z) has the coordinates' first half across, its back the second."""
    faces: list[tuple[float, ...]] = []
    places: list[tuple[float, float]] = []
    triangles: list[NDArray[np.int64]] = []
    w, h, d = width / 2, height / 2, depth / 2
    sides = [
        ((-w, h, d), (w, h, d), (-w, -h, d), (w, -h, d), 0.0, 0.5),
        ((w, h, -d), (-w, h, -d), (w, -h, -d), (-w, -h, -d), 0.5, 1.0),
        ((-w, h, -d), (-w, h, d), (-w, -h, -d), (-w, -h, d), 0.0, 0.0),
        ((w, h, d), (w, h, -d), (w, -h, d), (w, -h, -d), 0.5, 0.5),
        ((-w, h, -d), (w, h, -d), (-w, h, d), (w, h, d), 0.0, 0.0),
        ((-w, -h, d), (w, -h, d), (-w, -h, -d), (w, -h, -d), 0.0, 0.0),
    ]
    for *corners, left, right in sides:
        triangles.append(grid_triangles(2, 2) + 4 * len(triangles))
        faces.extend(corners)
        places.extend([(left, 0), (right, 0), (left, 1), (right, 1)])
    return Solid(np.array(faces, np.float32), np.concatenate(triangles), np.array(places, np.float32))


def rounded(radius: float, height: float, sharpness: float = 2.0, points: int = 14) -> Array:
    """``(points, 2)`` profile of an egg-like body, ``sharpness`` above 2 makes it boxy."""
    angle = np.linspace(1e-3, np.pi - 1e-3, points)
    power = 2 / sharpness
    c, s = np.cos(angle), np.sin(angle)
    return np.column_stack([radius * s**power, height / 2 * np.sign(c) * np.abs(c) ** power]).astype(np.float32)
