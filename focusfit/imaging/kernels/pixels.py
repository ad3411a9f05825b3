"""From vertices to lit pixels."""

from __future__ import annotations

import math

import numpy as np

from ..light import Y0, Y1, Y2, Y3, Y4
from .compile import exact, fast
from .normals import MIN_SQUARED_LENGTH, fill_normals
from .raster import fill_depth, seen


@fast
def draw_image(  # type: ignore[no-untyped-def]
    b, vertices, albedo, triangles, rotation, offset, light, focal, centre, tolerance, min_cosine,
    turned, placed, normals, inverse_length, face_index, image, depth, normal_map, region, visible,
):  # fmt: skip
    """Everything about image ``b``: fills the arrays of the second line."""
    f, cx, cy = np.float64(focal[b]), np.float64(centre[b, 0]), np.float64(centre[b, 1])
    place_points(vertices[b], rotation[b], offset[b], turned[b], placed[b])
    fill_normals(turned[b], triangles, normals[b], inverse_length[b])

    nearest = np.empty(face_index.shape[1:])
    fill_depth(placed[b], triangles, f, cx, cy, face_index[b], nearest)
    shade_pixels(
        placed[b], normals[b], albedo[b], triangles, light[b], f, cx, cy,
        face_index[b], image[b], depth[b, 0], normal_map[b], region[b, 0],
    )  # fmt: skip
    points, directions, answers = placed[b], normals[b], visible[b]
    for v in range(points.shape[0]):
        x, y, z = np.float64(points[v, 0]), np.float64(points[v, 1]), np.float64(points[v, 2])
        towards = y * directions[v, 1] + z * directions[v, 2] - x * directions[v, 0]
        answers[v] = seen(x, y, z, towards, f, cx, cy, nearest, tolerance, min_cosine)


@fast
def place_points(vertices, rotation, offset, turned, placed):  # type: ignore[no-untyped-def]
    """Model frame to ``turned`` (viewer's axes, about the origin) and ``placed`` (camera frame)."""
    for v in range(vertices.shape[0]):
        x, y, z = vertices[v, 0], vertices[v, 1], vertices[v, 2]
        tx = rotation[0, 0] * x + rotation[0, 1] * y + rotation[0, 2] * z
        ty = rotation[1, 0] * x + rotation[1, 1] * y + rotation[1, 2] * z
        tz = rotation[2, 0] * x + rotation[2, 1] * y + rotation[2, 2] * z
        turned[v, 0], turned[v, 1], turned[v, 2] = tx, ty, tz
        placed[v, 0], placed[v, 1], placed[v, 2] = tx + offset[0], offset[1] - ty, offset[2] - tz


@fast
def shade_pixels(  # type: ignore[no-untyped-def]
    placed, normals, albedo, triangles, light, f, cx, cy, face_index, image, depth, normal_map, region
):
    """Interpolate to the pixels of ``face_index`` and light them."""
    number = placed.dtype.type
    smallest = number(MIN_SQUARED_LENGTH)
    for row in range(face_index.shape[0]):
        dy = (row - cy) / f
        for column in range(face_index.shape[1]):
            face = face_index[row, column]
            region[row, column] = face >= 0
            if face < 0:
                depth[row, column] = 0
                for c in range(3):
                    image[c, row, column] = 0
                    normal_map[c, row, column] = 0
                continue
            i, j, k = np.uintp(triangles[face, 0]), np.uintp(triangles[face, 1]), np.uintp(triangles[face, 2])
            a0, a1, a2 = corner_areas(placed, i, j, k, (column - cx) / f, dy)
            total = a0 + a1 + a2
            w0, w1, w2 = number(a0 / total), number(a1 / total), number(a2 / total)
            depth[row, column] = w0 * placed[i, 2] + w1 * placed[j, 2] + w2 * placed[k, 2]
            x = w0 * normals[i, 0] + w1 * normals[j, 0] + w2 * normals[k, 0]
            y = w0 * normals[i, 1] + w1 * normals[j, 1] + w2 * normals[k, 1]
            z = w0 * normals[i, 2] + w1 * normals[j, 2] + w2 * normals[k, 2]
            scale = number(1) / math.sqrt(max(x * x + y * y + z * z, smallest))
            x, y, z = x * scale, y * scale, z * scale
            normal_map[0, row, column], normal_map[1, row, column], normal_map[2, row, column] = x, y, z
            basis = harmonics_at(number, x, y, z)
            for c in range(3):
                colour = w0 * albedo[i, c] + w1 * albedo[j, c] + w2 * albedo[k, c]
                image[c, row, column] = colour * light_at(light, c, basis)


@exact
def corner_areas(placed, i, j, k, dx, dy):  # type: ignore[no-untyped-def]
    """What barycentric weights are proportional to, as in :func:`focusfit.imaging.barycentrics`; double precision."""
    z0, z1, z2 = np.float64(placed[i, 2]), np.float64(placed[j, 2]), np.float64(placed[k, 2])
    u0, u1, u2 = placed[i, 0] - z0 * dx, placed[j, 0] - z1 * dx, placed[k, 0] - z2 * dx
    v0, v1, v2 = placed[i, 1] - z0 * dy, placed[j, 1] - z1 * dy, placed[k, 1] - z2 * dy
    return u1 * v2 - v1 * u2, u2 * v0 - v2 * u0, u0 * v1 - v0 * u1


@fast
def harmonics_at(number, x, y, z):  # type: ignore[no-untyped-def]
    """The nine harmonics of :func:`focusfit.imaging.harmonics` in the precision of ``number``."""
    c0, c1, c2, c3, c4 = number(Y0), number(Y1), number(Y2), number(Y3), number(Y4)
    one, three = number(1), number(3)
    return (
        c0, -c1 * y, c1 * z, -c1 * x,
        c2 * x * y, -c2 * y * z, c3 * (three * z * z - one), -c2 * x * z, c4 * (x * x - y * y),
    )  # fmt: skip


@fast
def light_at(light, c, basis):  # type: ignore[no-untyped-def]
    """Shading of colour channel ``c``."""
    return (
        light[c, 0] * basis[0] + light[c, 1] * basis[1] + light[c, 2] * basis[2]
        + light[c, 3] * basis[3] + light[c, 4] * basis[4] + light[c, 5] * basis[5]
        + light[c, 6] * basis[6] + light[c, 7] * basis[7] + light[c, 8] * basis[8]
    )  # fmt: skip
