"""Cutting a face out of a photo, once, with room around it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..detection.crop import CropTransform, crop_for_landmarks
from .face_batch import canvas_margin


def canvas_transform(landmarks: NDArray[Any], size: int) -> CropTransform:
    """Photo to canvas: the crop of the fitter and the networks, ``size`` pixels, widened by the margin on each side."""
    view = crop_for_landmarks(landmarks, size)
    margin = canvas_margin(size)
    return CropTransform(view.scale, (view.offset[0] + margin, view.offset[1] + margin), size + 2 * margin)


def cut(canvas: CropTransform, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A photo ``(H, W, 3)`` or a mask ``(H, W)`` on its canvas, uint8 as it was."""
    return np.asarray(canvas.warp(picture) * 255 + 0.5, np.uint8)


def photo_bounds(canvas: CropTransform, photo_size: tuple[int, int]) -> NDArray[np.float32]:
    """``(4,)`` x0, y0, x1, y1 on the canvas of the outer pixel centres of a photo of ``photo_size`` (width, height)."""
    corners = np.array([[0, 0], [photo_size[0] - 1, photo_size[1] - 1]])
    return canvas.to_crop(corners).ravel().astype(np.float32)
