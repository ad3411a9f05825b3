"""Named parts of the face mesh."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .paint import FaceMaps


def name_regions(
    vertices: NDArray, points: NDArray, maps: FaceMaps, mouth_depth: NDArray, rim: NDArray
) -> dict[str, NDArray]:
    """Boolean vertex masks ``(V,)``.

    Args:
        vertices: ``(V, 3)`` mean face, mm.
        points: ``(68, 3)`` its iBUG landmarks.
        maps: the painted maps.
        mouth_depth: ``(V,)``, above 1 inside the mouth.
        rim: ``(V,)`` outer edge.
    """
    x, y = np.abs(vertices[:, 0]), vertices[:, 1]
    eyes = maps.eyeball > 0.5
    interior = mouth_depth > 1
    skin = ~eyes & ~interior
    from_eye = np.min([np.linalg.norm((vertices - points[i].mean(0)) / [1.0, 0.75, 1.0], axis=1) for i in EYES], axis=0)
    eye_region = from_eye < 24
    lips = (maps.lips > 0.5) & skin
    brows = (maps.brows > 0.5) & skin
    root, wing = points[27, 1], points[54, 0] - 4
    width = np.interp(y, [points[33, 1] - 1, points[30, 1], root], [wing, wing, 8])
    ahead = vertices[:, 2] > points[33, 2] - 18
    nose = skin & (y > points[33, 1] - 1) & (y < root) & (x < width) & ahead
    forehead = skin & (y > points[[19, 24], 1].mean() - 3) & ~brows
    below = np.interp(x, [0, points[54, 0], points[14, 0]], [points[57, 1] - 2, points[57, 1] + 4, points[13, 1] + 4])
    jaw = skin & (y < below) & ~lips
    cheeks = skin & ~(nose | forehead | jaw | lips | brows | eye_region) & (x > points[54, 0] - 6)
    return {
        "eyes": eyes,
        "lips": lips,
        "brows": brows,
        "nose": nose,
        "jaw": jaw,
        "forehead": forehead,
        "cheeks": cheeks,
        "beard": skin & (np.maximum(maps.beard, maps.moustache) > 0.4),
        "eye_region": eye_region & ~interior,
        "mouth_interior": interior,
        "boundary": rim,
    }


EYES = ([36, 37, 38, 39, 40, 41], [42, 43, 44, 45, 46, 47])
