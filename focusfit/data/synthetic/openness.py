"""How much of the sky, and which lamps, each vertex sees: ambient occlusion and cast shadows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .depth_kernel import fill_nearest
from .shadow_kernel import sample_shadow
from .surface import unit_normals

Array = NDArray[np.float32]

AWAY = 6000.0
"""mm from which the scene is looked at, so far that rays are almost parallel."""

SPAN = 300.0
"""mm that the view covers."""

BIAS = 4.0
"""mm that a vertex may lie behind what is seen there and still count as seen, by default."""


def vertex_openness(vertices: Array, triangles: NDArray[np.int64], directions: int = 96) -> Array:
    """``(V,)`` cosine-weighted share of the sky above each vertex that nothing hides (ambient occlusion)."""
    normals = unit_normals(vertices, triangles)
    seen = np.zeros(len(vertices))
    total = np.full(len(vertices), 1e-6)
    for direction in fibonacci_sphere(directions):
        if direction[2] < -0.3:
            continue
        cosine = np.maximum(normals @ direction, 0)
        seen += cosine * lit_vertices(vertices, triangles, direction, 256)
        total += cosine
    return (seen / total).astype(np.float32)


def lit_vertices(
    vertices: Array,
    triangles: NDArray[np.int64],
    direction: NDArray,
    resolution: int = 160,
    span: float = SPAN,
    bias: float = BIAS,
    count: int | None = None,
) -> Array:
    """``(count,)`` in [0, 1]: how far light from unit ``direction`` reaches each vertex past the others.

    A shadow map: depth from far away in the light's direction, compared at the vertex's pixel and its neighbours.

    Args:
        vertices: ``(V, 3)`` mm around the origin, right-handed frame.
        triangles: ``(F, 3)``.
        direction: towards the light.
        resolution: side of the map in pixels.
        span: mm that the map covers.
        bias: mm that a vertex may lie behind what the light sees there and still be lit.
        count: of the vertices, the first of all, that are asked about; None for all.
    """
    side = np.cross([0.0, 1.0, 0.0] if abs(direction[1]) < 0.9 else [1.0, 0.0, 0.0], direction)
    side /= np.linalg.norm(side)
    up = np.cross(direction, side)
    frame = np.stack([side, -up, -np.asarray(direction)])
    centre = (resolution - 1) / 2
    focal = AWAY * resolution / span
    placed = (vertices @ frame.T.astype(np.float32)).astype(np.float32)
    placed[:, 2] += AWAY
    index = np.empty((resolution, resolution), np.int32)
    depth = np.empty((resolution, resolution), np.float32)
    fill_nearest(placed, triangles, focal, centre, centre, index, depth)
    lit = np.empty(len(vertices) if count is None else count, np.float32)
    sample_shadow(placed, np.float32(focal), np.float32(centre), depth, np.float32(bias), lit)
    return lit


def fibonacci_sphere(count: int) -> NDArray:
    """``(count, 3)`` evenly spread unit vectors."""
    i = np.arange(count) + 0.5
    z, turn = 1 - 2 * i / count, np.pi * (1 + 5**0.5) * i
    r = np.sqrt(1 - z * z)
    return np.stack([r * np.cos(turn), r * np.sin(turn), z], axis=1)
