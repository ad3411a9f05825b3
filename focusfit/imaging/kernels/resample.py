"""Pictures moved and scaled along their axes: a filter for the columns, then one for the rows."""

from __future__ import annotations

import math

import numpy as np

from .compile import fast

SHARPNESS = np.float32(-0.75)
"""Slope of the cubic kernel (Keys, 1981) where its neighbour's centre lies; OpenCV takes this one."""


@fast
def resample_cubic(image, scale, x, y, moved):  # type: ignore[no-untyped-def]
    """Fill ``moved (S, S, C)``, limited to [0, 1], from ``image (H, W, C)`` at ``scale`` times its size.

    Its pixel (0, 0) comes to lie at column ``x`` and row ``y``; its border is repeated outside.
    """
    height, width, channels = image.shape
    size = moved.shape[0]
    column, column_weight = np.empty((size, 4), np.uintp), np.empty((size, 4), np.float32)
    row, row_weight = np.empty((size, 4), np.uintp), np.empty((size, 4), np.float32)
    find_taps(scale, x, width, column, column_weight)
    find_taps(scale, y, height, row, row_weight)
    wide = np.empty((height, size * channels), np.float32)
    for r in range(height):
        for n in range(size):
            w0, w1, w2, w3 = column_weight[n, 0], column_weight[n, 1], column_weight[n, 2], column_weight[n, 3]
            a, b, c, d = column[n, 0], column[n, 1], column[n, 2], column[n, 3]
            for k in range(channels):
                value = w0 * image[r, a, k] + w1 * image[r, b, k] + w2 * image[r, c, k] + w3 * image[r, d, k]
                wide[r, n * channels + k] = value
    flat = moved.reshape(size, size * channels)
    zero, one = np.float32(0), np.float32(1)
    for n in range(size):
        w0, w1, w2, w3 = row_weight[n, 0], row_weight[n, 1], row_weight[n, 2], row_weight[n, 3]
        above, upper, lower, below = wide[row[n, 0]], wide[row[n, 1]], wide[row[n, 2]], wide[row[n, 3]]
        line = flat[n]
        for k in range(line.shape[0]):
            value = w0 * above[k] + w1 * upper[k] + w2 * lower[k] + w3 * below[k]
            line[k] = min(max(value, zero), one)


@fast
def find_taps(scale, offset, limit, place, weight):  # type: ignore[no-untyped-def]
    """Fill ``place (S, 4)`` and ``weight (S, 4)``: of which of ``limit`` pixels each new one is made."""
    one, two, four = np.float32(1), np.float32(2), np.float32(4)
    for n in range(place.shape[0]):
        position = (n - offset) / scale
        left = math.floor(position)
        part = np.float32(position - left)
        for k in range(4):
            d = abs(part - np.float32(k - 1))
            near = ((SHARPNESS + two) * d - (SHARPNESS + two + one)) * d * d + one
            far = SHARPNESS * (((d - (four + one)) * d + two * four) * d - four)
            weight[n, k] = near if d <= one else far
            place[n, k] = min(max(left + k - 1, 0), limit - 1)
