"""What stands before faces, with the statistics of real occlusions: modelled in space where its shape matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.random import Generator

from ....errors import FocusfitError
from ..layer import Layer
from ..posed_face import PosedFace
from .bundle import bundle
from .cloth import bandage, scarf, veil, visor
from .eyewear import spectacles, sunglasses
from .face_mask import cloth_mask, respirator, surgical_mask
from .hand import hand
from .held import cigarette, cup, drink, food, microphone, phone
from .overlay import bar, grid, haze, specks, writing
from .people import person
from .shapes import card, textured_shape

Painter = Callable[[PosedFace, Generator], Layer | list[Layer]]
"""Paints one occluder; several layers, the nearest last, where parts of it hide the face and others do not."""

OCCLUDERS: Mapping[str, Painter] = MappingProxyType(
    {
        "hand": hand,
        "surgical_mask": surgical_mask,
        "respirator": respirator,
        "cloth_mask": cloth_mask,
        "spectacles": spectacles,
        "sunglasses": sunglasses,
        "visor": visor,
        "scarf": scarf,
        "veil": veil,
        "bandage": bandage,
        "phone": phone,
        "cup": cup,
        "drink": drink,
        "microphone": microphone,
        "food": food,
        "cigarette": cigarette,
        "person": person,
        "textured_shape": textured_shape,
        "bundle": bundle,
        "card": card,
        "bar": bar,
        "grid": grid,
        "specks": specks,
        "haze": haze,
        "writing": writing,
    }
)
"""Painters by name."""

FREQUENCIES: Mapping[str, float] = MappingProxyType(
    {
        "hand": 36,
        "surgical_mask": 7,
        "respirator": 2.5,
        "cloth_mask": 3.5,
        "spectacles": 10,
        "sunglasses": 6,
        "visor": 1,
        "scarf": 2.5,
        "veil": 1.5,
        "bandage": 1,
        "phone": 3,
        "cup": 2,
        "drink": 2,
        "microphone": 3,
        "food": 2,
        "cigarette": 1,
        "person": 2.5,
        "textured_shape": 8,
        "bundle": 8,
        "card": 2,
        "bar": 1.5,
        "grid": 1.5,
        "specks": 0.7,
        "haze": 0.8,
        "writing": 1.5,
    }
)
"""How often each comes up, in relation to the others. Hands lead: nothing is like a face as much as they are."""

WORN = ("spectacles", "sunglasses", "bandage", "surgical_mask", "respirator", "cloth_mask", "scarf", "veil", "visor")
"""What is put on, in this order, before anything is held in front of it."""

CLASHING = (
    frozenset({"surgical_mask", "respirator", "cloth_mask", "veil"}),
    frozenset({"spectacles", "sunglasses"}),
    frozenset({"cup", "drink", "food", "cigarette", "microphone"}),
)
"""Nobody wears or holds two of one of these sets."""

__all__ = [
    "FREQUENCIES",
    "OCCLUDERS",
    "WORN",
    "Painter",
    "chosen_frequencies",
    "paint_occluder",
    "random_kinds",
    "random_occluders",
]


def chosen_frequencies(names: Sequence[str]) -> Mapping[str, float]:
    """Those of :data:`FREQUENCIES` that are named, in its order; all of them where none is.

    Raises:
        FocusfitError: no occluder has that name.
    """
    unknown = [name for name in names if name not in FREQUENCIES]
    if unknown:
        raise _unknown(unknown[0])
    return {kind: frequency for kind, frequency in FREQUENCIES.items() if not names or kind in names}


def paint_occluder(face: PosedFace, rng: Generator, kind: str) -> list[Layer]:
    """The layers of one occluder, the nearest last.

    Args:
        face: to hide.
        rng: decides everything.
        kind: a name in :data:`OCCLUDERS`.

    Raises:
        FocusfitError: no occluder has that name.
    """
    if kind not in OCCLUDERS:
        raise _unknown(kind)
    painted = OCCLUDERS[kind](face, rng)
    return painted if isinstance(painted, list) else [painted]


def random_occluders(face: PosedFace, rng: Generator, frequencies: Mapping[str, float] = FREQUENCIES) -> list[Layer]:
    """One occluder, in every sixth case a second, rarely a third, the nearest last.

    Args:
        face: to hide.
        rng: decides everything.
        frequencies: by name in :data:`OCCLUDERS`, in relation to each other.

    Raises:
        FocusfitError: a frequency that is negative, of no known occluder, or none above zero.
    """
    return [layer for kind in random_kinds(rng, frequencies) for layer in paint_occluder(face, rng, kind)]


def random_kinds(rng: Generator, frequencies: Mapping[str, float] = FREQUENCIES) -> list[str]:
    """Names of what hides one face together, the nearest last."""
    bad = [kind for kind, frequency in frequencies.items() if not frequency >= 0]
    if bad or not any(frequencies.values()):
        cause = f"the frequency of {bad[0]!r} is not a number of zero or more" if bad else "no frequency is above zero"
        raise FocusfitError(cause, remedy="Give every occluder a frequency of zero or more, and one above zero.")
    names, limits = list(frequencies), np.cumsum(list(frequencies.values()))
    count = 1 + int(rng.random() < 0.17) + int(rng.random() < 0.03)
    kinds: list[str] = []
    for place in rng.random(count) * limits[-1]:
        kind = names[int(np.searchsorted(limits, place, side="right"))]
        if kind not in kinds and not any(kind in group and group & set(kinds) for group in CLASHING):
            kinds.append(kind)
    return sorted(kinds, key=lambda kind: WORN.index(kind) if kind in WORN else len(WORN))


def _unknown(kind: str) -> FocusfitError:
    return FocusfitError(f"unknown occluder {kind!r}", remedy=f"Known occluders: {', '.join(OCCLUDERS)}.")
