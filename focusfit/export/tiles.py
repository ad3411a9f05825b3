"""What sheets of pictures are put together from."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def tile(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A square picture ``(S, S, 3)`` as ``(side, side, 3)``."""
    shrinks = picture.shape[0] > side
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (side, side), interpolation=method), np.uint8)


def fitting(text: str, font: Font, width: int) -> str:
    """``text``, its middle left out if it is wider than ``width`` pixels."""
    if font.getlength(text) <= width:
        return text
    keep = min(len(text), width // 4)
    while keep > 2 and font.getlength(text[: keep // 2] + "..." + text[-(keep // 2) :]) > width:
        keep -= 2
    return text[: keep // 2] + "..." + text[-(keep // 2) :]
