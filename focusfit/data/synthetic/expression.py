"""Faces that people make."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .anatomy import Anatomy
from .resting import lip_gap

Array = NDArray[np.float32]

MOODS: dict[str, tuple[float, dict[str, float]]] = {
    "calm": (0.26, {}),
    "smile": (0.22, {"mouthSmile": 0.75, "cheekSquint": 0.5, "eyeSquint": 0.25, "mouthDimple": 0.2}),
    "laugh": (0.12, {"mouthSmile": 0.9, "jawOpen": 0.32, "cheekSquint": 0.7, "eyeSquint": 0.4, "mouthUpperUp": 0.4}),
    "talk": (0.12, {"jawOpen": 0.22, "mouthFunnel": 0.2, "mouthLowerDown": 0.25, "mouthUpperUp": 0.15}),
    "surprise": (0.05, {"browInnerUp": 0.7, "browOuterUp": 0.7, "eyeWide": 0.7, "jawOpen": 0.35}),
    "anger": (0.05, {"browDown": 0.8, "noseSneer": 0.35, "mouthPress": 0.5, "eyeSquint": 0.3}),
    "sadness": (0.05, {"browInnerUp": 0.6, "mouthFrown": 0.6, "mouthShrugLower": 0.35}),
    "disgust": (0.03, {"noseSneer": 0.7, "mouthUpperUp": 0.5, "browDown": 0.4, "mouthFrown": 0.3}),
    "doubt": (0.04, {"mouthLeft": 0.4, "mouthPress": 0.3, "browOuterUpLeft": 0.7, "browDownRight": 0.4}),
    "kiss": (0.03, {"mouthPucker": 0.8, "eyeSquint": 0.2}),
    "puff": (0.03, {"cheekPuff": 0.7, "mouthPress": 0.3}),
}
"""Share of the photos, and typical strengths of facial actions; a name without side stands for both sides."""

MODES_SHARE = 0.25
"""Share of the photos with random modes of the model on top of the mood."""

MODES_SPREAD = 0.4

LEAST_ACTION = 0.02

LOWER_LID, LOOK_DOWN = 0.37, 0.39
"""How much of a blink squinting and looking down are, which close eyes too."""

EXTRA_ACTIONS = 1.6
"""Mean number of further random actions."""

PRESSED = 2.0
"""mm by which pressed lips are nearer to each other than at rest; more, and one would be inside the other."""


@dataclass(frozen=True, eq=False)
class Expression:
    """What a face does in one photo.

    Attributes:
        offsets: ``(V, 3)`` mm.
        coefficients: ``(Ke,)`` the same in standard deviations of the face model, as far as it can express it.
    """

    offsets: Array
    coefficients: Array


def draw_expression(anatomy: Anatomy, strength: float, rng: Generator) -> Expression:
    """A mood, a few further actions, a look somewhere, blinking eyes; sometimes random modes of the model."""
    weights = _mood(rng)
    names = [name for name in anatomy.action_names if not name.startswith("eyeLook")]
    for _ in range(rng.poisson(EXTRA_ACTIONS)):
        name = names[rng.integers(len(names))]
        extra = rng.beta(1.2, 2.5) * (0.35 if name == "jawOpen" else 1.0)
        twin = _twin(name)
        for each in {name, twin} if rng.random() < 0.7 else {name}:
            weights[each] = weights.get(each, 0.0) + extra
    _look(weights, rng)
    weights["mouthClose"] = min(weights.get("mouthClose", 0.0), weights.get("jawOpen", 0.0))
    offsets = np.zeros_like(anatomy.actions[0])
    coefficients = np.zeros(anatomy.expression.count, np.float32)
    for name, weight in sorted(weights.items()):
        if name in anatomy.action_names and weight > LEAST_ACTION:
            action, amount = anatomy.action_names.index(name), np.float32(strength * min(weight, 1.0))
            offsets += amount * anatomy.actions[action]
            coefficients += amount * anatomy.action_coefficients[action]
    if rng.random() < MODES_SHARE:
        modes = (MODES_SPREAD * strength * rng.standard_normal(len(coefficients))).astype(np.float32)
        offsets += anatomy.expression.values(modes)
        coefficients += modes
    apart = _apart(anatomy, offsets)
    close = anatomy.action_names.index("mouthClose")
    offsets -= apart * anatomy.actions[close]
    coefficients -= apart * anatomy.action_coefficients[close]
    return Expression(offsets, coefficients)


def _apart(anatomy: Anatomy, offsets: Array) -> np.float32:
    """How much of ``mouthClose`` is to be taken away from ``offsets (V, 3)`` mm for no lip to be inside the other."""
    overlap = np.minimum(lip_gap(anatomy, offsets) + np.float32(PRESSED), np.float32(0))
    return np.float32(overlap / lip_gap(anatomy, anatomy.actions[anatomy.action_names.index("mouthClose")]))


def _mood(rng: Generator) -> dict[str, float]:
    shares = np.array([share for share, _ in MOODS.values()])
    name = list(MOODS)[rng.choice(len(MOODS), p=shares / shares.sum())]
    intensity = rng.uniform(0.3, 1.15)
    weights: dict[str, float] = {}
    for action, typical in MOODS[name][1].items():
        amount = typical * intensity * rng.uniform(0.7, 1.3)
        if action.endswith(("Left", "Right")) or action in ("jawOpen", "mouthFunnel", "browInnerUp", "cheekPuff"):
            weights[action] = amount
            continue
        weights[action] = amount
        lean = rng.normal(0, 0.08)
        weights[action + "Left"], weights[action + "Right"] = amount + lean, amount - lean
    return {action: max(weight, 0.0) for action, weight in weights.items()}


def _twin(name: str) -> str:
    """The same action on the other side."""
    if name.endswith("Left") and name not in ("jawLeft", "mouthLeft"):
        return name.removesuffix("Left") + "Right"
    if name.endswith("Right") and name not in ("jawRight", "mouthRight"):
        return name.removesuffix("Right") + "Left"
    return name


def _look(weights: dict[str, float], rng: Generator) -> None:
    """Gaze: mostly near the middle; lids follow it; now and then a blink."""
    across, up = rng.normal(0, 0.28, 2)
    for side, outward in (("Left", 1.0), ("Right", -1.0)):
        weights[f"eyeLook{'Out' if across * outward > 0 else 'In'}{side}"] = abs(across)
        weights[f"eyeLook{'Up' if up > 0 else 'Down'}{side}"] = abs(up)
    lids = 0.9 if rng.random() < 0.04 else rng.beta(1.0, 12.0)
    for side in ("Left", "Right"):
        name = f"eyeBlink{side}"
        blink = max(weights.get(name, 0.0), lids * rng.uniform(0.9, 1.1))
        others = LOWER_LID * weights.get(f"eyeSquint{side}", 0.0) + LOOK_DOWN * weights.get(f"eyeLookDown{side}", 0.0)
        weights[name] = min(blink, max(1 - others, 0.0))
