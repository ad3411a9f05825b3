"""From the gradient at pixels back to vertices, pose, albedo, light and camera."""

from __future__ import annotations

import math

import numpy as np

from ..light import Y1, Y2, Y3, Y4
from .compile import fast
from .normals import MIN_SQUARED_LENGTH, add_normals_gradient
from .pixels import corner_areas, harmonics_at, light_at


@fast
def draw_image_backward(  # type: ignore[no-untyped-def]
    b, vertices, albedo, triangles, rotation, light, focal, centre,
    turned, placed, normals, inverse_length, face_index, grad_image, grad_depth, grad_normal_map,
    grad_vertices, grad_albedo, grad_rotation, grad_offset, grad_light, grad_focal, grad_centre,
):  # fmt: skip
    """Fill the last line's arrays at ``b``. ``grad_depth`` and ``grad_normal_map`` may have no images, meaning zero."""
    f, cx, cy = np.float64(focal[b]), np.float64(centre[b, 0]), np.float64(centre[b, 1])
    grad_albedo[b] = 0
    grad_placed, grad_normals = np.zeros_like(placed[b]), np.zeros_like(normals[b])
    grad_focal[b], grad_centre[b, 0], grad_centre[b, 1] = shade_pixels_backward(
        placed[b], normals[b], albedo[b], triangles, light[b], f, cx, cy, face_index[b],
        grad_image[b], grad_depth[b:b + 1], grad_normal_map[b:b + 1],
        grad_placed, grad_normals, grad_albedo[b], grad_light[b],
    )  # fmt: skip
    grad_turned = grad_vertices[b]
    grad_turned[:] = 0
    add_normals_gradient(turned[b], triangles, normals[b], inverse_length[b], grad_normals, grad_turned)
    place_points_backward(vertices[b], rotation[b], grad_placed, grad_turned, grad_rotation[b], grad_offset[b])


@fast
def shade_pixels_backward(  # type: ignore[no-untyped-def]
    placed, normals, albedo, triangles, light, f, cx, cy, face_index, grad_image, grad_depth, grad_normal_map,
    grad_placed, grad_normals, grad_albedo, grad_light,
):  # fmt: skip
    """Add to the last line's arrays; returns the gradient of focal, cx and cy."""
    number = placed.dtype.type
    one, smallest = number(1), number(MIN_SQUARED_LENGTH)
    grad_f = grad_cx = grad_cy = 0.0
    grad_light[:] = 0
    lit_row = np.empty((3, face_index.shape[1]), placed.dtype)
    basis_row = np.empty((9, face_index.shape[1]), placed.dtype)
    for row in range(face_index.shape[0]):
        dy = (row - cy) / f
        drawn = 0
        for column in range(face_index.shape[1]):
            face = face_index[row, column]
            if face < 0:
                continue
            # what the forward pass had computed at this pixel
            i, j, k = np.uintp(triangles[face, 0]), np.uintp(triangles[face, 1]), np.uintp(triangles[face, 2])
            dx = (column - cx) / f
            a0, a1, a2 = corner_areas(placed, i, j, k, dx, dy)
            inverse_total = 1 / (a0 + a1 + a2)
            w0, w1, w2 = number(a0 * inverse_total), number(a1 * inverse_total), number(a2 * inverse_total)
            x = w0 * normals[i, 0] + w1 * normals[j, 0] + w2 * normals[k, 0]
            y = w0 * normals[i, 1] + w1 * normals[j, 1] + w2 * normals[k, 1]
            z = w0 * normals[i, 2] + w1 * normals[j, 2] + w2 * normals[k, 2]
            squared = x * x + y * y + z * z
            scale = one / math.sqrt(max(squared, smallest))
            x, y, z = x * scale, y * scale, z * scale
            basis = harmonics_at(number, x, y, z)

            # colour = albedo * light
            gw0 = gw1 = gw2 = number(0)
            e1 = e2 = e3 = e4 = e5 = e6 = e7 = e8 = number(0)  # the gradient of the harmonics
            for c in range(3):
                g = grad_image[c, row, column]
                colour = w0 * albedo[i, c] + w1 * albedo[j, c] + w2 * albedo[k, c]
                grad_colour = g * light_at(light, c, basis)
                grad_lit = g * colour
                lit_row[c, drawn] = grad_lit
                e1 += grad_lit * light[c, 1]
                e2 += grad_lit * light[c, 2]
                e3 += grad_lit * light[c, 3]
                e4 += grad_lit * light[c, 4]
                e5 += grad_lit * light[c, 5]
                e6 += grad_lit * light[c, 6]
                e7 += grad_lit * light[c, 7]
                e8 += grad_lit * light[c, 8]
                grad_albedo[i, c] += w0 * grad_colour
                grad_albedo[j, c] += w1 * grad_colour
                grad_albedo[k, c] += w2 * grad_colour
                gw0 += grad_colour * albedo[i, c]
                gw1 += grad_colour * albedo[j, c]
                gw2 += grad_colour * albedo[k, c]

            for m in range(9):
                basis_row[m, drawn] = basis[m]
            drawn += 1

            # harmonics of the unit normal, and the normal's length
            e4, e5, e7, e8 = number(Y2) * e4, number(-Y2) * e5, number(-Y2) * e7, number(2 * Y4) * e8
            gx = number(-Y1) * e3 + y * e4 + z * e7 + x * e8
            gy = number(-Y1) * e1 + x * e4 + z * e5 - y * e8
            gz = number(Y1) * e2 + y * e5 + number(6 * Y3) * z * e6 + x * e7
            for image in range(grad_normal_map.shape[0]):
                gx += grad_normal_map[image, 0, row, column]
                gy += grad_normal_map[image, 1, row, column]
                gz += grad_normal_map[image, 2, row, column]
            along = gx * x + gy * y + gz * z if squared > smallest else number(0)
            gx, gy, gz = (gx - along * x) * scale, (gy - along * y) * scale, (gz - along * z) * scale
            grad_normals[i, 0] += w0 * gx
            grad_normals[i, 1] += w0 * gy
            grad_normals[i, 2] += w0 * gz
            grad_normals[j, 0] += w1 * gx
            grad_normals[j, 1] += w1 * gy
            grad_normals[j, 2] += w1 * gz
            grad_normals[k, 0] += w2 * gx
            grad_normals[k, 1] += w2 * gy
            grad_normals[k, 2] += w2 * gz
            gw0 += gx * normals[i, 0] + gy * normals[i, 1] + gz * normals[i, 2]
            gw1 += gx * normals[j, 0] + gy * normals[j, 1] + gz * normals[j, 2]
            gw2 += gx * normals[k, 0] + gy * normals[k, 1] + gz * normals[k, 2]
            for image in range(grad_depth.shape[0]):
                g = grad_depth[image, 0, row, column]
                gw0 += g * placed[i, 2]
                gw1 += g * placed[j, 2]
                gw2 += g * placed[k, 2]
                grad_placed[i, 2] += w0 * g
                grad_placed[j, 2] += w1 * g
                grad_placed[k, 2] += w2 * g

            # weights = areas / total, area i = q_j x q_k, q = (x - z dx, y - z dy)
            mean = w0 * gw0 + w1 * gw1 + w2 * gw2
            g0, g1, g2 = (gw0 - mean) * inverse_total, (gw1 - mean) * inverse_total, (gw2 - mean) * inverse_total
            z0, z1, z2 = np.float64(placed[i, 2]), np.float64(placed[j, 2]), np.float64(placed[k, 2])
            u0, u1, u2 = placed[i, 0] - z0 * dx, placed[j, 0] - z1 * dx, placed[k, 0] - z2 * dx
            v0, v1, v2 = placed[i, 1] - z0 * dy, placed[j, 1] - z1 * dy, placed[k, 1] - z2 * dy
            gu0, gv0 = g2 * v1 - g1 * v2, g1 * u2 - g2 * u1
            gu1, gv1 = g0 * v2 - g2 * v0, g2 * u0 - g0 * u2
            gu2, gv2 = g1 * v0 - g0 * v1, g0 * u1 - g1 * u0
            grad_placed[i, 0] += gu0
            grad_placed[i, 1] += gv0
            grad_placed[i, 2] -= gu0 * dx + gv0 * dy
            grad_placed[j, 0] += gu1
            grad_placed[j, 1] += gv1
            grad_placed[j, 2] -= gu1 * dx + gv1 * dy
            grad_placed[k, 0] += gu2
            grad_placed[k, 1] += gv2
            grad_placed[k, 2] -= gu2 * dx + gv2 * dy
            grad_dx = -(z0 * gu0 + z1 * gu1 + z2 * gu2)
            grad_dy = -(z0 * gv0 + z1 * gv1 + z2 * gv2)
            grad_cx -= grad_dx / f
            grad_cy -= grad_dy / f
            grad_f -= (grad_dx * dx + grad_dy * dy) / f
        add_products(grad_light, lit_row, basis_row, drawn)
    return grad_f, grad_cx, grad_cy


@fast
def add_products(sums, left, right, count):  # type: ignore[no-untyped-def]
    """Add ``left[:, :count] @ right[:, :count].T``: one row of pixels at once, which vectorizes."""
    for c in range(left.shape[0]):
        for m in range(right.shape[0]):
            total = sums.dtype.type(0)
            for n in range(count):
                total += left[c, n] * right[m, n]
            sums[c, m] += total


@fast
def place_points_backward(  # type: ignore[no-untyped-def]
    vertices, rotation, grad_placed, grad_turned, grad_rotation, grad_offset
):
    """Turns ``grad_turned`` into the gradient of ``vertices`` in place; fills the gradient of rotation and offset."""
    ox = oy = oz = 0.0
    rxx = rxy = rxz = ryx = ryy = ryz = rzx = rzy = rzz = 0.0
    for v in range(vertices.shape[0]):
        px, py, pz = grad_placed[v, 0], grad_placed[v, 1], grad_placed[v, 2]
        ox += px
        oy += py
        oz += pz
        gx, gy, gz = grad_turned[v, 0] + px, grad_turned[v, 1] - py, grad_turned[v, 2] - pz
        x, y, z = vertices[v, 0], vertices[v, 1], vertices[v, 2]
        rxx += gx * x
        rxy += gx * y
        rxz += gx * z
        ryx += gy * x
        ryy += gy * y
        ryz += gy * z
        rzx += gz * x
        rzy += gz * y
        rzz += gz * z
        grad_turned[v, 0] = rotation[0, 0] * gx + rotation[1, 0] * gy + rotation[2, 0] * gz
        grad_turned[v, 1] = rotation[0, 1] * gx + rotation[1, 1] * gy + rotation[2, 1] * gz
        grad_turned[v, 2] = rotation[0, 2] * gx + rotation[1, 2] * gy + rotation[2, 2] * gz
    grad_offset[0], grad_offset[1], grad_offset[2] = ox, oy, oz
    grad_rotation[0, 0], grad_rotation[0, 1], grad_rotation[0, 2] = rxx, rxy, rxz
    grad_rotation[1, 0], grad_rotation[1, 1], grad_rotation[1, 2] = ryx, ryy, ryz
    grad_rotation[2, 0], grad_rotation[2, 1], grad_rotation[2, 2] = rzx, rzy, rzz
