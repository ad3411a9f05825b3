"""Vertex normals and their gradient."""

from __future__ import annotations

import math

import numpy as np

from .compile import exact, fast

MIN_SQUARED_LENGTH = 1e-12
"""Shorter vectors are divided by the root of this instead of by their length, so that gradients stay finite."""


@exact
def normals_of_image(b, vertices, triangles, normals, inverse_length):  # type: ignore[no-untyped-def]
    """Fill ``normals[b]`` (unit) and ``inverse_length[b]`` (of the area-weighted sums)."""
    fill_normals(vertices[b], triangles, normals[b], inverse_length[b])


@exact
def normals_of_image_backward(  # type: ignore[no-untyped-def]
    b, vertices, triangles, normals, inverse_length, grad_normals, grad_vertices
):
    """Add to ``grad_vertices[b]``; ``grad_normals[b]`` is used as scratch."""
    add_normals_gradient(vertices[b], triangles, normals[b], inverse_length[b], grad_normals[b], grad_vertices[b])


@fast
def fill_normals(points, triangles, sums, inverse):  # type: ignore[no-untyped-def]
    """One image's unit normals, and one over the length that they had before."""
    sums[:] = 0
    for face in range(triangles.shape[0]):
        i, j, k = np.uintp(triangles[face, 0]), np.uintp(triangles[face, 1]), np.uintp(triangles[face, 2])
        ax, ay, az = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1], points[j, 2] - points[i, 2]
        bx, by, bz = points[k, 0] - points[i, 0], points[k, 1] - points[i, 1], points[k, 2] - points[i, 2]
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        for corner in (i, j, k):
            sums[corner, 0] += nx
            sums[corner, 1] += ny
            sums[corner, 2] += nz
    smallest = sums.dtype.type(MIN_SQUARED_LENGTH)
    for v in range(points.shape[0]):
        squared = sums[v, 0] * sums[v, 0] + sums[v, 1] * sums[v, 1] + sums[v, 2] * sums[v, 2]
        inverse[v] = 1 / math.sqrt(max(squared, smallest))
        sums[v, 0] *= inverse[v]
        sums[v, 1] *= inverse[v]
        sums[v, 2] *= inverse[v]


@fast
def add_normals_gradient(points, triangles, unit, inverse, grad_sums, grad_points):  # type: ignore[no-untyped-def]
    """Turn ``grad_sums`` from the gradient of unit normals into that of their sums, and that into points'."""
    clamped = 0.99 / math.sqrt(MIN_SQUARED_LENGTH)
    for v in range(points.shape[0]):
        gx, gy, gz = grad_sums[v, 0], grad_sums[v, 1], grad_sums[v, 2]
        along = unit[v, 0] * gx + unit[v, 1] * gy + unit[v, 2] * gz
        if inverse[v] > clamped:
            along *= 0
        grad_sums[v, 0] = (gx - along * unit[v, 0]) * inverse[v]
        grad_sums[v, 1] = (gy - along * unit[v, 1]) * inverse[v]
        grad_sums[v, 2] = (gz - along * unit[v, 2]) * inverse[v]
    for face in range(triangles.shape[0]):
        i, j, k = np.uintp(triangles[face, 0]), np.uintp(triangles[face, 1]), np.uintp(triangles[face, 2])
        gx = grad_sums[i, 0] + grad_sums[j, 0] + grad_sums[k, 0]
        gy = grad_sums[i, 1] + grad_sums[j, 1] + grad_sums[k, 1]
        gz = grad_sums[i, 2] + grad_sums[j, 2] + grad_sums[k, 2]
        if gx == 0 and gy == 0 and gz == 0:
            continue
        # n = a x b, so dL/da = b x g and dL/db = g x a
        ax, ay, az = points[j, 0] - points[i, 0], points[j, 1] - points[i, 1], points[j, 2] - points[i, 2]
        bx, by, bz = points[k, 0] - points[i, 0], points[k, 1] - points[i, 1], points[k, 2] - points[i, 2]
        px, py, pz = by * gz - bz * gy, bz * gx - bx * gz, bx * gy - by * gx
        qx, qy, qz = gy * az - gz * ay, gz * ax - gx * az, gx * ay - gy * ax
        grad_points[j, 0] += px
        grad_points[j, 1] += py
        grad_points[j, 2] += pz
        grad_points[k, 0] += qx
        grad_points[k, 1] += qy
        grad_points[k, 2] += qz
        grad_points[i, 0] -= px + qx
        grad_points[i, 1] -= py + qy
        grad_points[i, 2] -= pz + qz
