"""What styles share: colours of locks, directions of combing, a hairdo of nothing but skin."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .hairdo import NO_HAIR, Hairdo
from .site import HairSite, Roots

Array = NDArray[np.float32]

UNDERLAYER = 0.55
"""Factor on the hair's colour where it lies on the skull, in the shade of the locks above."""

FORWARD = np.array([0, 0, 1], np.float32)
DOWN = np.array([0, -1, 0], np.float32)


def lock_colours(site: HairSite, roots: Roots, rng: Generator, contrast: float = 0.2) -> Array:
    """``(N, 3)`` linear albedo: every lock is a little different, strands beside each other less so."""
    count = len(roots.points)
    streak = np.sin(roots.points @ rng.normal(0, 0.12, (3, 2)) + rng.uniform(0, 6, 2)).sum(1)
    amount = np.exp(contrast * (rng.standard_normal(count) + 0.5 * streak))
    return np.asarray(np.clip(site.colour * amount[:, None], 0.002, 0.9), np.float32)


def bare(site: HairSite, kind: str) -> Hairdo:
    """Nothing grows here."""
    count = len(site.inside)
    return Hairdo(
        kind=kind,
        colour=site.colour,
        inside=np.full(count, NO_HAIR, np.float32),
        edge=4.0,
        thickness=np.zeros(count, np.float32),
        centre=site.skull.centre,
    )


def ramp(depth: Array, length: float) -> Array:
    """0 outside the hairline to 1 at ``length`` mm inside."""
    return np.asarray(np.clip(depth / length, 0, 1), np.float32)


def away_from(points: Array, middle: Array) -> Array:
    """``(N, 3)`` unit directions from ``middle`` to ``points``."""
    offset = points - middle
    return np.asarray(offset / (np.linalg.norm(offset, axis=1, keepdims=True) + 1e-6), np.float32)


def crown(site: HairSite) -> Array:
    """``(3,)`` mm: the whorl, high on the back of the head."""
    return np.asarray(site.skull.points(np.array(np.pi), np.array(np.radians(55)), 0.0), np.float32)


def parting(site: HairSite, points: Array, across: float) -> Array:
    """``(N,)`` mm to the subject's left of a parting that lies ``across`` mm from the middle."""
    return np.asarray(points[:, 0] - across, np.float32)


def front_share(site: HairSite, points: Array) -> Array:
    """``(N,)`` 1 over the forehead to 0 behind the crown."""
    return np.asarray(np.clip((points[:, 2] - site.skull.centre[2] + 20) / 90, 0, 1), np.float32)
