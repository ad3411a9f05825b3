"""Compiled loops of the occluders' shadows."""

from __future__ import annotations

import numpy as np

from ....imaging.kernels.compile import fast


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
