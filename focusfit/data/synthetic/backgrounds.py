"""What is behind people."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ...detection.photo_list import PHOTO_SUFFIXES
from ...errors import FocusfitError

Picture = NDArray[np.float32]
Photograph = NDArray[np.uint8]

BUILT_IN = "brick chelsea coffee grass gravel rocket".split()
"""Photographs of scikit-image that come with its installation and show no human face."""

LARGEST = 1024
"""Longer side in pixels to which the user's photographs are shrunk."""

MOST_IN_MEMORY = 64

PHOTOGRAPH_SHARE = 0.45


class Backgrounds:
    """Draws backgrounds: photographs, out of focus more often than not, and made-up rooms and skies.

    Args:
        folder: the user's photographs, which then are the only backgrounds; None for the built-in ones.

    Raises:
        FocusfitError: the folder holds no photograph, or one cannot be read.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._paths = None if folder is None else tuple(_photographs_in(folder))

    def draw(self, size: int, rng: Generator) -> Picture:
        """``(size, size, 3)`` sRGB in [0, 1]."""
        if self._paths is not None:
            return _cut(_read(self._paths[rng.integers(len(self._paths))]), size, rng, 0.5)
        if rng.random() < PHOTOGRAPH_SHARE:
            return _recoloured(_cut(_built_in(BUILT_IN[rng.integers(len(BUILT_IN))]), size, rng, 0.8), rng)
        kinds = tuple(MADE_UP)
        odds = np.array([MADE_UP[kind][1] for kind in kinds])
        make, _ = MADE_UP[kinds[rng.choice(len(kinds), p=odds / odds.sum())]]
        return np.clip(make(size, rng), 0, 1).astype(np.float32)


def _photographs_in(folder: Path) -> Sequence[Path]:
    if not folder.is_dir():
        raise FocusfitError("is not a folder", file=folder, remedy="Name a folder with photographs for backgrounds.")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES)
    if not paths:
        known = " ".join(sorted(PHOTO_SUFFIXES))
        raise FocusfitError("holds no photographs", file=folder, remedy=f"Known are {known}.")
    return paths


@cache
def _built_in(name: str) -> Photograph:
    from skimage import data

    picture = np.asarray(getattr(data, name)())
    return picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)


_in_memory: dict[Path, Photograph] = {}


def _read(path: Path) -> Photograph:
    """A photograph, kept in memory while there are few."""
    if path in _in_memory:
        return _in_memory[path]
    stored = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if stored is None:
        raise FocusfitError("cannot be read as a photograph", file=path, remedy="Take it out of the folder.")
    factor = min(1.0, LARGEST / max(stored.shape[:2]))
    shrunk = cv2.resize(stored, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    picture = cv2.cvtColor(shrunk, cv2.COLOR_BGR2RGB)
    while len(_in_memory) >= MOST_IN_MEMORY:
        del _in_memory[next(iter(_in_memory))]
    _in_memory[path] = np.asarray(picture, np.uint8)
    return _in_memory[path]


def _cut(photograph: Photograph, size: int, rng: Generator, blurred_share: float) -> Picture:
    """A random square of a photograph, perhaps mirrored and out of focus."""
    height, width = photograph.shape[:2]
    side = int(min(height, width) * rng.uniform(0.35, 1.0))
    top, left = rng.integers(height - side + 1), rng.integers(width - side + 1)
    square = photograph[top : top + side, left : left + side]
    square = square[:, ::-1] if rng.random() < 0.5 else square
    shrinks = side > size
    cut = cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    picture = np.asarray(cut, np.float32) / np.float32(255)
    if rng.random() < blurred_share:
        picture = _defocus(picture, rng.uniform(0.005, 0.05) * size)
    return picture


def _recoloured(picture: Picture, rng: Generator) -> Picture:
    """Few photographs shall look like many: other colours, contrast and brightness."""
    mix = np.eye(3) + 0.07 * rng.standard_normal((3, 3))
    if rng.random() < 0.1:
        mix = mix[rng.permutation(3)]
    picture = (picture - 0.5) @ mix.T.astype(np.float32) * np.float32(rng.uniform(0.5, 1.1))
    return np.clip(picture + np.float32(rng.uniform(0.3, 0.65)), 0, 1).astype(np.float32)


def _defocus(picture: Picture, radius: float) -> Picture:
    """Blur as of a lens: by a disc for small radii, by a Gaussian of a small picture for large ones."""
    size = picture.shape[0]
    factor = max(1, int(radius / 2))
    if factor == 1:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(radius, 0.3)), np.float32)
    small = cv2.resize(picture, (max(8, size // factor),) * 2, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), max(radius / factor, 0.3))
    return np.asarray(cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC), np.float32)


def _wall(size: int, rng: Generator) -> Picture:
    """One colour, lit unevenly, with some texture."""
    colour = _muted(rng)
    ramp = _ramp(size, rng)[..., None]
    picture = colour * (1 + rng.uniform(0.05, 0.5) * ramp)
    grain = _clouds(size, rng, size * rng.uniform(0.008, 0.2))[..., None]
    return picture + 0.02 * rng.uniform(0, 1.2) * colour * grain


def _room(size: int, rng: Generator) -> Picture:
    """Upright and level shapes: doors, shelves, frames, furniture; out of focus."""
    canvas = np.full((size, size, 3), _muted(rng), np.float32)
    canvas *= 1 + 0.25 * _ramp(size, rng)[..., None]
    for _ in range(rng.integers(4, 22)):
        w, h = (size * rng.uniform(0.04, 0.6, 2) ** 1.3).astype(int) + 1
        x, y = rng.integers(-w, size, 1)[0], rng.integers(-h, size, 1)[0]
        colour = np.clip(_muted(rng) * rng.uniform(0.4, 1.3), 0, 1).tolist()
        thickness = -1 if rng.random() < 0.75 else max(1, int(size * rng.uniform(0.005, 0.03)))
        cv2.rectangle(canvas, (int(x), int(y)), (int(x + w), int(y + h)), colour, thickness)
    slant = np.array([[1, rng.normal(0, 0.05), 0], [rng.normal(0, 0.05), 1, 0]], np.float32)
    slanted = cv2.warpAffine(canvas, slant, (size, size), borderMode=cv2.BORDER_REFLECT)
    return _defocus(np.asarray(slanted, np.float32), rng.uniform(0.006, 0.04) * size)


def _foliage(size: int, rng: Generator) -> Picture:
    """Greens and browns in clumps, with patches of sky."""
    dark = np.array([0.10, 0.16, 0.07]) * rng.uniform(0.7, 1.5)
    bright = np.array([0.45, 0.58, 0.25]) * rng.uniform(0.7, 1.3) + rng.normal(0, 0.05, 3)
    fine, coarse = _clouds(size, rng, 0.012 * size), _clouds(size, rng, 0.06 * size)
    t = np.clip(0.45 + 0.22 * fine + 0.25 * coarse, 0, 1)[..., None]
    picture = dark + t * (bright - dark)
    sky = np.clip((_clouds(size, rng, 0.09 * size) - rng.uniform(0.6, 2.2)) * 2, 0, 1)[..., None]
    picture = picture + sky * (np.array([0.85, 0.92, 0.98]) - picture)
    return _defocus(picture.astype(np.float32), rng.uniform(0.003, 0.03) * size)


def _lights(size: int, rng: Generator) -> Picture:
    """Night: discs of light out of focus."""
    canvas = np.full((size, size, 3), _muted(rng) * 0.2, np.float32)
    radius = size * rng.uniform(0.012, 0.06)
    for _ in range(rng.integers(8, 50)):
        layer_colour = np.clip(np.exp(rng.normal(0, 0.5, 3)) * rng.uniform(0.1, 0.5), 0, 1)
        x, y = rng.uniform(0, size, 2)
        disc = np.zeros((size, size), np.float32)
        cv2.circle(disc, (int(16 * x), int(16 * y)), int(16 * radius * rng.uniform(0.6, 1.2)), 1.0, -1, cv2.LINE_AA, 4)
        canvas += disc[..., None] * layer_colour.astype(np.float32)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 0.8), np.float32)


def _horizon(size: int, rng: Generator) -> Picture:
    """Sky above, ground below."""
    level = rng.uniform(0.2, 0.9) * size
    row = np.arange(size, dtype=np.float32)[:, None, None]
    sky = np.array([0.55, 0.70, 0.90]) * rng.uniform(0.6, 1.1) + rng.normal(0, 0.06, 3)
    sky = sky + (0.95 - sky) * (row / size) * rng.uniform(0.2, 1.0)
    ground = _muted(rng) * rng.uniform(0.5, 1.0)
    edge = np.clip((row - level) / (rng.uniform(0.004, 0.05) * size) + 0.5, 0, 1)
    picture = np.broadcast_to(sky + edge * (ground - sky), (size, size, 3)).copy()
    texture = _clouds(size, rng, rng.uniform(0.015, 0.1) * size)[..., None]
    picture *= 1 + (0.14 * edge + 0.04) * texture
    return _defocus(picture.astype(np.float32), rng.uniform(0.002, 0.02) * size)


def _clouds(size: int, rng: Generator, scale: float) -> Picture:
    """Smooth noise of unit variance with features of about ``scale`` pixels."""
    coarse = max(4, int(1.4 * size / max(scale, 1.0)))
    if coarse >= size:
        return rng.standard_normal((size, size)).astype(np.float32)
    small = rng.standard_normal((coarse, coarse)).astype(np.float32)
    smooth = cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC)
    return np.asarray(smooth / smooth.std(), np.float32)


def _ramp(size: int, rng: Generator) -> Picture:
    """A slope from about -1 to 1 in a random direction."""
    angle = rng.uniform(0, 2 * np.pi)
    place = np.linspace(-1, 1, size, dtype=np.float32)
    return np.asarray(place[None] * np.cos(angle) + place[:, None] * np.sin(angle), np.float32)


def _muted(rng: Generator) -> NDArray:
    """A colour as of walls, furniture and clothes."""
    grey = rng.beta(2.0, 1.6)
    return np.clip(grey * np.exp(rng.normal(0, 0.14, 3)), 0.02, 1)


MADE_UP = {
    "wall": (_wall, 0.30),
    "room": (_room, 0.33),
    "foliage": (_foliage, 0.17),
    "lights": (_lights, 0.08),
    "horizon": (_horizon, 0.12),
}
"""How each kind is painted, and how often."""
