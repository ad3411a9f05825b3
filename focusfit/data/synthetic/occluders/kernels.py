"""Compiled loops of the occluders' painters."""

from __future__ import annotations

import math

import numpy as np

from ....imaging.kernels.compile import fast
from ....imaging.kernels.normals import fill_normals
from ....imaging.kernels.pixels import corner_areas, harmonics_at, light_at
from ..depth_kernel import fill_nearest

SAME_SURFACE = 5.0
"""Fine samples further (mm) behind their pixel's nearest one are of something else: they cover, but do not colour."""


@fast
def sample_mesh(points, triangles, attributes, f, cx, cy, behind, tolerance, two_sided, height, width, factor):  # type: ignore[no-untyped-def]
    """What each of ``height x width`` pixels sees of a mesh, from ``factor ** 2`` fine samples.

    ``behind`` hides what is further than it by more than ``tolerance``.
    """
    drawn = np.concatenate((triangles, triangles[:, ::-1])) if two_sided else triangles
    index = np.empty((height * factor, width * factor), np.int32)
    nearest = np.empty(index.shape, np.float32)
    f, cx, cy = f * factor, (cx + 0.5) * factor - 0.5, (cy + 0.5) * factor - 0.5
    fill_nearest(points, drawn, f, cx, cy, index, nearest)
    normals, inverse = np.empty_like(points), np.empty(points.shape[0], np.float32)
    fill_normals(points, triangles, normals, inverse)

    front, count = np.empty((height, width)), 0
    for row in range(height):
        for column in range(width):
            least = np.inf
            for r in range(row * factor, (row + 1) * factor):
                for c in range(column * factor, (column + 1) * factor):
                    if index[r, c] >= 0 and nearest[r, c] > behind[row, column] + tolerance:
                        index[r, c] = -1
                    if index[r, c] >= 0:
                        least = min(least, nearest[r, c])
            front[row, column] = least
            count += least < np.inf
    pixel, share = np.empty(count, np.int64), np.zeros(count, np.float32)
    depth, normal = np.empty(count, np.float32), np.empty((count, 3), np.float32)
    values = np.empty((count, attributes.shape[1]), np.float32)
    n = 0
    for row in range(height):
        for column in range(width):
            least = front[row, column]
            if not least < np.inf:
                continue
            pixel[n], depth[n] = row * width + column, least
            coloured = False
            for r in range(row * factor, (row + 1) * factor):
                for c in range(column * factor, (column + 1) * factor):
                    if index[r, c] < 0:
                        continue
                    share[n] += 1
                    if not coloured and nearest[r, c] <= least + SAME_SURFACE:
                        coloured = True
                        fill_corner_values(
                            points, triangles, normals, attributes, index[r, c] % triangles.shape[0],
                            (c - cx) / f, (r - cy) / f, two_sided, normal[n], values[n],
                        )  # fmt: skip
            share[n] /= factor * factor
            n += 1
    return pixel, share, depth, normal, values


@fast
def fill_corner_values(points, triangles, normals, attributes, face, dx, dy, two_sided, normal, values):  # type: ignore[no-untyped-def]
    """What a triangle has where the ray (dx, dy, 1) meets it; the normal in the viewer's frame."""
    i, j, k = np.uintp(triangles[face, 0]), np.uintp(triangles[face, 1]), np.uintp(triangles[face, 2])
    a0, a1, a2 = corner_areas(points, i, j, k, dx, dy)
    total = a0 + a1 + a2
    w0, w1, w2 = np.float32(a0 / total), np.float32(a1 / total), np.float32(a2 / total)
    x = w0 * normals[i, 0] + w1 * normals[j, 0] + w2 * normals[k, 0]
    y = w0 * normals[i, 1] + w1 * normals[j, 1] + w2 * normals[k, 1]
    z = w0 * normals[i, 2] + w1 * normals[j, 2] + w2 * normals[k, 2]
    scale = 1 / math.sqrt(max(x * x + y * y + z * z, 1e-12))
    if two_sided and x * dx + y * dy + z > 0:
        scale = -scale
    normal[0], normal[1], normal[2] = x * scale, -y * scale, -z * scale
    for c in range(attributes.shape[1]):
        values[c] = w0 * attributes[i, c] + w1 * attributes[j, c] + w2 * attributes[k, c]


@fast
def bounds(points, f, cx, cy):  # type: ignore[no-untyped-def]
    """Least x, y and greatest x, y in pixels of ``points (V, 3)`` that lie before the camera."""
    left = top = np.inf
    right = bottom = -np.inf
    for v in range(points.shape[0]):
        z = points[v, 2]
        if z > 1:
            x, y = f * points[v, 0] / z + cx, f * points[v, 1] / z + cy
            left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
    return left, top, right, bottom


@fast
def shade(normals, light, out):  # type: ignore[no-untyped-def]
    """Light on ``normals (N, 3)`` of the viewer's frame."""
    for n in range(normals.shape[0]):
        basis = harmonics_at(np.float32, normals[n, 0], normals[n, 1], normals[n, 2])
        for c in range(3):
            out[n, c] = max(light_at(light, c, basis), np.float32(0.02))


@fast
def look_up_bilinear(paint, place, out):  # type: ignore[no-untyped-def]
    """``out (N, C)``: ``paint (H, W, C)`` at ``place (N, 2)`` x, y in its pixels, its border repeated."""
    height, width = paint.shape[0], paint.shape[1]
    for n in range(place.shape[0]):
        x = min(max(place[n, 0], np.float32(0)), np.float32(width - 1.001))
        y = min(max(place[n, 1], np.float32(0)), np.float32(height - 1.001))
        i, j = int(y), int(x)
        b, a = y - i, x - j
        for c in range(paint.shape[2]):
            upper = paint[i, j, c] + a * (paint[i, j + 1, c] - paint[i, j, c])
            lower = paint[i + 1, j, c] + a * (paint[i + 1, j + 1, c] - paint[i + 1, j, c])
            out[n, c] = upper + b * (lower - upper)


@fast
def put_samples(pixel, width, colour, opacity, depth, picture, cover, near):  # type: ignore[no-untyped-def]
    """Composite samples over a window's ``picture``, ``cover`` and ``near``, in place."""
    one = np.float32(1)
    for n in range(pixel.shape[0]):
        row, column = pixel[n] // width, pixel[n] % width
        a = min(max(opacity[n], np.float32(0)), one)
        through = cover[row, column] * (one - a)
        total = a + through
        if total < 1e-6:
            continue
        for c in range(3):
            own = min(max(colour[n, c], np.float32(0)), one)
            picture[row, column, c] = (own * a + picture[row, column, c] * through) / total
        cover[row, column] = min(total, one)
        if a > 0.3:
            near[row, column] = min(near[row, column], depth[n])
