"""What a hand's skin looks like: creases, knuckles, nails, pale palms, and gloves and sleeves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ...posed_face import PosedFace
from ..drawing import Samples, gleam, lit
from ..texture import noise_block, random_colour
from .skeleton import DIRECTIONS, RADII, joints, pads
from .skin_kernel import skin_albedo

Array = NDArray[Any]

LOW = np.array([-62, -36, -46], np.float32)
HIGH = np.array([104, 208, 34], np.float32)
VOXEL = 1.2
"""Corner and fineness (mm) of the block that the rest hand is painted in."""

PALM_LINES = (
    ((30, 66), (18, 58), (8, 46), (3, 28), (6, 12)),
    ((32, 68), (14, 62), (-6, 52), (-24, 42)),
    ((-40, 62), (-24, 64), (-6, 70), (8, 82)),
)
"""Life, head and heart line: x, y of their points in the hand's frame."""


TONES = np.array([(0.25, 0.16, 0.12), (0.42, 0.28, 0.21), (0.58, 0.41, 0.31), (0.72, 0.54, 0.44), (0.85, 0.69, 0.60)])
"""sRGB albedo of skin from the darkest to the fairest."""


@dataclass(frozen=True, eq=False)
class Skin:
    """How one hand looks.

    Attributes:
        tone: ``(3,)`` sRGB albedo of the back of the hand.
        nail: ``(3,)`` sRGB albedo of the nails.
        polish: gloss of the nails.
        roughness: strength of creases and blotches; the old have more.
        shift: ``(3,)`` mm into the noise, different for everybody.
        sleeve: mm above the wrist where the sleeve begins; far off for a bare arm.
        cloth: ``(3,)`` sRGB albedo of the sleeve.
        looseness: mm that the sleeve stands off the arm.
        band: mm above the wrist of a watch or bracelet; far off for none.
        metal: ``(3,)`` sRGB albedo of that.
        glove: whether the hand is covered in one material of colour ``tone``.
    """

    tone: Array
    nail: Array
    polish: float
    roughness: float
    shift: Array
    sleeve: float
    cloth: Array
    looseness: float
    band: float
    metal: Array
    glove: bool = False


def random_skin(face: PosedFace, rng: Generator) -> Skin:
    """The person's own hand in three of four, else somebody else's; a few wear gloves."""
    own = np.asarray(face.skin, np.float32)
    tone = own if rng.random() < 0.75 else other_tone(rng)
    tone = np.clip(tone * rng.normal(1.0, 0.05) * rng.normal(1, 0.012, 3), 0.03, 0.95)
    nail = 0.65 * tone + 0.35 * np.array([0.88, 0.66, 0.62])
    polish = 0.25
    if rng.random() < 0.15:
        nail, polish = random_colour(rng), 0.6
    glove = rng.random() < 0.05
    if glove:
        gloves = [(0.45, 0.65, 0.85), (0.92, 0.92, 0.9), (0.1, 0.1, 0.12), (0.5, 0.35, 0.2), tuple(random_colour(rng))]
        tone = np.array(gloves[rng.integers(len(gloves))])
    band = float(rng.uniform(2, 14)) if rng.random() < 0.15 else 1e6
    sleeve = rng.uniform(12, 120) if rng.random() < 0.55 else 1e6
    return Skin(
        tone.astype(np.float32), nail.astype(np.float32), polish, float(rng.uniform(0.5, 1.4)),
        rng.uniform(0, 64, 3).astype(np.float32), float(sleeve), random_colour(rng), float(rng.uniform(2, 14)), band,
        random_colour(rng), bool(glove),
    )  # fmt: skip


def other_tone(rng: Generator) -> Array:
    """``(3,)`` sRGB albedo of somebody's skin, from the darkest to the fairest."""
    place = rng.uniform(0, len(TONES) - 1)
    below = min(int(place), len(TONES) - 2)
    return np.asarray(TONES[below] + (place - below) * (TONES[below + 1] - TONES[below]), np.float32)


def paint(face: PosedFace, samples: Samples, skin: Skin) -> Array:
    """Lit colours ``(N, 3)`` of a hand's samples; their attributes are place and normal z at rest."""
    dark = np.clip(0.75 - skin.tone.mean(), 0, 0.6)
    pale = skin.tone * (1 - 0.9 * dark) + 0.9 * dark * np.array([0.80, 0.60, 0.50])  # palms hold little pigment
    pale = (pale * (1.04, 0.98, 0.97)).astype(np.float32)
    albedo, nail = np.empty((len(samples), 3), np.float32), np.empty(len(samples), np.float32)
    skin_albedo(
        samples.attributes, painted_block(), LOW, VOXEL, noise_block(), skin.tone, pale, skin.nail, skin.roughness,
        skin.shift, skin.sleeve, skin.cloth, skin.band, skin.metal, skin.glove, albedo, nail,
    )  # fmt: skip
    shine = (0.10 + (skin.polish - 0.10) * nail) * gleam(face, samples.normals, 16)
    return np.asarray(albedo * lit(face, samples.normals) + shine[:, None])


@cache
def painted_block() -> NDArray[np.uint8]:
    """``(X, Y, Z, 3)`` crease, redness and nail of the rest hand, made once per process."""
    axes = [np.arange(LOW[c], HIGH[c], VOXEL, dtype=np.float32) for c in range(3)]
    block = np.zeros((*(len(axis) for axis in axes), 3), np.float32)
    for digit in range(5):
        _paint_digit(block, axes, digit)
    x, y = np.meshgrid(axes[0], axes[1], indexing="ij")
    lines = np.zeros_like(x)
    for line in PALM_LINES:
        lines = np.maximum(lines, np.exp(-((_distance_to_line(x, y, np.array(line, float)) / 1.1) ** 2)))
    palm_side = axes[2] < -6
    block[:, :, palm_side, 0] = np.maximum(block[:, :, palm_side, 0], 0.8 * lines[:, :, None])
    block[:, 0, :] = 0
    block[[0, -1]] = 0
    return (np.clip(block, 0, 1) * 255).astype(np.uint8)


def _paint_digit(block: Array, axes: list[Array], digit: int) -> None:
    ends, pad, radii = joints()[digit], pads()[digit], RADII[digit]
    low, high = ends.min(0) - 17, ends.max(0) + 17
    part = tuple(slice(*np.searchsorted(axis, [low[c], high[c]])) for c, axis in enumerate(axes))
    grid = np.stack(np.meshgrid(*(axis[p] for axis, p in zip(axes, part, strict=True)), indexing="ij"), axis=-1)
    offset = grid - ends[0].astype(np.float32)
    along = offset @ DIRECTIONS[digit].astype(np.float32)
    inside = offset @ pad.astype(np.float32)
    across = offset @ np.cross(DIRECTIONS[digit], pad).astype(np.float32)
    near = np.hypot(inside, across) < 1.45 * np.interp(along, np.linalg.norm(ends - ends[0], axis=1), radii)
    places = np.linalg.norm(ends - ends[0], axis=1)
    crease, red = np.zeros_like(along), np.zeros_like(along)
    wobble = 0.9 * np.sin(across * 0.7 + digit) + 0.5 * np.sin(across * 1.9 + 2 * digit)
    inner, outer = np.clip(inside / 4, 0, 1), np.clip(-inside / 4, 0, 1)
    folds = [(places[1], 0.9), (places[2], 0.8)] + ([(0.45 * places[1], 0.8)] if digit else [(0.0, 0.5)])
    for place, strength in folds:
        for shift in (-0.9, 0.9):
            crease += strength * inner * np.exp(-(((along - place - shift + 0.4 * wobble) / 0.75) ** 2))
    for place, strength in ((places[1], 0.42), (places[2], 0.28)):
        for shift in (-5.0, -2.4, 0.2, 2.8, 5.2):
            fade = np.exp(-((shift / 5) ** 2))
            crease += strength * fade * outer * np.exp(-(((along - place - shift + wobble) / 0.8) ** 2))
        red += 0.5 * outer * np.exp(-(((along - place) / 6) ** 2))
    red += (0.8 * np.exp(-((along / 8) ** 2)) * outer) if digit else 0
    red += 0.8 * np.clip((along - places[2] - 4) / 14, 0, 1)
    length = places[3] - places[2]
    width, middle = 0.80 * radii[3] + 0.8, places[3] - 0.16 * length
    shape = (np.abs(along - middle) / (0.40 * length + 1.5)) ** 2.6 + (np.abs(across) / width) ** 2.6
    nail = np.clip((1.08 - shape) / 0.25, 0, 1) * (inside < -0.3 * radii[3])
    rim = np.exp(-(((shape - 1.15) / 0.22) ** 2)) * (inside < -0.1 * radii[3])
    crease = np.maximum(crease * (nail < 0.2), 0.35 * rim)
    for channel, values in enumerate((crease, red, nail)):
        view = block[part[0], part[1], part[2], channel]
        np.maximum(view, values * near, out=view)


def _distance_to_line(x: Array, y: Array, line: np.ndarray) -> Array:
    from scipy.interpolate import CubicSpline

    dense = CubicSpline(np.arange(len(line)), line)(np.linspace(0, len(line) - 1, 60))
    return np.asarray(np.sqrt(((x[..., None] - dense[:, 0]) ** 2 + (y[..., None] - dense[:, 1]) ** 2).min(-1)))
