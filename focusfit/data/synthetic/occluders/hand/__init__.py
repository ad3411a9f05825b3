"""Hands: articulated, in any skin tone, touching the face or held before it."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from ...layer import Layer
from ...posed_face import PosedFace
from ..drawing import Drawing, resolve, sample
from ..shadow import cast
from .gestures import GESTURES, SYMMETRIC, Gesture
from .placement import place_hand, random_build
from .skin import paint, random_skin

BOTH_HANDS = 0.13
"""How often two hands make one gesture."""

__all__ = ["GESTURES", "Gesture", "hand", "hand_with_gesture"]


def hand(face: PosedFace, rng: Generator) -> Layer:
    """One hand, sometimes two, at a face."""
    names = list(GESTURES)
    weights = np.array([GESTURES[name][0] for name in names])
    name = names[rng.choice(len(names), p=weights / weights.sum())]
    if rng.random() < BOTH_HANDS:
        name = SYMMETRIC[rng.integers(len(SYMMETRIC))]
        return hand_with_gesture(face, rng, name, (True, False) if rng.random() < 0.5 else (False, True))
    return hand_with_gesture(face, rng, name, (bool(rng.random() < 0.5),))


def hand_with_gesture(face: PosedFace, rng: Generator, name: str, lefts: tuple[bool, ...]) -> Layer:
    """The hands that make the gesture ``name``, one for each of ``lefts`` (left or right), the last one in front."""
    gesture = GESTURES[name][1]
    build, skin = random_build(face, rng), random_skin(face, rng)
    drawing = Drawing.empty(face.size)
    for left in lefts:
        samples = sample(face, place_hand(face, gesture, build, skin, left, rng), gesture.give)
        drawing = resolve(face, samples, paint(face, samples, skin), below=drawing)
    return cast(face, drawing, rng, "hand")
