"""Things painted over faces, placed by landmarks, with the exact mask of what they cover."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...errors import FocusfitError
from .canvas import FaceCanvas, Layer, OccludedPhoto, composite
from .hand import hand
from .patterned_card import patterned_card
from .sunglasses import sunglasses
from .surgical_mask import surgical_mask

OCCLUDERS: dict[str, Callable[[FaceCanvas], Layer]] = {
    "mask": surgical_mask,
    "hand": hand,
    "sunglasses": sunglasses,
    "card": patterned_card,
}
"""Painters by name."""

__all__ = ["OCCLUDERS", "FaceCanvas", "Layer", "OccludedPhoto", "composite", "occlude"]


def occlude(rgb: NDArray[np.uint8], landmarks: NDArray[np.float64], kind: str, seed: int = 0) -> OccludedPhoto:
    """Paint an occluder over one face.

    Args:
        rgb: ``(H, W, 3)`` uint8 photo.
        landmarks: ``(68, 2)`` iBUG points of the face in photo pixels, centres at integers.
        kind: a name in :data:`OCCLUDERS`.
        seed: decides colours, sides and angles.

    Returns:
        The photo and where it is covered.

    Raises:
        FocusfitError: no occluder has that name.
    """
    if kind not in OCCLUDERS:
        raise FocusfitError(f"unknown occluder '{kind}'", remedy=f"Known occluders: {', '.join(OCCLUDERS)}.")
    canvas = FaceCanvas.on(rgb, np.asarray(landmarks, float), np.random.default_rng(seed))
    return composite(rgb, canvas, OCCLUDERS[kind](canvas))
