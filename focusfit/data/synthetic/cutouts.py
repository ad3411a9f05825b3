"""The user's own occluders: pictures with transparency, held before faces."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ...errors import FocusfitError
from .layer import Layer
from .posed_face import PosedFace

KIND = "picture"

LARGEST = 512
"""Longer side in pixels to which pictures are shrunk when they are read."""

SHADOW = 0.35
"""Light that a picture takes from what lies right behind it."""


class Cutouts:
    """Draws the user's cut-outs.

    Args:
        folder: PNG files with an alpha channel; folders inside it too.

    Raises:
        FocusfitError: there are none, or one has no transparency or cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise FocusfitError("is not a folder", file=folder, remedy="Name a folder with PNG files for occluders.")
        paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".png")
        if not paths:
            raise FocusfitError("holds no PNG files", file=folder, remedy="Occluders are PNG files with transparency.")
        self._pictures = [_read(path) for path in paths]

    def draw(self, face: PosedFace, rng: Generator) -> Layer:
        """One picture somewhere over the face, turned a little, as bright as its surroundings."""
        picture = self._pictures[rng.integers(len(self._pictures))]
        height, width = picture.shape[:2]
        low, high = face.landmarks_px.min(0), face.landmarks_px.max(0)
        scale = rng.uniform(0.35, 0.95) * float((high - low).max()) / max(height, width)
        angle = rng.normal(0, 20) if rng.random() < 0.8 else rng.uniform(0, 360)
        middle = low + (high - low) * rng.uniform(0.1, 0.9, 2)
        move = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), float(angle), float(scale))
        move[:, 2] += middle - [(width - 1) / 2, (height - 1) / 2]
        shrunk = _before_shrinking(picture, scale)
        laid = cv2.warpAffine(shrunk, move, (face.size, face.size), flags=cv2.INTER_LINEAR)
        cover = np.asarray(laid[..., 3], np.float32)
        # colours came multiplied by the opacity, so that edges take nothing from transparent pixels
        colour = laid[..., :3] / np.maximum(cover[..., None], 1e-3)
        reach = max(0.012 * face.size, 1.0)
        offset = np.array([[1, 0, rng.normal(0, reach)], [0, 1, abs(rng.normal(0, reach))]], np.float32)
        moved = cv2.warpAffine(cv2.GaussianBlur(cover, (0, 0), 1.5 * reach), offset, (face.size, face.size))
        return Layer(
            kind=KIND,
            colour=np.clip(colour * _brightness(face), 0, 1).astype(np.float32),
            cover=cover,
            shadow=np.asarray(1 - SHADOW * moved, np.float32),
        )


def _read(path: Path) -> NDArray[np.float32]:
    """``(H, W, 4)`` in [0, 1], colours multiplied by the opacity."""
    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if stored is None or stored.ndim != 3 or stored.shape[2] != 4:
        cause = "cannot be read as a picture" if stored is None else "has no transparency"
        raise FocusfitError(cause, file=path, remedy="Give a PNG with an alpha channel, or take it out of the folder.")
    picture = stored.astype(np.float32) / (255 if stored.dtype == np.uint8 else 65535)
    rgba = np.concatenate([picture[..., 2::-1] * picture[..., 3:], picture[..., 3:]], axis=2)
    factor = min(1.0, LARGEST / max(stored.shape[:2]))
    return np.asarray(cv2.resize(rgba, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.float32)


def _before_shrinking(picture: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """Smoothed, so that a much smaller copy has no jagged edges."""
    return picture if scale >= 0.7 else np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.35 / scale), np.float32)


def _brightness(face: PosedFace) -> NDArray[np.float32]:
    """``(3,)`` light on a surface that faces the camera, kept moderate: the picture has light of its own."""
    facing = face.light @ np.array([0.2821, 0, 0.4886, 0, 0, 0, 0.6308, 0, 0], np.float32)
    return np.clip(facing, 0.45, 1.15).astype(np.float32)
