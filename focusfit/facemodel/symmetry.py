"""Left and right of a mesh."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

TYPICAL_MM = 1.5
"""How far half of the vertices may lie from their mirrored partner."""

WORST_MM = 5.0
"""The same for all but one in a hundred."""


def mirror_map(points: NDArray[np.floating], midline: float = 0.0) -> NDArray[np.int64] | None:
    """``(V,)`` the vertex nearest to each vertex's mirror image, or None where the mesh has no such symmetry.

    Vertices that choose each other are partners exactly; on a mesh without exact symmetry the others map to their
    nearest, so the map need not be its own inverse there.

    Args:
        points: ``(V, 3)`` mm, x across the face.
        midline: x of the mirror plane.
    """
    mirrored = np.array(points, dtype=np.float64)
    mirrored[:, 0] = 2 * midline - mirrored[:, 0]
    distance, nearest = cKDTree(points).query(mirrored)
    if np.median(distance) > TYPICAL_MM or np.percentile(distance, 99) > WORST_MM:
        return None
    return nearest.astype(np.int64)
