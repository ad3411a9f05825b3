"""Reading masks as numbers in [0, 1]."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ..errors import FocusfitError, PredictionError

Mask = NDArray[np.float32]
"""``(H, W)`` values in [0, 1]."""


def read_mask(path: Path) -> Mask:
    """A picture's grey values, 8 or 16 bit, scaled to [0, 1]; colours are turned into their luma.

    Raises:
        FocusfitError: the file is missing or no picture.
    """
    try:
        with Image.open(path) as image:
            deep = image.mode == "I" or image.mode.startswith("I;16")
            values = np.asarray(image if deep else image.convert("L"))
    except (OSError, ValueError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise FocusfitError(f"no readable mask ({error})", file=path) from error
    return values.astype(np.float32) / np.float32(65535 if deep else 255)


def is_white(mask: Mask) -> NDArray[np.bool_]:
    """``(H, W)``: more than half, 128 of 255 and up."""
    return mask > 127.5 / 255


def require_size(mask: Mask, size: tuple[int, ...], path: Path) -> Mask:
    """The mask, if its shape is ``size``.

    Raises:
        PredictionError: it has another one.
    """
    if mask.shape != size:
        here, there = (f"{shape[1]} x {shape[0]}" for shape in (mask.shape, size))
        raise PredictionError(f"is {here} pixels large, what it is compared with {there}", file=path)
    return mask
