"""Compiled loops of the occluders' painters."""

from __future__ import annotations

import math

import numpy as np

from ....imaging.kernels.compile import fast
from ....imaging.kernels.normals import fill_normals
from ....imaging.kernels.pixels import corner_areas, harmonics_at, light_at
from ....imaging.kernels.raster import fill_depth


@fast
def sample_mesh(points, triangles, attributes, f, cx, cy, behind, tolerance, two_sided, height, width):  # type: ignore[no-untyped-def]
    """What each fine pixel sees of a mesh; ``behind`` hides what is further than it by more than ``tolerance``."""
    flat, index, nearest = visible_triangles(points, triangles, f, cx, cy, two_sided, height, width)
    normals, inverse = np.empty_like(flat), np.empty(flat.shape[0], np.float32)
    fill_normals(flat, triangles, normals, inverse)
    count = 0
    for row in range(height):
        for column in range(width):
            if index[row, column] >= 0 and nearest[row, column] > behind[row, column] + tolerance:
                index[row, column] = -1
            count += index[row, column] >= 0
    pixel = np.empty(count, np.int64)
    depth = np.empty(count, np.float32)
    normal = np.empty((count, 3), np.float32)
    values = np.empty((count, attributes.shape[1]), np.float32)
    n = 0
    for row in range(height):
        dy = (row - cy) / f
        for column in range(width):
            face = index[row, column]
            if face < 0:
                continue
            face %= triangles.shape[0]
            i, j, k = np.uintp(triangles[face, 0]), np.uintp(triangles[face, 1]), np.uintp(triangles[face, 2])
            dx = (column - cx) / f
            a0, a1, a2 = corner_areas(flat, i, j, k, dx, dy)
            total = a0 + a1 + a2
            w0, w1, w2 = np.float32(a0 / total), np.float32(a1 / total), np.float32(a2 / total)
            pixel[n] = row * width + column
            depth[n] = nearest[row, column]
            x = w0 * normals[i, 0] + w1 * normals[j, 0] + w2 * normals[k, 0]
            y = w0 * normals[i, 1] + w1 * normals[j, 1] + w2 * normals[k, 1]
            z = w0 * normals[i, 2] + w1 * normals[j, 2] + w2 * normals[k, 2]
            scale = 1 / math.sqrt(max(x * x + y * y + z * z, 1e-12))
            if two_sided and x * dx + y * dy + z > 0:
                scale = -scale
            normal[n, 0], normal[n, 1], normal[n, 2] = x * scale, -y * scale, -z * scale
            for c in range(attributes.shape[1]):
                values[n, c] = w0 * attributes[i, c] + w1 * attributes[j, c] + w2 * attributes[k, c]
            n += 1
    return pixel, depth, normal, values


@fast
def visible_triangles(points, triangles, f, cx, cy, two_sided, height, width):  # type: ignore[no-untyped-def]
    """Rasterize; with ``two_sided`` also the triangles seen from behind, numbered after the others."""
    drawn = triangles
    if two_sided:
        drawn = np.concatenate((triangles, triangles[:, ::-1]))
    index = np.empty((height, width), np.int32)
    nearest = np.empty((height, width))
    fill_depth(points, drawn, f, cx, cy, index, nearest)
    return points, index, nearest


@fast
def shade(normals, light, out):  # type: ignore[no-untyped-def]
    """Light on ``normals (N, 3)`` of the viewer's frame."""
    for n in range(normals.shape[0]):
        basis = harmonics_at(np.float32, normals[n, 0], normals[n, 1], normals[n, 2])
        for c in range(3):
            out[n, c] = max(light_at(light, c, basis), np.float32(0.02))


@fast
def average_samples(pixel, colour, opacity, depth, fine_width, factor, picture, cover, near):  # type: ignore[no-untyped-def]
    """Box-average fine samples into ``picture`` (mean colour), ``cover`` and the nearest depth of a window."""
    share = np.float32(1 / (factor * factor))
    for n in range(pixel.shape[0]):
        row, column = (pixel[n] // fine_width) // factor, (pixel[n] % fine_width) // factor
        a = opacity[n] * share
        cover[row, column] += a
        for c in range(3):
            picture[row, column, c] += a * colour[n, c]
        if opacity[n] > 0.3:
            near[row, column] = min(near[row, column], depth[n])
    for row in range(cover.shape[0]):
        for column in range(cover.shape[1]):
            if cover[row, column] > 0:
                scale = 1 / cover[row, column]
                for c in range(3):
                    picture[row, column, c] *= scale
            cover[row, column] = min(cover[row, column], np.float32(1))


@fast
def blocked_light(receiver, caster, f, cx, cy, directions, reach, thickness, out):  # type: ignore[no-untyped-def]
    """Share of ``directions (D, 3)`` in which the depth map ``caster`` stands before the surface ``receiver``."""
    height, width = receiver.shape
    steps = 8
    for row in range(height):
        for column in range(width):
            z = receiver[row, column]
            out[row, column] = 0
            if not z < 1e9:
                continue
            x, y = (column - cx) / f * z, (row - cy) / f * z
            hits = 0
            for d in range(directions.shape[0]):
                for s in range(steps):
                    # denser near the surface, and between other directions' steps
                    t = 4.0 + reach * ((s + (d % 3 + 1) / 3.0) / steps) ** 1.7
                    qz = z + t * directions[d, 2]
                    if qz < 10:
                        break
                    u = int(f * (x + t * directions[d, 0]) / qz + cx + 0.5)
                    v = int(f * (y + t * directions[d, 1]) / qz + cy + 0.5)
                    if u < 0 or v < 0 or u >= width or v >= height:
                        break
                    above = qz - caster[v, u]
                    if above > 1.0 and above < thickness:
                        hits += 1
                        break
            out[row, column] = hits / directions.shape[0]


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
