"""What people's faces are like when they do nothing: lids, brows, nose, cheeks and lips of their own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .anatomy import Anatomy

Array = NDArray[np.float32]

SPREADS: Mapping[str, float] = {
    "eyeBlink": 0.02,
    "eyeSquint": 0.3,
    "eyeWide": 0.25,
    "browDown": 0.42,
    "browInnerUp": 0.39,
    "browOuterUp": 0.39,
    "cheekPuff": 0.2,
    "cheekSquint": 0.4,
    "noseSneer": 0.9,
    "jawForward": 0.41,
    "mouthDimple": 0.24,
    "mouthFrown": 0.24,
    "mouthPress": 0.31,
    "mouthPucker": 0.24,
    "mouthRollLower": 0.36,
    "mouthRollUpper": 0.36,
    "mouthShrugLower": 0.31,
    "mouthShrugUpper": 0.31,
    "mouthSmile": 0.11,
    "mouthStretch": 0.18,
}
"""Standard deviations of facial actions, either way; a name without side stands for both. Small where faces would look
moved. Models of identity average such differences away, and recognisers look at them: without them, strangers of the
same sex, age and skin tone have a mean cosine of 0.21 to MobileFaceNet, with them of 0.19. Lids make eyes about as
differently open as people's are, with a standard deviation of a millimetre. Brows and lips vary less than real ones do:
FaceMesh, which knows real faces, soon misses them."""

MOST = 2.0
"""Standard deviations that nobody exceeds."""

UNEVEN = 0.35
"""Of the difference between the sides, relative to the action's own spread."""

JAW_ASIDE = 0.05
"""Standard deviation of the jaw's lean to one side."""


def draw_resting(anatomy: Anatomy, rng: Generator) -> Array:
    """``(V, 3)`` mm by which one person's resting face, lips closed, differs from what bones and fat make of it."""
    amounts = _amounts(anatomy.action_names, rng)
    chosen = [anatomy.action_names.index(name) for name in amounts]
    offsets = np.tensordot(np.array(list(amounts.values()), np.float32), anatomy.actions[chosen], 1)
    close = anatomy.actions[anatomy.action_names.index("mouthClose")]
    return np.asarray(offsets - close * (lip_gap(anatomy, offsets) / lip_gap(anatomy, close)))


def lip_gap(anatomy: Anatomy, offsets: Array) -> np.float32:
    """How far the middles of the lips part, mm."""
    points = anatomy.landmarks(offsets)
    return np.float32(points[62, 1] - points[66, 1])


def _amounts(names: tuple[str, ...], rng: Generator) -> dict[str, float]:
    amounts: dict[str, float] = {}
    for name, spread in SPREADS.items():
        both = spread * np.clip(rng.standard_normal(), -MOST, MOST)
        lean = UNEVEN * spread * np.clip(rng.standard_normal(), -MOST, MOST)
        if name in names:
            amounts[name] = both
        else:
            amounts |= {name + "Left": both + lean, name + "Right": both - lean}
    aside = JAW_ASIDE * rng.standard_normal()
    amounts["jawLeft" if aside > 0 else "jawRight"] = abs(aside)
    return {name: amount for name, amount in amounts.items() if name in names}
