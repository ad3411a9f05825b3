"""`contact_sheet.png`: a run at a glance."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .face_folder import write_png
from .photo_masks import FacePictures
from .tiles import fitting, tile

TILE = 144
"""Side of a picture in pixels."""

CAPTION = 22
GAP = 8
PAPER = (250, 250, 248)
INK = (40, 40, 40)
MOST_FACES = 96
"""Further faces are counted, not shown: the sheet stays a picture that any program can open."""


class ContactSheet:
    """Four pictures a face: photo, photo with the fitted face, mask, the fitted face alone."""

    def __init__(self) -> None:
        self._strips: list[tuple[str, NDArray[np.uint8]]] = []
        self._left_out = 0

    def add(self, caption: str, pictures: FacePictures) -> None:
        """Append a face; the pictures are shrunk now, so that memory does not grow with their size."""
        if len(self._strips) >= MOST_FACES:
            self._left_out += 1
            return
        rendered = _on_paper(pictures.rendered)
        tiles = [tile(p, TILE) for p in (pictures.photo, pictures.overlay, pictures.mask, rendered)]
        self._strips.append((caption, np.hstack(tiles)))

    def write(self, path: Path) -> None:
        """Write the sheet as PNG; a run without faces gets a sheet that says so."""
        columns = 1 if len(self._strips) <= 4 else 2 if len(self._strips) <= 32 else 3
        rows = -(-len(self._strips) // columns)
        wide, high = 4 * TILE + GAP, TILE + CAPTION + GAP
        footer = CAPTION if self._left_out or not self._strips else 0
        sheet = Image.new("RGB", (columns * wide + GAP, rows * high + GAP + footer), PAPER)
        draw = ImageDraw.Draw(sheet)
        font = ImageFont.load_default(13)
        for index, (caption, strip) in enumerate(self._strips):
            x, y = GAP + index % columns * wide, GAP + index // columns * high
            draw.text((x, y + 2), fitting(caption, font, 4 * TILE), INK, font)
            sheet.paste(Image.fromarray(strip), (x, y + CAPTION))
        if footer:
            text = f"and {self._left_out} more: see manifest.csv" if self._left_out else "no face: see manifest.csv"
            draw.text((GAP, rows * high + GAP), text, INK, font)
        write_png(path, np.asarray(sheet))


def _on_paper(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    alpha = rgba[..., 3:].astype(np.float32) / 255
    return np.rint(rgba[..., :3] * alpha + np.array(PAPER) * (1 - alpha)).astype(np.uint8)
