"""How people's brows differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

PLACES = np.linspace(-1, 1, 5)
"""Along a brow, from the nose to the temple, where its shape is told."""

USUAL_HEIGHTS = np.array([1.7, -0.4, -1.8, -3.0, -3.2])
"""mm above the mean face's brows: people's are straighter than those of the face model, and end lower."""

LOWEST, HIGHEST = -7.5, 6.0
"""mm, of any place of a brow."""

USUAL_WIDTHS = np.array([2.7, 3.5, 3.3, 2.5, 1.1])
"""mm, half of a brow's."""


@dataclass(frozen=True, eq=False)
class Brows:
    """Shape of a person's brows, at five places from the nose to the temple.

    Attributes:
        heights: ``(2, 5)`` mm above the mean face's, right and left.
        widths: ``(5,)`` mm, half of the brow's.
        density: ``(5,)`` of the hairs, at most 1.
        thickness: about 1, of the whole brow.
        reach: mm that they start nearer to the nose.
        tail: length relative to the usual one.
        hair_length: about 1.
    """

    heights: NDArray
    widths: NDArray
    density: NDArray
    thickness: float
    reach: float
    tail: float
    hair_length: float


def draw_brows(female: bool, rng: Generator) -> Brows:
    """Random brows: high and low, straight, arched and slanting, thin and bushy, some with ends that hardly grow."""
    usual = (0.6, 0.2, 0.5, 0.0) if female else (-0.4, 0.0, -0.5, 0.0)
    lift, slant, arch, wave = rng.normal(usual, (2.0, 1.7, 1.7, 0.9))
    heights = USUAL_HEIGHTS + lift + slant * PLACES + arch * (0.6 - PLACES**2) + wave * np.sin(np.pi * PLACES)
    uneven = rng.normal(0, 0.35, (2, 1)) + rng.normal(0, 0.3, (2, 1)) * PLACES
    thickness = float(np.clip(np.exp(rng.normal(-0.15 if female else 0.12, 0.55)), 0.4, 2.4))
    profile = np.exp(rng.normal(0, 0.12, 5) + rng.normal(0, 0.25) * PLACES)
    bare_tail, bare_head = np.abs(rng.normal(0, (0.35, 0.3)))
    density = 1 + rng.normal(0.1, 0.3) - bare_tail * np.clip(PLACES, 0, 1) - bare_head * np.clip(-PLACES - 0.4, 0, 1)
    return Brows(
        heights=np.clip(heights + uneven, LOWEST, HIGHEST),
        widths=USUAL_WIDTHS * thickness * profile,
        density=np.clip(density, 0.12, 1),
        thickness=thickness,
        reach=float(np.clip(rng.normal(0.5, 2.2), -3.5, 6.0)),
        tail=float(np.clip(rng.normal(0.98, 0.13), 0.65, 1.2)),
        hair_length=float(np.exp(rng.normal(0, 0.2))),
    )
