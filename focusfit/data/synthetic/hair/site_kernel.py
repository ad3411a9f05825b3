"""Loops over the vertices and triangles of a head."""

from __future__ import annotations

import math

import numpy as np

from ....imaging.kernels.compile import fast


@fast
def reach_out(vertices, centre, radii):  # type: ignore[no-untyped-def]
    """Raise every cell of ``radii (E, A)`` to the farthest of ``vertices (N, 3)`` in its direction."""
    rows, columns = radii.shape
    for v in range(vertices.shape[0]):
        x, y, z = vertices[v, 0] - centre[0], vertices[v, 1] - centre[1], vertices[v, 2] - centre[2]
        radius = np.float32(math.sqrt(x * x + y * y + z * z))
        column = int((math.atan2(x, z) / (2 * math.pi) + 0.5) * columns) % columns
        row = min(max(int((y / radius + np.float32(1)) / np.float32(2) * np.float32(rows)), 0), rows - 1)
        radii[row, column] = max(radii[row, column], radius)


@fast
def measure_triangles(vertices, triangles, areas):  # type: ignore[no-untyped-def]
    """Fill ``areas (F,)``, twice the triangles' areas."""
    for t in range(triangles.shape[0]):
        i, j, k = np.uintp(triangles[t, 0]), np.uintp(triangles[t, 1]), np.uintp(triangles[t, 2])
        ax, ay, az = vertices[j, 0] - vertices[i, 0], vertices[j, 1] - vertices[i, 1], vertices[j, 2] - vertices[i, 2]
        bx, by, bz = vertices[k, 0] - vertices[i, 0], vertices[k, 1] - vertices[i, 1], vertices[k, 2] - vertices[i, 2]
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        areas[t] = math.sqrt(nx * nx + ny * ny + nz * nz)
