"""A picture of some faces for people: each as photo, fit, shape alone and mask."""

from __future__ import annotations

from dataclasses import dataclass
from math import radians

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ..detection.photo import Photo
from ..facemodel.coefficients import FaceCoefficients
from ..fitting.reconstruction import Reconstruction
from .photo_masks import face_pictures
from .portrait import PAPER, portrait
from .tiles import Font, fitting, tile

LARGE, SMALL = 264, 148
"""Side of a picture in pixels: in one column of faces, and in two."""

ONE_COLUMN = 6
"""With more faces there are two columns."""

GAP, MARGIN, GUTTER = 6, 16, 40
INK, SOFT = (40, 40, 40), (120, 120, 118)
GREY = 0.72
"""sRGB level of the shape alone."""

CLOSER = 1.1
"""How much larger it is than portraits are, which leave room for any head."""


@dataclass(frozen=True, eq=False)
class _Strip:
    caption: str
    pictures: tuple[NDArray[np.uint8], ...]


class Gallery:
    """Five pictures a face: photo, fitted face over it, shape alone from the front and turned, mask.

    Args:
        turn: degrees by which the shape is turned.
    """

    def __init__(self, turn: float = 40.0) -> None:
        self._turn = turn
        self._strips: list[_Strip] = []

    def __len__(self) -> int:
        return len(self._strips)

    def add(self, caption: str, reconstruction: Reconstruction, photo: Photo) -> None:
        """Append a face; its pictures are made now, so that the photo need not be kept."""
        made = face_pictures(reconstruction, photo)
        front, turned = (_shape(reconstruction, turn) for turn in (0.0, self._turn))
        pictures = (made.photo, made.overlay, front, turned, made.mask)
        self._strips.append(_Strip(caption, tuple(tile(picture, LARGE) for picture in pictures)))

    def picture(self) -> NDArray[np.uint8]:
        """``(H, W, 3)`` sRGB, at most 1600 pixels wide.

        Raises:
            ValueError: it has no face.
        """
        if not self._strips:
            raise ValueError("an empty gallery has no picture")
        columns, side = (1, LARGE) if len(self) <= ONE_COLUMN else (2, SMALL)
        rows = -(-len(self) // columns)
        font, line = ImageFont.load_default(side // 12 + 2), side // 12 + 10
        titles = ("photo", "fitted face", "its shape", f"turned by {self._turn:g}°", "green: seen, red: not")
        step = side + GAP
        wide, high = len(titles) * step - GAP, side + line + MARGIN
        size = (2 * MARGIN + columns * (wide + GUTTER) - GUTTER, MARGIN + line + rows * high)
        sheet = Image.new("RGB", size, PAPER)
        draw = ImageDraw.Draw(sheet)
        for column in range(columns):
            for number, title in enumerate(titles):
                middle = MARGIN + column * (wide + GUTTER) + number * step + side / 2
                draw.text((middle, MARGIN), fitting(title, font, side), INK, font, anchor="ma")
        for index, strip in enumerate(self._strips):
            corner = (MARGIN + index % columns * (wide + GUTTER), MARGIN + line + index // columns * high)
            _draw_strip(sheet, draw, strip, corner, side, font)
        return np.asarray(sheet)


def _draw_strip(
    sheet: Image.Image, draw: ImageDraw.ImageDraw, strip: _Strip, corner: tuple[int, int], side: int, font: Font
) -> None:
    """Pictures side by side from ``corner`` on, the caption below."""
    x, y = corner
    for number, picture in enumerate(strip.pictures):
        sheet.paste(Image.fromarray(tile(picture, side)), (x + number * (side + GAP), y))
    width = len(strip.pictures) * (side + GAP) - GAP
    draw.text((x, y + side + 3), fitting(strip.caption, font, width), SOFT, font)


def _shape(reconstruction: Reconstruction, turn: float) -> NDArray[np.uint8]:
    """The face with its expression as if of plaster, turned by ``turn`` degrees from the front."""
    face = reconstruction.coefficients
    face = face.replace(rotation=torch.tensor([[0.0, radians(turn), 0.0]]), light=_from_above(face))
    side = round(CLOSER * LARGE)
    edge = (side - LARGE) // 2
    return portrait(reconstruction.model, face, side, GREY)[edge : edge + LARGE, edge : edge + LARGE]


def _from_above(face: FaceCoefficients) -> torch.Tensor:
    """White light from above and the image's left, which shows relief."""
    light = torch.zeros_like(face.light)
    light[:, :, 0], light[:, :, 1], light[:, :, 2], light[:, :, 3] = 1.5, -0.9, 1.2, 0.7
    return light
