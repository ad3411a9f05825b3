"""The square crop around a face, and its exact inverse."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ..imaging.kernels.resample import resample_cubic
from .mean_face import fit_weak_perspective

Points = NDArray[Any]
Interpolation = Literal["nearest", "linear"]

FACE_WINDOW_MM = 250.0
"""Side of the crop on an average face: a head with some room around it; the eyes are 56 pixels apart at 224."""

FACE_CENTRE_MM = np.array([0.0, -15.0, -40.0])
"""What lies at the middle of the crop, from the point between the eyes: inside the head, so that a face that turns
stays in place."""

HULL_MARGIN = 0.06
"""Least distance of any landmark from the crop's border, as a share of its side."""


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

    @classmethod
    def centred(cls, centre: Points, side: float, size: int) -> CropTransform:
        """The crop of ``side`` photo pixels around the photo point ``centre (2,)``, at ``size`` pixels."""
        scale = size / side
        middle = (size - 1) / 2
        return cls(scale, (middle - scale * float(centre[0]), middle - scale * float(centre[1])), size)

    def to_crop(self, points: Points) -> Points:
        """Photo pixels ``(..., 2)`` to crop pixels."""
        return np.asarray(points, float) * self.scale + np.asarray(self.offset)

    def to_photo(self, points: Points) -> Points:
        """Crop pixels ``(..., 2)`` to photo pixels: the exact inverse."""
        return (np.asarray(points, float) - np.asarray(self.offset)) / self.scale

    def warp(self, photo: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Resample a photo ``(H, W[, C])`` uint8 into the crop: ``(size, size[, C])`` float32 in [0, 1].

        Only the pixels that the crop shows are touched, and they are low-passed before they are shrunk. Outside the
        photo its border is repeated; `inside` tells which pixels those are.
        """
        shrink = max(1, math.floor(1 / self.scale))
        low, high = self._window(shrink, photo.shape[:2])
        patch = _replicated_patch(photo, low, high)
        if shrink > 1:
            patch = np.asarray(cv2.resize(patch, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA))
        # Pixel centres of the shrunk patch lie at low + shrink * i + (shrink - 1) / 2 in the photo.
        scale = self.scale * shrink
        offset = self.to_crop(low + (shrink - 1) / 2)
        smooth = _low_pass(patch.astype(np.float32) / 255, scale)
        crop = np.empty((self.size, self.size, *photo.shape[2:]), np.float32)
        channels = photo.shape[2] if photo.ndim == 3 else 1
        layered = np.ascontiguousarray(smooth).reshape(*smooth.shape[:2], channels)
        resample_cubic(layered, scale, *(float(v) for v in offset), crop.reshape(self.size, self.size, channels))
        return crop

    def inside(self, photo_size: tuple[int, int]) -> NDArray[np.bool_]:
        """``(size, size)`` bool: the crop's pixels whose centres lie in a photo of width, height ``photo_size``."""
        grid = np.arange(self.size, dtype=float)
        x, y = self.to_photo(np.stack([grid, grid], axis=-1)).T
        in_x = (x >= -0.5) & (x <= photo_size[0] - 0.5)
        in_y = (y >= -0.5) & (y <= photo_size[1] - 0.5)
        return in_y[:, None] & in_x[None, :]

    def warp_back(
        self,
        values: NDArray[Any],
        photo_size: tuple[int, int],
        interpolation: Interpolation = "linear",
        outside: float = 0,
    ) -> NDArray[Any]:
        """Put a crop map ``(size, size[, C])`` where it belongs in an image of the photo's size.

        Args:
            values: any dtype OpenCV can resample (uint8, uint16, float32, float64).
            photo_size: width, height in pixels.
            interpolation: ``nearest`` keeps labels, ``linear`` is for everything else.
            outside: value where the crop does not reach.

        Returns:
            ``(H, W[, C])`` of the dtype of ``values``.
        """
        width, height = photo_size
        result = np.full((height, width, *values.shape[2:]), outside, dtype=values.dtype)
        low = np.ceil(self.to_photo(np.full(2, -0.5))).astype(int).clip(0, (width, height))
        high = (np.floor(self.to_photo(np.full(2, self.size - 0.5))).astype(int) + 1).clip(0, (width, height))
        (x0, y0), (x1, y1) = low, high
        if x0 >= x1 or y0 >= y1:
            return result
        flag = {"nearest": cv2.INTER_NEAREST, "linear": cv2.INTER_LINEAR}[interpolation]
        source = values if interpolation == "nearest" else _low_pass(values, 1 / self.scale)
        offset = self.to_photo(np.zeros(2)) - low
        size = (int(x1 - x0), int(y1 - y0))
        result[y0:y1, x0:x1] = _affine(source, 1 / self.scale, offset, size, flag)
        return result

    def _window(self, multiple: int, photo_shape: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Photo pixels (x, y: first, one past the last) that the crop needs, sides a multiple of ``multiple``."""
        margin = 3 * multiple + 2  # reach of the low-pass and of the cubic kernel
        limit = np.array([photo_shape[1], photo_shape[0]])
        low = np.floor(self.to_photo(np.full(2, -0.5))).astype(int) - margin
        high = np.ceil(self.to_photo(np.full(2, self.size - 0.5))).astype(int) + 1 + margin
        # Where the crop lies outside the photo, a strip of border is enough.
        low = np.clip(low, -margin, limit - 1 + margin)
        high = np.clip(high, low + 1, limit + margin)
        high = low + -(-(high - low) // multiple) * multiple
        return low, high


def crop_for_landmarks(points: Points, size: int, window_mm: float = FACE_WINDOW_MM) -> CropTransform:
    """The crop in which the fitter sees a face: all of it, with the forehead, whatever its pose.

    Scale and centre come from the view in which a mean face explains the points, so a profile is not enlarged.

    Args:
        points: ``(68, 2)`` iBUG or ``(5, 2)`` photo pixels.
        size: side of the crop in pixels.
        window_mm: side of the crop in millimetres of an average face.
    """
    points = np.asarray(points, np.float64)
    view = fit_weak_perspective(points)
    low, high = points.min(0), points.max(0)
    # An impossible view (points all over the place) must not give an impossible crop.
    extent = max(float((high - low).max()), 1e-3)
    side = float(np.clip(window_mm * view.scale, extent, 6 * extent))
    centre = view.project(FACE_CENTRE_MM)
    reach = (1 - 2 * HULL_MARGIN) * side / 2
    side *= max(1.0, float(np.maximum(centre - low, high - centre).max()) / reach)
    return CropTransform.centred(centre, side, size)


def _replicated_patch(photo: NDArray[np.uint8], low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The window of the photo, its border repeated where the window leaves it."""
    height, width = photo.shape[:2]
    (x0, y0), (x1, y1) = low, high
    if x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height:
        return photo[y0:y1, x0:x1]
    rows = np.arange(y0, y1).clip(0, height - 1)
    columns = np.arange(x0, x1).clip(0, width - 1)
    return photo.take(rows, 0).take(columns, 1)


def _low_pass(image: NDArray[Any], scale: float) -> NDArray[Any]:
    """Gaussian that leaves what a grid ``scale`` times as fine can hold (nothing to do when enlarging)."""
    if scale >= 1:
        return image
    sigma = 0.5 * math.sqrt(1 / scale**2 - 1)
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)


def _affine(
    image: NDArray[Any], scale: float, offset: Points, size: tuple[int, int], interpolation: int
) -> NDArray[Any]:
    matrix = np.array([[scale, 0, offset[0]], [0, scale, offset[1]]], dtype=np.float64)
    return cv2.warpAffine(image, matrix, size, flags=interpolation, borderMode=cv2.BORDER_REPLICATE)
