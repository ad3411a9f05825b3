"""Round rods that fan out of one grip: brushes, sticks, the fingers of gloves and dummies, arms; plain ones mostly."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from ..layer import Layer
from ..posed_face import PosedFace
from .drawing import Array
from .hand.skin import other_tone
from .shapes import face_height, paste, somewhere
from .sheet import stroke
from .texture import flat_noise, random_colour

SKIN_SHARE = 0.7
"""Share in a colour of skin, where nothing but its outline and its light tells a thing from a face."""


def bundle(face: PosedFace, rng: Generator) -> Layer:
    """One to six rods of one colour and, mostly, a thick end that they come out of."""
    return paste(face, rng, _paint(face, rng), _cover(face, rng), "bundle")


def _cover(face: PosedFace, rng: Generator) -> Array:
    reach = face_height(face)
    count = int(rng.integers(1, 7))
    width = reach * rng.uniform(0.05, 0.13) * (2.2 if count == 1 else 1.0)
    target = somewhere(face, rng)
    direction = rng.uniform(0, 2 * np.pi)
    length = reach * rng.uniform(0.45, 1.1)
    grip = target - 0.7 * length * np.array([np.cos(direction), np.sin(direction)])
    spread = rng.uniform(0.08, 0.3)
    cover = np.zeros((face.size, face.size), np.float32)
    for number in range(count):
        angle = direction + spread * (number - (count - 1) / 2) + rng.normal(0, 0.04)
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        bend = rng.normal(0, 0.06) * length
        reached = length * rng.uniform(0.75, 1.1)
        line = np.stack([grip, grip + 0.5 * reached * along + bend * across, grip + reached * along])
        cover = np.maximum(cover, stroke(cover.shape, line, width * rng.uniform(0.8, 1.2)))
    if rng.random() < 0.8:
        palm = grip + 0.15 * length * np.array([np.cos(direction), np.sin(direction)])
        cover = np.maximum(cover, _disc(face.size, palm, width * rng.uniform(0.9, 1.9)))
        if rng.random() < 0.5:
            away = grip - 2 * reach * np.array([np.cos(direction), np.sin(direction)])
            cover = np.maximum(cover, stroke(cover.shape, np.stack([palm, away]), 1.8 * width))
    return cover


def _disc(size: int, centre: Array, radius: float) -> Array:
    grid = np.arange(size, dtype=np.float32)
    apart = np.hypot(grid[None, :] - np.float32(centre[0]), grid[:, None] - np.float32(centre[1]))
    return np.clip(np.float32(radius) + 0.5 - apart, 0, 1)


def _paint(face: PosedFace, rng: Generator) -> Array:
    """``(64, 64, 3)`` one colour with a little grain."""
    if rng.random() < SKIN_SHARE:
        tone = np.asarray(face.skin) if rng.random() < 0.6 else other_tone(rng)
        tone = np.clip(tone * rng.normal(1, 0.12) * rng.normal(1, 0.03, 3), 0.03, 0.95)
    else:
        tone = random_colour(rng)
    grain = 1 + rng.uniform(0, 0.06) * flat_noise(rng, 64, 64, rng.uniform(1, 12))
    return np.clip(tone * grain[..., None], 0, 1).astype(np.float32)
