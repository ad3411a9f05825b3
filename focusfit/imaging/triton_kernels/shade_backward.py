"""The gradient of :mod:`.shade`, one lane a pixel; vertices gather it by atomic additions."""

from __future__ import annotations

import triton
import triton.language as tl

from ..light import Y0, Y1, Y2, Y3, Y4
from .shade import SMALLEST, light_at, load3, weights_at

_Y0, _Y1, _Y2, _Y3, _Y4 = (tl.constexpr(y) for y in (Y0, Y1, Y2, Y3, Y4))


@triton.jit
def _add3(target, vertex, a, b, c, mask):  # type: ignore[no-untyped-def]
    tl.atomic_add(target + 3 * vertex, a, mask=mask, sem="relaxed")
    tl.atomic_add(target + 3 * vertex + 1, b, mask=mask, sem="relaxed")
    tl.atomic_add(target + 3 * vertex + 2, c, mask=mask, sem="relaxed")


@triton.jit
def _light_gradient(light, x, y, z):  # type: ignore[no-untyped-def]
    """Derivative of :func:`light_at` by the normal, the polynomials taken off the sphere as they stand."""
    l1, l2, l3 = tl.load(light + 1), tl.load(light + 2), tl.load(light + 3)
    l4, l5, l6 = tl.load(light + 4), tl.load(light + 5), tl.load(light + 6)
    l7, l8 = tl.load(light + 7), tl.load(light + 8)
    gx = -_Y1 * l3 + _Y2 * y * l4 - _Y2 * z * l7 + 2 * _Y4 * x * l8
    gy = -_Y1 * l1 + _Y2 * x * l4 - _Y2 * z * l5 - 2 * _Y4 * y * l8
    gz = _Y1 * l2 - _Y2 * y * l5 + 6 * _Y3 * z * l6 - _Y2 * x * l7
    return gx, gy, gz


@triton.jit
def _add_light(target, g, x, y, z):  # type: ignore[no-untyped-def]
    """Add one channel's ``sum(g * harmonics)`` over the program's pixels."""
    tl.atomic_add(target, tl.sum(g * _Y0, 0), sem="relaxed")
    tl.atomic_add(target + 1, tl.sum(g * (-_Y1 * y), 0), sem="relaxed")
    tl.atomic_add(target + 2, tl.sum(g * (_Y1 * z), 0), sem="relaxed")
    tl.atomic_add(target + 3, tl.sum(g * (-_Y1 * x), 0), sem="relaxed")
    tl.atomic_add(target + 4, tl.sum(g * (_Y2 * x * y), 0), sem="relaxed")
    tl.atomic_add(target + 5, tl.sum(g * (-_Y2 * y * z), 0), sem="relaxed")
    tl.atomic_add(target + 6, tl.sum(g * (_Y3 * (3 * z * z - 1)), 0), sem="relaxed")
    tl.atomic_add(target + 7, tl.sum(g * (-_Y2 * x * z), 0), sem="relaxed")
    tl.atomic_add(target + 8, tl.sum(g * (_Y4 * (x * x - y * y)), 0), sem="relaxed")


@triton.jit
def shade_backward_kernel(  # type: ignore[no-untyped-def]
    points, normals, albedo, triangles, light, focal, centre, face_index, grad_image, grad_depth, grad_normal_map,
    grad_points, grad_normals, grad_albedo, grad_light, grad_focal, grad_centre,
    vertex_count, height, width, LANES: tl.constexpr,
):  # fmt: skip
    """Add to the second line's arrays."""
    b = tl.program_id(1).to(tl.int64)
    pixel = tl.program_id(0) * LANES + tl.arange(0, LANES)
    area = height * width
    face = tl.load(face_index + b * area + pixel, mask=pixel < area, other=-1).to(tl.int64)
    drawn = face >= 0
    if tl.sum(drawn.to(tl.int32), 0) > 0:
        number = grad_points.dtype.element_ty
        i = tl.load(triangles + 3 * face, mask=drawn, other=0)
        j = tl.load(triangles + 3 * face + 1, mask=drawn, other=0)
        k = tl.load(triangles + 3 * face + 2, mask=drawn, other=0)
        f = tl.load(focal + b).to(tl.float64)
        dx = (pixel % width - tl.load(centre + 2 * b).to(tl.float64)) / f
        dy = (pixel // width - tl.load(centre + 2 * b + 1).to(tl.float64)) / f
        first = b * vertex_count * 3
        own = points + first
        b0, b1, b2, total, z0, z1, z2 = weights_at(own, i, j, k, dx, dy, drawn)
        w0, w1, w2 = b0.to(number), b1.to(number), b2.to(number)
        n0x, n0y, n0z = load3(normals + first, i, drawn)
        n1x, n1y, n1z = load3(normals + first, j, drawn)
        n2x, n2y, n2z = load3(normals + first, k, drawn)
        x = w0 * n0x + w1 * n1x + w2 * n2x
        y = w0 * n0y + w1 * n1y + w2 * n2y
        z = w0 * n0z + w1 * n1z + w2 * n2z
        squared = x * x + y * y + z * z
        scale = 1 / tl.sqrt(tl.maximum(squared, SMALLEST))
        x, y, z = x * scale, y * scale, z * scale

        # image = colour * light; its gradient by the normal joins that of the picture of normals
        gx = tl.load(grad_normal_map + 3 * b * area + pixel, mask=drawn, other=0.0)
        gy = tl.load(grad_normal_map + (3 * b + 1) * area + pixel, mask=drawn, other=0.0)
        gz = tl.load(grad_normal_map + (3 * b + 2) * area + pixel, mask=drawn, other=0.0)
        g_depth = tl.load(grad_depth + b * area + pixel, mask=drawn, other=0.0).to(tl.float64)
        g0, g1, g2 = g_depth * z0, g_depth * z1, g_depth * z2  # by the weights
        for c in tl.static_range(3):
            channel = light + (3 * b + c) * 9
            g = tl.load(grad_image + (3 * b + c) * area + pixel, mask=drawn, other=0.0)
            c0 = tl.load(albedo + first + 3 * i + c, mask=drawn, other=0.0)
            c1 = tl.load(albedo + first + 3 * j + c, mask=drawn, other=0.0)
            c2 = tl.load(albedo + first + 3 * k + c, mask=drawn, other=0.0)
            g_colour, g_lit = g * light_at(channel, x, y, z), g * (w0 * c0 + w1 * c1 + w2 * c2)
            g0, g1, g2 = g0 + g_colour * c0, g1 + g_colour * c1, g2 + g_colour * c2
            tl.atomic_add(grad_albedo + first + 3 * i + c, w0 * g_colour, mask=drawn, sem="relaxed")
            tl.atomic_add(grad_albedo + first + 3 * j + c, w1 * g_colour, mask=drawn, sem="relaxed")
            tl.atomic_add(grad_albedo + first + 3 * k + c, w2 * g_colour, mask=drawn, sem="relaxed")
            _add_light(grad_light + (3 * b + c) * 9, g_lit, x, y, z)
            lx, ly, lz = _light_gradient(channel, x, y, z)
            gx, gy, gz = gx + g_lit * lx, gy + g_lit * ly, gz + g_lit * lz

        # through the division by the normal's length, where there was one
        along = tl.where(squared > SMALLEST, x * gx + y * gy + z * gz, 0.0)
        gx, gy, gz = (gx - along * x) * scale, (gy - along * y) * scale, (gz - along * z) * scale
        g0 += gx * n0x + gy * n0y + gz * n0z
        g1 += gx * n1x + gy * n1y + gz * n1z
        g2 += gx * n2x + gy * n2y + gz * n2z
        _add3(grad_normals + first, i, w0 * gx, w0 * gy, w0 * gz, drawn)
        _add3(grad_normals + first, j, w1 * gx, w1 * gy, w1 * gz, drawn)
        _add3(grad_normals + first, k, w2 * gx, w2 * gy, w2 * gz, drawn)

        _add_points(
            own, grad_points + first, grad_focal + b, grad_centre + 2 * b, i, j, k, f, dx, dy,
            b0, b1, b2, total, g0, g1, g2, g_depth, drawn,
        )  # fmt: skip


@triton.jit
def _add_points(  # type: ignore[no-untyped-def]
    own, grad_points, grad_focal, grad_centre, i, j, k, f, dx, dy, w0, w1, w2, total, g0, g1, g2, g_depth, drawn,
):  # fmt: skip
    """From the gradient ``g`` of the weights to corners and camera; ``a1 x a2`` and so on as in ``corner_areas``."""
    number = grad_points.dtype.element_ty
    x0, y0, z0 = load3(own, i, drawn)
    x1, y1, z1 = load3(own, j, drawn)
    x2, y2, z2 = load3(own, k, drawn)
    u0, u1, u2 = x0 - z0 * dx, x1 - z1 * dx, x2 - z2 * dx
    v0, v1, v2 = y0 - z0 * dy, y1 - z1 * dy, y2 - z2 * dy
    mean = g0 * w0 + g1 * w1 + g2 * w2
    a0, a1, a2 = (g0 - mean) / total, (g1 - mean) / total, (g2 - mean) / total
    gu0, gu1, gu2 = a2 * v1 - a1 * v2, a0 * v2 - a2 * v0, a1 * v0 - a0 * v1
    gv0, gv1, gv2 = a1 * u2 - a2 * u1, a2 * u0 - a0 * u2, a0 * u1 - a1 * u0
    _add3(grad_points, i, gu0.to(number), gv0.to(number), (g_depth * w0 - dx * gu0 - dy * gv0).to(number), drawn)
    _add3(grad_points, j, gu1.to(number), gv1.to(number), (g_depth * w1 - dx * gu1 - dy * gv1).to(number), drawn)
    _add3(grad_points, k, gu2.to(number), gv2.to(number), (g_depth * w2 - dx * gu2 - dy * gv2).to(number), drawn)
    g_dx = tl.where(drawn, -(z0 * gu0 + z1 * gu1 + z2 * gu2), 0.0)
    g_dy = tl.where(drawn, -(z0 * gv0 + z1 * gv1 + z2 * gv2), 0.0)
    tl.atomic_add(grad_centre, (-tl.sum(g_dx, 0) / f).to(number), sem="relaxed")
    tl.atomic_add(grad_centre + 1, (-tl.sum(g_dy, 0) / f).to(number), sem="relaxed")
    tl.atomic_add(grad_focal, (-tl.sum(g_dx * dx + g_dy * dy, 0) / f).to(number), sem="relaxed")
