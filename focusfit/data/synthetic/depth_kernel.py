"""A z-buffer where speed counts more than the last bit: single precision, for pictures that are averaged anyway."""

from __future__ import annotations

import math

import numpy as np

from ...imaging.fragments import MAX_PIXEL, NEAR
from ...imaging.kernels.compile import fast

TOLERANCE = np.float32(1e-4)
"""Barycentric weight below zero that still counts as inside, so that no cracks open between triangles."""


@fast
def fill_nearest(points, triangles, f, cx, cy, index, depth):  # type: ignore[no-untyped-def]
    """Fill ``index (H, W)``, -1 outside, and the z-buffer ``depth``; as the exact kernel does, but for rounding.

    ``points (V, 3)`` are in the camera frame; triangles that turn away, counter-clockwise on the screen, are left out.
    """
    height, width = index.shape
    index[:] = -1
    depth[:] = 0  # one over the depth until all is drawn: that is linear on the screen
    one = np.float32(1)
    focal, middle_x, middle_y = np.float32(f), np.float32(cx), np.float32(cy)
    screen = np.empty((points.shape[0], 3), np.float32)
    for v in range(points.shape[0]):
        inverse = one / points[v, 2]
        x, y = focal * points[v, 0] * inverse + middle_x, focal * points[v, 1] * inverse + middle_y
        drawable = points[v, 2] > NEAR and abs(x) < MAX_PIXEL and abs(y) < MAX_PIXEL
        screen[v, 0], screen[v, 1], screen[v, 2] = (x, y, inverse) if drawable else (np.nan, np.nan, inverse)
    for face in range(triangles.shape[0]):
        i, j, k = np.uintp(triangles[face, 0]), np.uintp(triangles[face, 1]), np.uintp(triangles[face, 2])
        x0, y0, x1, y1 = screen[i, 0], screen[i, 1], screen[j, 0], screen[j, 1]
        x2, y2 = screen[k, 0], screen[k, 1]
        area = (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0)
        if not area < np.float32(-1e-7):
            continue
        left, right = max(0, math.ceil(min(x0, x1, x2))), min(width - 1, math.floor(max(x0, x1, x2)))
        if left > right:
            continue
        top, bottom = max(0, math.ceil(min(y0, y1, y2))), min(height - 1, math.floor(max(y0, y1, y2)))
        if top > bottom:
            continue
        scale = one / area
        # weights of the second and third corner grow by these per column and row
        b_column, b_row = (y2 - y0) * scale, (x0 - x2) * scale
        c_column, c_row = (y0 - y1) * scale, (x1 - x0) * scale
        start_x, start_y = np.float32(left) - x0, np.float32(top) - y0
        b_start = start_x * b_column + start_y * b_row
        c_start = start_x * c_column + start_y * c_row
        z0 = screen[i, 2]
        z1, z2 = screen[j, 2] - z0, screen[k, 2] - z0
        for row in range(top, bottom + 1):
            b, c = b_start, c_start
            for column in range(left, right + 1):
                if min(b, c, one - b - c) >= -TOLERANCE:
                    nearness = z0 + b * z1 + c * z2
                    if nearness > depth[row, column]:
                        depth[row, column] = nearness
                        index[row, column] = face
                b += b_column
                c += c_column
            b_start += b_row
            c_start += c_row
    for row in range(height):
        for column in range(width):
            depth[row, column] = one / depth[row, column]
