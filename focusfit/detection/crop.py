"""The square crop around a face, and its exact inverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .photo import Photo

Points = NDArray[np.float64]


@dataclass(frozen=True)
class CropTransform:
    """A similarity without rotation: ``crop = scale * photo + offset`` (pixel centres at integers in both).

    Attributes:
        scale: crop pixels per photo pixel.
        offset: crop position x, y of the photo's pixel (0, 0).
        size: side of the square crop in pixels.
    """

    scale: float
    offset: tuple[float, float]
    size: int

    def to_crop(self, points: Points) -> Points:
        """Photo pixels ``(..., 2)`` to crop pixels."""
        return np.asarray(points, float) * self.scale + np.asarray(self.offset)

    def to_photo(self, points: Points) -> Points:
        """Crop pixels ``(..., 2)`` to photo pixels: the exact inverse."""
        return (np.asarray(points, float) - np.asarray(self.offset)) / self.scale
