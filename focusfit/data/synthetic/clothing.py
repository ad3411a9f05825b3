"""What people wear around the neck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .occluders.texture import flat_noise, random_colour
from .tone import linear_of_srgb

Array = NDArray[np.float32]

TILE = 128
"""Texels of a side of a garment's pattern."""


@dataclass(frozen=True, eq=False)
class Garment:
    """A shirt, a jumper, a jacket.

    Attributes:
        pattern: ``(TILE, TILE, 3)`` linear albedo, tiling.
        texels_per_mm: size of the pattern.
        raised: mm by which its edge lies above a plain round neckline.
        pointed: slope of a neckline that runs down to a point, 0 for a round one.
        collar: mm of a border that looks a little darker.
        thickness: mm.
    """

    pattern: Array
    texels_per_mm: float
    raised: float
    pointed: float
    collar: float
    thickness: float

    def below_edge(self, depth: Array, across: Array) -> Array:
        """``(V,)`` mm below this garment's edge.

        Args:
            depth: ``(V,)`` mm below a plain round neckline.
            across: ``(V,)`` mm from the middle.
        """
        opening = self.pointed * np.maximum(0, 75 - np.abs(across))
        return np.asarray(depth + self.raised - opening, np.float32)


def draw_garment(rng: Generator) -> Garment:
    """A random one."""
    cut = rng.choice(5, p=(0.4, 0.2, 0.15, 0.15, 0.1))
    raised = (rng.uniform(-12, 18), rng.uniform(5, 20), rng.uniform(30, 60), rng.uniform(-45, -15), rng.uniform(8, 25))
    pattern = PATTERNS[rng.choice(len(PATTERNS), p=(0.5, 0.18, 0.14, 0.18))](rng)
    return Garment(
        pattern=linear_of_srgb(np.clip(pattern, 0.02, 0.95, dtype=np.float32)),
        texels_per_mm=float(rng.uniform(0.5, 1.4)),
        raised=float(raised[cut]),
        pointed=float(rng.uniform(0.5, 1.3)) if cut in (1, 4) else 0.0,
        collar=float(rng.choice((0.0, 14.0, 22.0), p=(0.3, 0.4, 0.3))),
        thickness=float(rng.uniform(1.5, 6.0)),
    )


def _plain(rng: Generator) -> NDArray:
    """One colour, woven or knitted."""
    row, column = np.mgrid[:TILE, :TILE]
    period = rng.choice((2, 4, 8))
    weave = ((row // (period // 2)) % 2) ^ ((column // (period // 2)) % 2)
    relief = 1 + rng.uniform(0, 0.12) * (weave - 0.5)
    return random_colour(rng) * relief[..., None]


def _stripes(rng: Generator) -> NDArray:
    period = int(rng.choice((16, 32, 64)))
    first, second = random_colour(rng), random_colour(rng)
    dark = np.mgrid[:TILE, :TILE][rng.integers(2)] % period < rng.uniform(0.2, 0.7) * period
    return np.where(dark[..., None], first, second)


def _checks(rng: Generator) -> NDArray:
    period = int(rng.choice((16, 32, 64)))
    row, column = (np.mgrid[:TILE, :TILE] % period < period / 2).astype(float)
    first, second = random_colour(rng), random_colour(rng)
    return first + (second - first) * ((row + column) / 2)[..., None]


def _blotches(rng: Generator) -> NDArray:
    """A print; mirrored, so that it tiles."""
    half = TILE // 2
    quarter = flat_noise(rng, half, half, rng.uniform(4, 20))
    field = np.block([[quarter, quarter[:, ::-1]], [quarter[::-1], quarter[::-1, ::-1]]])
    first, second, third = (random_colour(rng) for _ in range(3))
    return np.where((field > 0.7)[..., None], first, np.where((field < -0.8)[..., None], second, third))


PATTERNS: tuple[Callable[[Generator], NDArray], ...] = (_plain, _stripes, _checks, _blotches)
