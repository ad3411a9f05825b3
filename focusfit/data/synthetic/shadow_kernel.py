"""Looking vertices up in a shadow map."""

from __future__ import annotations

import math

import numpy as np

from ...imaging.kernels.compile import fast


@fast
def sample_shadow(seen, focal, middle, depth, bias, reached):  # type: ignore[no-untyped-def]
    """Fill ``reached (V,)`` from the depth that a light sees: the share of four cells around each vertex not nearer.

    Vertices beyond the map are compared with its border.
    """
    size = depth.shape[0]
    for v in range(reached.shape[0]):
        x = focal * seen[v, 0] / seen[v, 2] + middle
        y = focal * seen[v, 1] / seen[v, 2] + middle
        share = np.float32(0)
        for step in range(4):
            column = math.floor(x + (np.float32(1.2) if step & 1 else np.float32(-0.2)))
            row = math.floor(y + (np.float32(1.2) if step & 2 else np.float32(-0.2)))
            column, row = min(max(column, 0), size - 1), min(max(row, 0), size - 1)
            if seen[v, 2] <= depth[row, column] + bias:
                share += np.float32(0.25)
        reached[v] = share
