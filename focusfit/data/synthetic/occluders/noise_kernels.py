"""Compiled loops of noise."""

from __future__ import annotations

import math

from ....imaging.kernels.compile import fast


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
