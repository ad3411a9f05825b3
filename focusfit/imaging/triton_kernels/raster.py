"""The z-buffer: one lane a triangle, pixels of its bounding box one after the other."""

from __future__ import annotations

import triton
import triton.language as tl

from ..fragments import MAX_PIXEL, MIN_AREA, NEAR

LANES = 64
"""Triangles of a program; a face's triangles are small and alike, so lanes finish together."""

_NEAR = tl.constexpr(NEAR)
_MIN_AREA = tl.constexpr(MIN_AREA)
_MAX_PIXEL = tl.constexpr(MAX_PIXEL)


@triton.jit
def load_point(points, vertex, mask):  # type: ignore[no-untyped-def]
    """Camera-frame x, y, z of vertices, in double."""
    x = tl.load(points + 3 * vertex, mask=mask, other=0.0).to(tl.float64)
    y = tl.load(points + 3 * vertex + 1, mask=mask, other=0.0).to(tl.float64)
    z = tl.load(points + 3 * vertex + 2, mask=mask, other=0.0).to(tl.float64)
    return x, y, z


@triton.jit
def corner_areas(x0, y0, z0, x1, y1, z1, x2, y2, z2, dx, dy):  # type: ignore[no-untyped-def]
    """What barycentric weights are proportional to, as in :func:`focusfit.imaging.barycentrics`."""
    u0, u1, u2 = x0 - z0 * dx, x1 - z1 * dx, x2 - z2 * dx
    v0, v1, v2 = y0 - z0 * dy, y1 - z1 * dy, y2 - z2 * dy
    return u1 * v2 - v1 * u2, u2 * v0 - v2 * u0, u0 * v1 - v0 * u1


@triton.jit
def _on_screen(x, y, z, f, cx, cy):  # type: ignore[no-untyped-def]
    in_front = z > _NEAR
    depth = tl.where(in_front, z, 1.0)
    column, row = f * x / depth + cx, f * y / depth + cy
    return column, row, in_front & (tl.abs(column) < _MAX_PIXEL) & (tl.abs(row) < _MAX_PIXEL)


@triton.jit
def rasterize_kernel(  # type: ignore[no-untyped-def]
    points, triangles, focal, centre, nearest, winner,
    vertex_count, face_count, height, width, PICK: tl.constexpr, LANES: tl.constexpr,
):  # fmt: skip
    """Without ``PICK``, lower ``nearest`` to each pixel's least depth; with it, ``winner`` to the first triangle there.

    ``nearest`` holds the bits of positive doubles as integers, which sort alike.
    """
    image = tl.program_id(1)
    face = tl.program_id(0) * LANES + tl.arange(0, LANES)
    alive = face < face_count
    f = tl.load(focal + image).to(tl.float64)
    cx, cy = tl.load(centre + 2 * image).to(tl.float64), tl.load(centre + 2 * image + 1).to(tl.float64)
    own = points + image.to(tl.int64) * vertex_count * 3
    i = tl.load(triangles + 3 * face, mask=alive, other=0)
    j = tl.load(triangles + 3 * face + 1, mask=alive, other=0)
    k = tl.load(triangles + 3 * face + 2, mask=alive, other=0)
    x0, y0, z0 = load_point(own, i, alive)
    x1, y1, z1 = load_point(own, j, alive)
    x2, y2, z2 = load_point(own, k, alive)
    s0, t0, good0 = _on_screen(x0, y0, z0, f, cx, cy)
    s1, t1, good1 = _on_screen(x1, y1, z1, f, cx, cy)
    s2, t2, good2 = _on_screen(x2, y2, z2, f, cx, cy)
    area = (s1 - s0) * (t2 - t0) - (t1 - t0) * (s2 - s0)
    alive = alive & good0 & good1 & good2 & (area < -_MIN_AREA)

    left = tl.maximum(tl.ceil(tl.minimum(tl.minimum(s0, s1), s2) - 1e-6), 0.0)
    right = tl.minimum(tl.floor(tl.maximum(tl.maximum(s0, s1), s2) + 1e-6), width - 1.0)
    top = tl.maximum(tl.ceil(tl.minimum(tl.minimum(t0, t1), t2) - 1e-6), 0.0)
    bottom = tl.minimum(tl.floor(tl.maximum(tl.maximum(t0, t1), t2) + 1e-6), height - 1.0)
    alive = alive & (left <= right) & (top <= bottom)
    left, top = tl.where(alive, left, 0.0).to(tl.int32), tl.where(alive, top, 0.0).to(tl.int32)
    columns = tl.where(alive, tl.where(alive, right, 0.0).to(tl.int32) - left + 1, 1)
    rows = tl.where(alive, tl.where(alive, bottom, 0.0).to(tl.int32) - top + 1, 0)
    count = columns * rows

    for step in range(tl.max(count, 0)):
        column, row = left + step % columns, top + step // columns
        dx, dy = (column - cx) / f, (row - cy) / f
        a0, a1, a2 = corner_areas(x0, y0, z0, x1, y1, z1, x2, y2, z2, dx, dy)
        total = a0 + a1 + a2
        inside = (step < count) & (a0 <= 0) & (a1 <= 0) & (a2 <= 0) & (total < 0)
        z = (a0 * z0 + a1 * z1 + a2 * z2) / tl.where(inside, total, -1.0)
        bits = z.to(tl.int64, bitcast=True)
        pixel = (image.to(tl.int64) * height + row) * width + column
        if PICK:
            first = inside & (tl.load(nearest + pixel, mask=inside, other=0) == bits)
            tl.atomic_min(winner + pixel, face, mask=first, sem="relaxed")
        else:
            tl.atomic_min(nearest + pixel, bits, mask=inside, sem="relaxed")
