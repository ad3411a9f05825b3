"""What stands before faces, with the statistics of real occlusions: painters in three dimensions where shape matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from ....errors import FocusfitError
from ..layer import Layer
from ..posed_face import PosedFace
from .eyewear import spectacles, sunglasses
from .face_mask import cloth_mask, respirator, surgical_mask
from .hand import hand
from .shapes import card, textured_shape

Painter = Callable[[PosedFace, Generator], "Layer | list[Layer]"]

OCCLUDERS: Mapping[str, Painter] = MappingProxyType(
    {
        "hand": hand,
        "surgical_mask": surgical_mask,
        "respirator": respirator,
        "cloth_mask": cloth_mask,
        "sunglasses": sunglasses,
        "spectacles": spectacles,
        "textured_shape": textured_shape,
        "card": card,
    }
)
"""Painters by name."""

FREQUENCIES: Mapping[str, float] = MappingProxyType(
    {
        "hand": 0.38,
        "surgical_mask": 0.08,
        "respirator": 0.03,
        "cloth_mask": 0.04,
        "sunglasses": 0.07,
        "spectacles": 0.12,
        "textured_shape": 0.13,
        "card": 0.03,
    }
)
"""How often each is drawn first, in relation to the others."""

WORN = frozenset({"surgical_mask", "respirator", "cloth_mask", "sunglasses", "spectacles"})
"""What is put on before anything is held in front of it."""

__all__ = ["FREQUENCIES", "OCCLUDERS", "WORN", "paint_occluder", "random_occluders"]


def paint_occluder(face: PosedFace, rng: Generator, kind: str) -> list[Layer]:
    """The layers of one occluder, the nearest last.

    Raises:
        FocusfitError: no occluder has that name.
    """
    if kind not in OCCLUDERS:
        raise FocusfitError(f"unknown occluder {kind!r}", remedy=f"Known occluders: {', '.join(OCCLUDERS)}.")
    painted = OCCLUDERS[kind](face, rng)
    return painted if isinstance(painted, list) else [painted]


def random_occluders(
    face: PosedFace, rng: Generator, frequencies: Mapping[str, float] = FREQUENCIES
) -> list[Layer]:
    """One occluder, in a fifth of the cases two, now and then three, the nearest last.

    Args:
        face: to hide.
        rng: decides everything.
        frequencies: by name in :data:`OCCLUDERS`, in relation to each other.

    Raises:
        FocusfitError: a name that is no occluder, or no frequency above zero.
    """
    kinds = [kind for kind, frequency in frequencies.items() if frequency > 0]
    if not kinds:
        raise FocusfitError("no occluder has a frequency above zero", remedy="Give at least one.")
    weights = np.array([frequencies[kind] for kind in kinds], float)
    count = min(1 + int(rng.random() < 0.2) + int(rng.random() < 0.03), len(kinds))
    chosen = [kinds[i] for i in rng.choice(len(kinds), size=count, replace=False, p=weights / weights.sum())]
    chosen.sort(key=lambda kind: kind not in WORN)
    return [layer for kind in chosen for layer in paint_occluder(face, rng, kind)]
