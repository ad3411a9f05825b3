"""The z-buffer, and which vertices it leaves in sight."""

from __future__ import annotations

import math

import numpy as np

from ..fragments import MAX_PIXEL, MIN_AREA, NEAR
from .compile import exact

# No fastmath here: two triangles that share an edge must compute it to the same bits, or cracks open between them.


@exact
def rasterize_image(b, vertices, triangles, focal, centre, face_index, depth):  # type: ignore[no-untyped-def]
    """Fill ``face_index[b]`` and the float64 ``depth[b]``."""
    f, cx, cy = np.float64(focal[b]), np.float64(centre[b, 0]), np.float64(centre[b, 1])
    fill_depth(vertices[b], triangles, f, cx, cy, face_index[b], depth[b])


@exact
def fill_depth(points, triangles, f, cx, cy, index, nearest):  # type: ignore[no-untyped-def]
    """One image's ``index (H, W)`` and float64 z-buffer; the arithmetic is that of the torch reference."""
    height, width = index.shape
    index[:] = -1
    nearest[:] = np.inf

    screen = np.empty((points.shape[0], 2))
    for v in range(points.shape[0]):
        z = np.float64(points[v, 2])
        x, y = f * points[v, 0] / z + cx, f * points[v, 1] / z + cy
        # not-a-number spoils the area of every triangle that uses this vertex, which is then not drawn
        drawable = z > NEAR and abs(x) < MAX_PIXEL and abs(y) < MAX_PIXEL
        screen[v, 0], screen[v, 1] = (x, y) if drawable else (np.nan, np.nan)

    for face in range(triangles.shape[0]):
        i, j, k = np.uintp(triangles[face, 0]), np.uintp(triangles[face, 1]), np.uintp(triangles[face, 2])
        x0, y0, x1, y1, x2, y2 = screen[i, 0], screen[i, 1], screen[j, 0], screen[j, 1], screen[k, 0], screen[k, 1]
        area = (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0)
        if not area < -MIN_AREA:
            continue
        left = max(0, math.ceil(min(x0, x1, x2) - 1e-6))
        right = min(width - 1, math.floor(max(x0, x1, x2) + 1e-6))
        top = max(0, math.ceil(min(y0, y1, y2) - 1e-6))
        bottom = min(height - 1, math.floor(max(y0, y1, y2) + 1e-6))
        if left > right or top > bottom:
            continue
        x0, y0, z0 = np.float64(points[i, 0]), np.float64(points[i, 1]), np.float64(points[i, 2])
        x1, y1, z1 = np.float64(points[j, 0]), np.float64(points[j, 1]), np.float64(points[j, 2])
        x2, y2, z2 = np.float64(points[k, 0]), np.float64(points[k, 1]), np.float64(points[k, 2])
        for row in range(top, bottom + 1):
            dy = (row - cy) / f
            v0, v1, v2 = y0 - z0 * dy, y1 - z1 * dy, y2 - z2 * dy
            for column in range(left, right + 1):
                dx = (column - cx) / f
                u0, u1, u2 = x0 - z0 * dx, x1 - z1 * dx, x2 - z2 * dx
                a0, a1, a2 = u1 * v2 - v1 * u2, u2 * v0 - v2 * u0, u0 * v1 - v0 * u1
                total = a0 + a1 + a2
                if a0 <= 0 and a1 <= 0 and a2 <= 0 and total < 0:
                    z = (a0 * z0 + a1 * z1 + a2 * z2) / total
                    if z < nearest[row, column]:
                        nearest[row, column] = z
                        index[row, column] = face


@exact
def see_vertices(b, vertices, normals, focal, centre, depth, tolerance, min_cosine, visible):  # type: ignore[no-untyped-def]
    """Fill the bool ``visible[b]``; ``normals`` in the camera frame."""
    f, cx, cy = np.float64(focal[b]), np.float64(centre[b, 0]), np.float64(centre[b, 1])
    points, directions, nearest, answers = vertices[b], normals[b], depth[b], visible[b]
    for v in range(points.shape[0]):
        x, y, z = np.float64(points[v, 0]), np.float64(points[v, 1]), np.float64(points[v, 2])
        towards = -(x * directions[v, 0] + y * directions[v, 1] + z * directions[v, 2])
        answers[v] = seen(x, y, z, towards, f, cx, cy, nearest, tolerance, min_cosine)


@exact
def seen(x, y, z, towards, f, cx, cy, depth, tolerance, min_cosine):  # type: ignore[no-untyped-def]
    """Whether a point whose normal has the component ``towards`` against (x, y, z) is in sight."""
    if not (z > NEAR and towards > min_cosine * math.sqrt(x * x + y * y + z * z)):
        return False
    column, row = np.rint(f * x / z + cx), np.rint(f * y / z + cy)
    inside = 0 <= column < depth.shape[1] and 0 <= row < depth.shape[0]
    return inside and z <= depth[int(row), int(column)] + tolerance
