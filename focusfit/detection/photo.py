"""A photo in memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded photo, upright.

    Attributes:
        rgb: ``(H, W, 3)`` uint8 sRGB, EXIF orientation applied.
        path: where it came from, if from a file.
        grey: the photo has no colour.
    """

    rgb: NDArray[np.uint8]
    path: Path | None = None
    grey: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width, height in pixels."""
        return self.rgb.shape[1], self.rgb.shape[0]
