"""The user's own pictures as occluders: cut-outs with an alpha channel, or textures for random shapes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ....errors import FocusfitError
from ..layer import Layer
from ..posed_face import PosedFace
from .drawing import Array, Drawing
from .shadow import cast
from .shapes import blob, nearest_depth, paste, somewhere, typical_reach

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


class Cutouts:
    """A painter that pastes the pictures of a folder.

    Args:
        folder: with RGBA pictures (pasted as they are, along their opacity) and RGB pictures (textures of shapes).

    Raises:
        FocusfitError: the folder is missing or holds no pictures.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise FocusfitError("is no folder", file=folder, remedy="Give a folder of pictures of occluders.")
        self.files = sorted(path for path in self.folder.iterdir() if path.suffix.lower() in SUFFIXES)
        if not self.files:
            raise FocusfitError(
                "holds no pictures", file=folder, remedy=f"Put files ending in {', '.join(SUFFIXES)} into it."
            )

    def __call__(self, face: PosedFace, rng: Generator) -> Layer:
        """One of the pictures before a face.

        Raises:
            FocusfitError: the picture cannot be read.
        """
        picture = read_picture(self.files[rng.integers(len(self.files))])
        if picture.shape[2] == 3:
            side = min(picture.shape[:2])
            texture = cv2.resize(picture[:side, :side], (128, 128), interpolation=cv2.INTER_AREA)
            return paste(face, rng, texture.astype(np.float32) / 255, blob(face, rng), "cutout")
        colour, cover = _placed(face, rng, picture)
        depth = np.where(cover > 0.5, nearest_depth(face) - rng.uniform(3, 40), np.inf).astype(np.float32)
        return cast(face, Drawing(colour, cover, depth), rng, "cutout")


@lru_cache(maxsize=256)
def read_picture(path: Path) -> NDArray[np.uint8]:
    """``(H, W, 3)`` or ``(H, W, 4)`` RGB(A), at most 512 pixels wide or high.

    Raises:
        FocusfitError: it is no picture.
    """
    raw = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if raw is None or raw.ndim not in (2, 3):
        raise FocusfitError("cannot be read as a picture", file=path, remedy="Replace or remove it.")
    if raw.dtype == np.uint16:
        raw = (raw // 257).astype(np.uint8)
    if raw.ndim == 2 or raw.shape[2] == 1:
        raw = cv2.cvtColor(raw, cv2.COLOR_GRAY2BGR)
    shrink = min(512 / max(raw.shape[:2]), 1)
    raw = cv2.resize(raw, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(raw[..., [2, 1, 0, 3]] if raw.shape[2] == 4 else raw[..., ::-1])


def _placed(face: PosedFace, rng: Generator, picture: NDArray[np.uint8]) -> tuple[Array, Array]:
    """Colour ``(S, S, 3)`` and opacity of a cut-out, turned, sized and put somewhere on the face."""
    height, width = picture.shape[:2]
    rgba = picture.astype(np.float32) / 255
    rgba[..., :3] *= rgba[..., 3:]
    scale = 2 * typical_reach(face, rng) / max(height, width)
    if scale < 0.7:  # before it is made smaller, so that nothing flickers
        rgba = np.asarray(cv2.GaussianBlur(rgba, (0, 0), 0.4 / scale), np.float32)
    middle = (width / 2, height / 2)
    matrix = np.array(cv2.getRotationMatrix2D(middle, rng.uniform(-60, 60), scale), np.float64)
    matrix[:, 2] += somewhere(face, rng) - middle
    if rng.random() < 0.5:
        rgba = rgba[:, ::-1]
    placed = cv2.warpAffine(np.ascontiguousarray(rgba), matrix, (face.size, face.size), flags=cv2.INTER_LINEAR)
    cover = np.clip(placed[..., 3], 0, 1)
    bright = np.clip(face.light[:, 0] * 0.2821 + face.light[:, 2] * 0.4886, 0.3, 1.2)
    return np.clip(placed[..., :3] / np.maximum(cover, 1e-3)[..., None] * bright, 0, 1), cover
