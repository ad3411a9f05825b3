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
def blocked_light(receiver, caster, f, cx, cy, directions, per_pixel, reach, thickness, out):  # type: ignore[no-untyped-def]
    """Share of ``directions (D, 3)`` in which the depth map ``caster`` stands before the surface ``receiver``.

    Each pixel tries ``per_pixel`` of the directions, its neighbours others: to be smoothed afterwards.
    """
    height, width = receiver.shape
    steps = 6
    out[:] = 0
    top, bottom, left, right = height, -1, width, -1
    nearest = np.float32(1e9)
    for row in range(height):
        for column in range(width):
            if caster[row, column] < 1e9:
                top, bottom, left, right = min(top, row), max(bottom, row), min(left, column), max(right, column)
                nearest = min(nearest, caster[row, column])
    margin = int(f * reach / max(nearest, np.float32(10))) + 1
    for row in range(max(top - margin, 0), min(bottom + margin + 1, height)):
        for column in range(max(left - margin, 0), min(right + margin + 1, width)):
            z = receiver[row, column]
            if not z < 1e9:
                continue
            x, y = (column - cx) / f * z, (row - cy) / f * z
            pattern = (row % 3) * 3 + column % 3
            hits = 0
            for k in range(per_pixel):
                d = (k * 9 + pattern) % directions.shape[0]
                shift = ((pattern * 5 + k * 3) % 9 + 1) / 10.0
                for s in range(steps):
                    g = (s + shift) / steps
                    t = 3.0 + reach * g * (0.3 + 0.7 * g)  # denser near the surface
                    qz = z + t * directions[d, 2]
                    if qz < 10:
                        break
                    scale = f / qz
                    u = int(scale * (x + t * directions[d, 0]) + cx + 0.5)
                    v = int(scale * (y + t * directions[d, 1]) + cy + 0.5)
                    if u < 0 or v < 0 or u >= width or v >= height:
                        break
                    above = qz - caster[v, u]
                    if above > 1.0 and above < thickness:
                        hits += 1
                        break
            out[row, column] = hits / per_pixel


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


@fast
def shade_by_loss(loss, on_itself, on_face, face_depth, cover, picture, shadow):  # type: ignore[no-untyped-def]
    """Darken ``picture`` in place and fill ``shadow`` from maps of lost light at every second pixel.

    ``loss`` is smoothed and weighted: ``(h, w, 4)`` loss times weight and weight, on the thing and on the face.
    """
    height, width = shadow.shape
    for row in range(height):
        y = min(np.float32(row) / 2, np.float32(loss.shape[0] - 1.001))
        i = int(y)
        b = y - i
        for column in range(width):
            x = min(np.float32(column) / 2, np.float32(loss.shape[1] - 1.001))
            j = int(x)
            a = x - j
            shadow[row, column] = 1
            if face_depth[row, column] < 1e9:
                dark, total = weighted(loss, i, j, a, b, 2), weighted(loss, i, j, a, b, 3)
                shadow[row, column] = max(1 - on_face * dark / max(total, np.float32(0.05)), np.float32(0.1))
            if cover[row, column] > 0:
                dark, total = weighted(loss, i, j, a, b, 0), weighted(loss, i, j, a, b, 1)
                lost = min(on_itself * dark / max(total, np.float32(0.05)), np.float32(0.85))
                # light that is scattered in flesh and cloth keeps shadows warm
                picture[row, column, 0] *= 1 - np.float32(0.94) * lost
                picture[row, column, 1] *= 1 - np.float32(1.02) * lost
                picture[row, column, 2] *= 1 - np.float32(1.04) * lost


@fast
def weighted(values, i, j, a, b, c):  # type: ignore[no-untyped-def]
    """Channel ``c`` of ``values`` between rows i, i + 1 (at b) and columns j, j + 1 (at a)."""
    upper = values[i, j, c] + a * (values[i, j + 1, c] - values[i, j, c])
    lower = values[i + 1, j, c] + a * (values[i + 1, j + 1, c] - values[i + 1, j, c])
    return upper + b * (lower - upper)


@fast
def noise_at(block, x, y, z, fineness):  # type: ignore[no-untyped-def]
    """The repeating noise ``block (N, N, N)``, N a power of two, ``fineness`` cells to the millimetre."""
    last = block.shape[0] - 1
    x, y, z = x * fineness, y * fineness, z * fineness
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    a, b, c = x - i, y - j, z - k
    i, j, k, i1, j1, k1 = i & last, j & last, k & last, (i + 1) & last, (j + 1) & last, (k + 1) & last
    near = block[i, j, k] + c * (block[i, j, k1] - block[i, j, k])
    beside = block[i, j1, k] + c * (block[i, j1, k1] - block[i, j1, k])
    far = block[i1, j, k] + c * (block[i1, j, k1] - block[i1, j, k])
    across = block[i1, j1, k] + c * (block[i1, j1, k1] - block[i1, j1, k])
    near += b * (beside - near)
    return near + a * (far + b * (across - far) - near)


@fast
def fill_noise(block, points, fineness, out):  # type: ignore[no-untyped-def]
    """``out (N,)``: the noise at ``points (N, 3)``."""
    for n in range(points.shape[0]):
        out[n] = noise_at(block, points[n, 0], points[n, 1], points[n, 2], fineness)


@fast
def skin_albedo(  # type: ignore[no-untyped-def]
    rest, block, low, voxel, noise, tone, pale, nail_colour, roughness, shift, sleeve, cloth, band, metal, glove,
    out, gloss,
):  # fmt: skip
    """Albedo and gloss of a hand's samples: ``rest (N, 4)`` is their place and normal z on the resting hand."""
    for n in range(rest.shape[0]):
        x, y, z = rest[n, 0] + shift[0], rest[n, 1] + shift[1], rest[n, 2] + shift[2]
        blotch, grain = noise_at(noise, x, y, z, 0.57), noise_at(noise, x, y, z, 3.2)
        if -rest[n, 1] > sleeve:
            weave = 1 + 0.05 * grain + 0.10 * noise_at(noise, x, y, z, 0.27)
            if -rest[n, 1] - sleeve < 4:
                weave *= 0.85
            gloss[n] = 0
            for c in range(3):
                out[n, c] = cloth[c] * weave
            continue
        if abs(-rest[n, 1] - band) < 5:
            gloss[n] = 0.6
            for c in range(3):
                out[n, c] = metal[c] * (1 + 0.1 * grain)
            continue
        if glove:
            gloss[n] = 0.25
            for c in range(3):
                out[n, c] = tone[c] * (1 + 0.05 * blotch + 0.02 * grain)
            continue
        i = min(max(int((rest[n, 0] - low[0]) / voxel + 0.5), 0), block.shape[0] - 1)
        j = min(max(int((rest[n, 1] - low[1]) / voxel + 0.5), 0), block.shape[1] - 1)
        k = min(max(int((rest[n, 2] - low[2]) / voxel + 0.5), 0), block.shape[2] - 1)
        crease, red, nail = block[i, j, k, 0] / 255.0, block[i, j, k, 1] / 255.0, block[i, j, k, 2] / 255.0
        palm = min(max(0.5 - 1.2 * rest[n, 3], 0.0), 1.0)
        flush = min(max(0.6 * red + 0.06 * blotch + 0.25 * palm * (1 + blotch), 0.0), 1.0)
        grey = 1 + roughness * (0.016 * blotch + 0.02 * grain)
        for c in range(3):
            warm, fold = (0.02, 0.26) if c == 0 else ((0.16, 0.36) if c == 1 else (0.15, 0.38))
            albedo = tone[c] + palm * (pale[c] - tone[c])
            albedo *= (1 - flush * warm) * grey * (1 - roughness * crease * fold)
            out[n, c] = albedo + nail * (nail_colour[c] - albedo)
        gloss[n] = nail
