"""Mean-field sweeps over the pixels of a picture."""

from __future__ import annotations

import numpy as np

from .compile import fast

# tanh as a ratio of polynomials (Eigen's), right to a few units in the last place; a loop over it has no branches
MOST = np.float32(7.90531110763549805)
A1, A3, A5 = np.float32(4.89352455891786e-03), np.float32(6.37261928875436e-04), np.float32(1.48572235717979e-05)
A7, A9 = np.float32(5.12229709037114e-08), np.float32(-8.60467152213735e-11)
A11, A13 = np.float32(2.00018790482477e-13), np.float32(-2.76076847742355e-16)
B0, B2 = np.float32(4.89352518554385e-03), np.float32(2.26843463243900e-03)
B4, B6 = np.float32(1.18534705686654e-04), np.float32(1.19825839466702e-06)


@fast
def tanh(x):  # type: ignore[no-untyped-def]
    """Of one float32."""
    x = min(max(x, -MOST), MOST)
    s = x * x
    above = ((((((A13 * s + A11) * s + A9) * s + A7) * s + A5) * s + A3) * s + A1) * x
    return above / (((B6 * s + B4) * s + B2) * s + B0)


@fast
def sweep_image(image, evidence, right, down, sweeps, belief):  # type: ignore[no-untyped-def]
    """Fill ``belief[image]``; all ``(B, H, W)`` float32, ``right`` and ``down`` 0 in the last column and row.

    Every sweep takes each pixel halfway to what its evidence and its neighbours' last beliefs say.
    """
    height, width = evidence.shape[1:]
    half = np.float32(0.5)
    # a rim of one pixel, on which belief and couplings stay 0
    now, then = np.zeros((height + 2, width + 2), np.float32), np.zeros((height + 2, width + 2), np.float32)
    across, along = np.zeros((height, width + 1), np.float32), np.zeros((height + 1, width), np.float32)
    own = np.empty((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            own[y, x] = half * evidence[image, y, x]
            across[y, x + 1], along[y + 1, x] = right[image, y, x], down[image, y, x]
            now[y + 1, x + 1] = tanh(own[y, x])
    for _ in range(sweeps):
        for y in range(height):
            above, here, below, new = now[y], now[y + 1], now[y + 2], then[y + 1]
            sides, upper, lower, said = across[y], along[y], along[y + 1], own[y]
            for x in range(width):
                pull = said[x] + sides[x + 1] * here[x + 2] + sides[x] * here[x]
                pull += lower[x] * below[x + 1] + upper[x] * above[x + 1]
                new[x + 1] = half * here[x + 1] + half * tanh(pull)
        now, then = then, now
    for y in range(height):
        for x in range(width):
            belief[image, y, x] = now[y + 1, x + 1]
