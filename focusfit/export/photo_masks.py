"""From the crop back to the photo: masks and pictures of a reconstruction."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..detection.crop import CropTransform
from ..detection.photo import Photo
from ..fitting.reconstruction import Reconstruction

PICTURE_SIDE = 512
"""Largest side of the pictures that are made for people."""


@dataclass(frozen=True, eq=False)
class PhotoMasks:
    """Where the face is and where it is hidden, in the photo's pixels.

    Attributes:
        region: ``(H, W)`` uint8, 255 where the model projects.
        visible: ``(H, W)`` uint8, 255 where the face is seen.
        occlusion: ``(H, W)`` uint16, probability of an occluder times 65535, 0 outside ``region``.
    """

    region: NDArray[np.uint8]
    visible: NDArray[np.uint8]
    occlusion: NDArray[np.uint16]


def photo_masks(reconstruction: Reconstruction, size: tuple[int, int]) -> PhotoMasks:
    """Resample a fit's crop-sized masks to a photo of ``size`` (width, height).

    Only the photo's part under the crop is computed. Probabilities are interpolated among pixels of the region alone,
    so that its edge does not look occluded.
    """
    width, height = size
    masks = PhotoMasks(
        np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint16)
    )
    crop = reconstruction.crop
    corners = crop.to_photo(np.array([[-0.5, -0.5], [crop.size - 0.5] * 2]))
    left, top = np.clip(np.floor(corners[0]).astype(int), 0, size)
    right, bottom = np.clip(np.ceil(corners[1]).astype(int) + 1, 0, size)
    if right <= left or bottom <= top:
        return masks
    window = (slice(top, bottom), slice(left, right))
    part = CropTransform(crop.scale, tuple(crop.to_crop(np.array([left, top]))), crop.size)
    shape = (int(right - left), int(bottom - top))
    coverage = part.warp_back(reconstruction.region.astype(np.float32), shape)
    seen = part.warp_back(_visible(reconstruction), shape)
    inside = coverage >= 0.5
    seen = np.clip(seen / np.maximum(coverage, 1e-3), 0, 1)
    masks.region[window] = np.where(inside, 255, 0)
    masks.visible[window] = np.where(inside & (seen >= 0.5), 255, 0)
    masks.occlusion[window] = np.where(inside, np.rint((1 - seen) * 65535), 0)
    return masks


@dataclass(frozen=True, eq=False)
class FacePictures:
    """Square pictures of the crop for people, all ``(S, S, 3 or 4)`` uint8 RGB.

    S is the crop's side in photo pixels, at least the fit's crop size and at most :data:`PICTURE_SIDE`.

    Attributes:
        photo: the photo under the crop, its border repeated beyond its edge.
        overlay: the photo with its visible face replaced by the rendering; occluders stay in front.
        mask: the photo, its visible face tinted green and what hides the face tinted red.
        rendered: RGBA, the rendered face alone, hidden parts included; transparent outside the region.
    """

    photo: NDArray[np.uint8]
    overlay: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    rendered: NDArray[np.uint8]


def face_pictures(reconstruction: Reconstruction, photo: Photo) -> FacePictures:
    """The pictures of one face."""
    crop = reconstruction.crop
    side = int(np.clip(round(crop.size / crop.scale), crop.size, max(PICTURE_SIDE, crop.size)))
    background = _enlarged(crop, side).warp(photo.rgb) * 255
    enlarge = lambda values: cv2.resize(values.astype(np.float32), (side, side), interpolation=cv2.INTER_LINEAR)  # noqa: E731
    region = enlarge(reconstruction.region)
    seen = enlarge(_visible(reconstruction))
    # Colours are interpolated premultiplied, lest the black surroundings darken the edge.
    rendered = enlarge(np.where(reconstruction.region[..., None], reconstruction.rendered, 0))
    rendered = np.clip(rendered / np.maximum(region, 1e-3)[..., None], 0, 1) * 255
    overlay = background + seen[..., None] * (rendered - background)
    tint = seen[..., None] * (60, 220, 90) + (region - seen)[..., None] * (235, 50, 60)
    mask = background * (1 - 0.5 * region[..., None]) + 0.5 * tint
    alpha = np.clip(region[..., None], 0, 1) * 255
    to_bytes = lambda values: np.clip(np.rint(values), 0, 255).astype(np.uint8)  # noqa: E731
    return FacePictures(
        to_bytes(background), to_bytes(overlay), to_bytes(mask), to_bytes(np.concatenate([rendered, alpha], axis=2))
    )


def _visible(reconstruction: Reconstruction) -> NDArray[np.float32]:
    """``(size, size)``: probability that the face is seen, 0 outside the region."""
    return np.where(reconstruction.region, reconstruction.mask_probability, 0).astype(np.float32)


def _enlarged(crop: CropTransform, side: int) -> CropTransform:
    """The same square of the photo at ``side`` pixels; pixel centres at integers, so edge -0.5 meets edge -0.5."""
    zoom = side / crop.size
    x, y = crop.offset
    return CropTransform(crop.scale * zoom, ((x + 0.5) * zoom - 0.5, (y + 0.5) * zoom - 0.5), side)
