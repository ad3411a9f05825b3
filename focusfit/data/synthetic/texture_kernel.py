"""Colours picked out of a texture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...imaging.kernels.compile import fast

Array = NDArray[np.float32]


def mean_around(texture: Array, places: Array, offsets: NDArray[np.int64]) -> Array:
    """``(N, 3)`` linear colour: the mean of some texels around each place.

    Args:
        texture: ``(T, T, 3 or more)`` linear colour first.
        places: ``(N, 2)`` columns and rows.
        offsets: ``(K, 2)`` columns and rows from the nearest texel to those that are averaged.
    """
    colours = np.empty((len(places), 3), np.float32)
    _average(texture, np.rint(places).astype(np.int64), offsets, colours)
    return colours


@fast
def _average(texture, places, offsets, colours):  # type: ignore[no-untyped-def]
    last = texture.shape[0] - 1
    share = np.float32(1 / offsets.shape[0])
    for n in range(places.shape[0]):
        red, green, blue = np.float32(0), np.float32(0), np.float32(0)
        for k in range(offsets.shape[0]):
            column = min(max(places[n, 0] + offsets[k, 0], 0), last)
            row = min(max(places[n, 1] + offsets[k, 1], 0), last)
            red += texture[row, column, 0]
            green += texture[row, column, 1]
            blue += texture[row, column, 2]
        colours[n, 0], colours[n, 1], colours[n, 2] = red * share, green * share, blue * share
