"""From a clean picture to what a camera stored."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .picture_kernel import grade, store

Picture = NDArray[np.float32]

GRAIN_ROOM = 256
"""Pixels by which the stored noise is larger than a photo."""


def photograph(picture: Picture, degraded_fraction: float, rng: Generator) -> NDArray[np.uint8]:
    """Lens, sensor and file.

    Args:
        picture: ``(S, S, 3)`` sRGB in [0, 1], changed in place.
        degraded_fraction: share of the photos with a visibly bad lens or sensor.
        rng: the generator.

    Returns:
        ``(S, S, 3)`` uint8.
    """
    bad = rng.random() < degraded_fraction
    effect = rng.choice(("low resolution", "motion", "defocus", "noise", "grey")) if bad else ""
    size = picture.shape[0]
    _grade(picture, rng)
    if effect == "low resolution":
        picture = _low_resolution(picture, rng.uniform(0.25, 0.6))
    elif effect == "motion":
        picture = _moved(picture, rng.uniform(0.012, 0.04) * size, rng.uniform(0, np.pi))
    elif effect == "defocus":
        picture = _softened(picture, rng.uniform(0.004, 0.010) * size)
    else:
        picture = _softened(picture, rng.uniform(0.25, 0.65) * size / 224)
    if effect == "grey":
        picture = np.repeat(picture @ np.array([[0.299], [0.587], [0.114]], np.float32), 3, axis=2)
        picture = picture * np.array(np.exp(rng.normal(0, 0.02, 3)), np.float32)
    noise = rng.uniform(0.012, 0.04) if effect == "noise" else rng.exponential(0.006)
    vignette = rng.uniform(0.05, 0.45) if rng.random() < 0.35 else 0.0
    stored = _stored(picture, noise, vignette, rng)
    quality = int(rng.integers(25, 60)) if bad and rng.random() < 0.5 else int(rng.integers(70, 98))
    return compressed(stored, quality)


def compressed(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """The picture after JPEG at ``quality``."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, quality))
    stored = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert stored is not None
    return np.asarray(cv2.cvtColor(stored, cv2.COLOR_BGR2RGB), np.uint8)


def _softened(picture: Picture, radius: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), radius), np.float32)


def _grade(picture: Picture, rng: Generator) -> None:
    """White balance, contrast and saturation of the camera's own taste."""
    gain = np.exp(rng.normal(0, 0.03, 3)).astype(np.float32)
    contrast = np.float32(np.exp(rng.normal(0.03, 0.08)))
    grade(picture, gain, contrast, np.float32(0.45), np.float32(np.clip(rng.normal(1.0, 0.12), 0.6, 1.35)))


def _low_resolution(picture: Picture, factor: float) -> Picture:
    size = picture.shape[0]
    small = cv2.resize(picture, (max(16, round(size * factor)),) * 2, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (size, size), interpolation=cv2.INTER_LINEAR), np.float32)


def _moved(picture: Picture, length: float, angle: float) -> Picture:
    side = max(3, int(np.ceil(length)) | 1)
    kernel = np.zeros((side, side), np.float32)
    middle = side // 2
    step = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    ends = [(round(float(middle + s * step[0])), round(float(middle + s * step[1]))) for s in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT), np.float32)


def _stored(picture: Picture, noise: float, vignette: float, rng: Generator) -> NDArray[np.uint8]:
    size = picture.shape[0]
    top, left, channel = (int(value) for value in rng.integers(0, (GRAIN_ROOM, GRAIN_ROOM, 3)))
    cut = _grain(size)[top : top + size, left : left + size]
    stored = np.empty(picture.shape, np.uint8)
    store(np.ascontiguousarray(picture), cut, channel, np.float32(noise), np.float32(vignette), stored)
    return stored


@cache
def _grain(size: int) -> Picture:
    """Noise from which photos cut theirs: drawing it anew would take as long as drawing a face."""
    side = size + GRAIN_ROOM
    white = np.random.default_rng(3).standard_normal((side, side, 3), np.float32)
    return _softened(white, 0.6) * np.float32(1.6)
