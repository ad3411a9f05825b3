"""From each pixel's triangle to its colour, one lane a pixel."""

from __future__ import annotations

import triton
import triton.language as tl

from ..kernels.normals import MIN_SQUARED_LENGTH
from ..light import Y0, Y1, Y2, Y3, Y4
from .raster import corner_areas, load_point

LANES = 128
"""Pixels of a program."""

_Y0, _Y1, _Y2, _Y3, _Y4 = (tl.constexpr(y) for y in (Y0, Y1, Y2, Y3, Y4))
SMALLEST = tl.constexpr(MIN_SQUARED_LENGTH)


@triton.jit
def load3(values, vertex, mask):  # type: ignore[no-untyped-def]
    """Three values a vertex."""
    a = tl.load(values + 3 * vertex, mask=mask, other=0.0)
    b = tl.load(values + 3 * vertex + 1, mask=mask, other=0.0)
    c = tl.load(values + 3 * vertex + 2, mask=mask, other=0.0)
    return a, b, c


@triton.jit
def weights_at(own, i, j, k, dx, dy, mask):  # type: ignore[no-untyped-def]
    """Barycentric weights (in double), their divisor, and the corners' depths."""
    x0, y0, z0 = load_point(own, i, mask)
    x1, y1, z1 = load_point(own, j, mask)
    x2, y2, z2 = load_point(own, k, mask)
    a0, a1, a2 = corner_areas(x0, y0, z0, x1, y1, z1, x2, y2, z2, dx, dy)
    total = tl.where(mask, a0 + a1 + a2, 1.0)
    return a0 / total, a1 / total, a2 / total, total, z0, z1, z2


@triton.jit
def light_at(light, x, y, z):  # type: ignore[no-untyped-def]
    """One colour channel's shading in the direction of a unit normal, as :func:`focusfit.imaging.shading`."""
    value = tl.load(light) * _Y0 + tl.load(light + 1) * (-_Y1 * y) + tl.load(light + 2) * (_Y1 * z)
    value += tl.load(light + 3) * (-_Y1 * x) + tl.load(light + 4) * (_Y2 * x * y) + tl.load(light + 5) * (-_Y2 * y * z)
    value += tl.load(light + 6) * (_Y3 * (3 * z * z - 1)) + tl.load(light + 7) * (-_Y2 * x * z)
    return value + tl.load(light + 8) * (_Y4 * (x * x - y * y))


@triton.jit
def shade_kernel(  # type: ignore[no-untyped-def]
    points, normals, albedo, triangles, light, focal, centre, face_index, image, depth, normal_map,
    vertex_count, height, width, LANES: tl.constexpr,
):  # fmt: skip
    """Fill ``image``, ``depth`` and ``normal_map``; zero where no triangle is."""
    b = tl.program_id(1).to(tl.int64)
    pixel = tl.program_id(0) * LANES + tl.arange(0, LANES)
    area = height * width
    inside = pixel < area
    face = tl.load(face_index + b * area + pixel, mask=inside, other=-1).to(tl.int64)
    drawn = face >= 0
    i = tl.load(triangles + 3 * face, mask=drawn, other=0)
    j = tl.load(triangles + 3 * face + 1, mask=drawn, other=0)
    k = tl.load(triangles + 3 * face + 2, mask=drawn, other=0)
    f = tl.load(focal + b).to(tl.float64)
    dx = (pixel % width - tl.load(centre + 2 * b).to(tl.float64)) / f
    dy = (pixel // width - tl.load(centre + 2 * b + 1).to(tl.float64)) / f
    first = b * vertex_count * 3
    w0, w1, w2, _, z0, z1, z2 = weights_at(points + first, i, j, k, dx, dy, drawn)
    out = depth.dtype.element_ty
    tl.store(depth + b * area + pixel, tl.where(drawn, w0 * z0 + w1 * z1 + w2 * z2, 0.0).to(out), mask=inside)
    w0, w1, w2 = w0.to(out), w1.to(out), w2.to(out)

    n0x, n0y, n0z = load3(normals + first, i, drawn)
    n1x, n1y, n1z = load3(normals + first, j, drawn)
    n2x, n2y, n2z = load3(normals + first, k, drawn)
    x = w0 * n0x + w1 * n1x + w2 * n2x
    y = w0 * n0y + w1 * n1y + w2 * n2y
    z = w0 * n0z + w1 * n1z + w2 * n2z
    scale = 1 / tl.sqrt(tl.maximum(x * x + y * y + z * z, SMALLEST))
    x, y, z = tl.where(drawn, x * scale, 0.0), tl.where(drawn, y * scale, 0.0), tl.where(drawn, z * scale, 0.0)
    tl.store(normal_map + 3 * b * area + pixel, x, mask=inside)
    tl.store(normal_map + (3 * b + 1) * area + pixel, y, mask=inside)
    tl.store(normal_map + (3 * b + 2) * area + pixel, z, mask=inside)

    for c in tl.static_range(3):
        c0 = tl.load(albedo + first + 3 * i + c, mask=drawn, other=0.0)
        c1 = tl.load(albedo + first + 3 * j + c, mask=drawn, other=0.0)
        c2 = tl.load(albedo + first + 3 * k + c, mask=drawn, other=0.0)
        colour = (w0 * c0 + w1 * c1 + w2 * c2) * light_at(light + (3 * b + c) * 9, x, y, z)
        tl.store(image + (3 * b + c) * area + pixel, tl.where(drawn, colour, 0.0), mask=inside)
