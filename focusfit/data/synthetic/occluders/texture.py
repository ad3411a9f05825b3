"""Colours and textures: noise in space, patterns, pieces of photographs."""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image

from .noise_kernels import fill_noise

Array = NDArray[Any]

PHOTOGRAPHS = (
    "brick.png", "grass.png", "gravel.png", "coffee.png", "chelsea.png", "rocket.jpg", "hubble_deep_field.jpg",
    "ihc.png", "retina.jpg", "motorcycle_left.png", "coins.png", "moon.png", "text.png", "page.png",
    "immunohistochemistry.png", "cell.png", "clock_motion.png", "color.png", "chessboard_RGB.png",
)  # fmt: skip
"""Files that scikit-image ships in its data folder; those that a version lacks are left out."""


@cache
def noise_block() -> Array:
    """``(64, 64, 64)`` noise of unit deviation that repeats seamlessly and has detail at all scales."""
    rng = np.random.default_rng(7)
    spectrum = np.fft.rfftn(rng.standard_normal((64, 64, 64)))
    f = np.fft.fftfreq(64)
    radius = np.sqrt(f[:, None, None] ** 2 + f[None, :, None] ** 2 + np.fft.rfftfreq(64)[None, None, :] ** 2)
    block = np.fft.irfftn(spectrum / np.maximum(radius, 1 / 64) ** 1.4 * (radius > 0), s=(64, 64, 64), axes=(0, 1, 2))
    return np.asarray(block / block.std(), np.float32)


def solid_noise(points: Array, scale: float) -> Array:
    """``(N,)`` noise of about unit deviation at ``points (N, 3)``, whose coarse features measure a few ``scale``."""
    out = np.empty(len(points), np.float32)
    fill_noise(noise_block(), np.ascontiguousarray(points, np.float32), 8 / scale, out)
    return out


def flat_noise(rng: Generator, height: int, width: int, smoothness: float) -> Array:
    """``(height, width)`` noise of about unit deviation, smooth over ``smoothness`` pixels."""
    cells = (max(int(width / smoothness), 2) + 2, max(int(height / smoothness), 2) + 2)
    coarse = rng.standard_normal(cells[::-1]).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32) / 0.75


def random_colour(rng: Generator) -> Array:
    """``(3,)`` sRGB as things have it: mostly dull or dark or pale, sometimes bright."""
    hue, value = rng.random(), rng.beta(1.3, 1.3)
    saturation = rng.beta(1.1, 2.2) if rng.random() < 0.75 else rng.uniform(0.6, 1)
    return np.array(colorsys.hsv_to_rgb(hue, saturation, 0.05 + 0.92 * value), np.float32)


@cache
def photographs() -> tuple[NDArray[np.uint8], ...]:
    """scikit-image's own photographs, ``(H, W, 3)`` uint8, at most 512 pixels wide or high."""
    import skimage.data

    folder = Path(skimage.data.__file__).parent
    found = []
    for path in (folder / name for name in PHOTOGRAPHS):
        if path.is_file():
            with Image.open(path) as image:
                image.thumbnail((512, 512))
                found.append(np.asarray(image.convert("RGB")))
    return tuple(found)


def random_texture(rng: Generator, size: int) -> Array:
    """``(size, size, 3)`` sRGB in [0, 1]: a natural texture or a pattern."""
    kinds = list(TEXTURES)
    weights = np.array([TEXTURES[k][0] for k in kinds], float)
    kind = kinds[rng.choice(len(kinds), p=weights / weights.sum())]
    return np.clip(TEXTURES[kind][1](rng, size), 0, 1).astype(np.float32)


def _photo_piece(rng: Generator, size: int) -> Array:
    photos = photographs()
    if not photos:
        return _clouds(rng, size)
    photo = photos[rng.integers(len(photos))]
    side = int(rng.uniform(0.2, 0.9) * min(photo.shape[:2]))
    top, left = rng.integers(photo.shape[0] - side + 1), rng.integers(photo.shape[1] - side + 1)
    piece = cv2.resize(photo[top : top + side, left : left + side], (size, size), interpolation=cv2.INTER_AREA)
    piece = piece.astype(np.float32) / 255
    if rng.random() < 0.5:
        piece = np.roll(piece, int(rng.integers(3)), axis=2)
    if rng.random() < 0.4:
        piece = piece * (0.4 + 0.8 * random_colour(rng))
    return np.asarray(np.rot90(piece, int(rng.integers(4))) * rng.uniform(0.7, 1.15))


def _clouds(rng: Generator, size: int) -> Array:
    value = sum(flat_noise(rng, size, size, size / 2**k) * 0.6**k for k in range(1, 6))
    share = np.clip(0.5 + 0.45 * value, 0, 1)[..., None]
    return np.asarray(random_colour(rng) * share + random_colour(rng) * (1 - share))


def _flat(rng: Generator, size: int) -> Array:
    faint = flat_noise(rng, size, size, size / 3)[..., None] * rng.uniform(0, 0.06)
    return np.asarray(random_colour(rng) * (1 + faint))


def _stripes(rng: Generator, size: int) -> Array:
    y, x = np.mgrid[0:size, 0:size].astype(np.float32)
    angle, period = rng.uniform(0, np.pi), rng.uniform(6, 40) * size / 224
    phase = (x * np.cos(angle) + y * np.sin(angle) + 3 * flat_noise(rng, size, size, size / 4)) / period
    other = (y * np.cos(angle) - x * np.sin(angle)) / period
    picture = np.where(((phase % 1) < rng.uniform(0.2, 0.8))[..., None], random_colour(rng), random_colour(rng))
    if rng.random() < 0.5:
        picture = np.where(((other % 1) < 0.3)[..., None], 0.5 * picture + 0.5 * random_colour(rng), picture)
    return np.asarray(picture * (1 + 0.04 * flat_noise(rng, size, size, 2)[..., None]))


def _gradient(rng: Generator, size: int) -> Array:
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    angle = rng.uniform(0, 2 * np.pi)
    share = np.clip(0.5 + (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle), 0, 1)[..., None]
    return np.asarray(random_colour(rng) * share + random_colour(rng) * (1 - share))


TEXTURES: dict[str, tuple[float, Callable[[Generator, int], Array]]] = {
    "photo": (0.45, _photo_piece),
    "clouds": (0.2, _clouds),
    "stripes": (0.13, _stripes),
    "flat": (0.14, _flat),
    "gradient": (0.08, _gradient),
}
"""By name: how often, and how."""
