"""Whether the predicted region holds the whole face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.spatial import ConvexHull


def landmark_hull(landmarks: NDArray[np.floating], size: tuple[int, ...]) -> NDArray[np.bool_]:
    """``(H, W)``: inside the convex hull of the true points ``(68, 2)``."""
    picture = Image.new("1", (size[1], size[0]))
    corners = landmarks[ConvexHull(landmarks).vertices]
    ImageDraw.Draw(picture).polygon([(float(x), float(y)) for x, y in corners], fill=1)
    return np.asarray(picture, bool)


def hull_cover(region: NDArray[np.bool_], landmarks: NDArray[np.floating]) -> float:
    """Share of that hull, inside the photo, which the region covers: a small region would flatter the masks."""
    hull = landmark_hull(landmarks, region.shape)
    return int(np.sum(hull & region)) / max(int(np.sum(hull)), 1)
