"""Expressions: the 51 facial actions and the modes of their random mixes."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

ACTIVE_SHARE = 0.22
ONE_SIDED_SHARE = 0.15
SIDE_SIGMA = 0.12

OPPOSITES = (("jawLeft", "jawRight"), ("mouthLeft", "mouthRight"))
"""Ways to go aside: not two sides of one action."""

GAZE = (
    (("eyeLookOutLeft", "eyeLookInRight"), ("eyeLookInLeft", "eyeLookOutRight")),
    (("eyeLookUpLeft", "eyeLookUpRight"), ("eyeLookDownLeft", "eyeLookDownRight")),
)
"""Both eyes look at one thing: to the subject's left or right, up or down."""

CLOSED_LIDS = ((43, 47), (44, 46))
"""Landmarks of the left upper and lower lid that meet when the eye closes."""


def sample_expressions(names: list[str], count: int, rng: Generator) -> NDArray:
    """``(N, U)`` strengths in [0, 1] of the facial actions; left and right mostly act together.

    The lips are closed by ``mouthClose`` as far as the jaw is open, and no farther.
    """
    strengths = np.zeros((count, len(names)))
    column = {name: i for i, name in enumerate(names)}
    for left, right in OPPOSITES:
        _either(strengths, ACTIVE_SHARE, [column[left]], [column[right]], rng)
    for one, other in GAZE:
        _either(strengths, 2 * ACTIVE_SHARE, [column[name] for name in one], [column[name] for name in other], rng)
    apart = {name for pair in OPPOSITES for name in pair}
    for name in names:
        if name in apart or name.startswith("eyeLook") or name.endswith("Right"):
            continue
        if name.endswith("Left"):
            _both_sides(strengths, column[name], column[name.removesuffix("Left") + "Right"], rng)
        else:
            strengths[:, column[name]] = _strength(ACTIVE_SHARE, count, rng)
    strengths[:, column["mouthClose"]] *= strengths[:, column["jawOpen"]]
    return strengths


def _strength(share: float, count: int, rng: Generator) -> NDArray:
    return np.where(rng.random(count) < share, rng.beta(1.2, 1.6, count), 0)


def _either(strengths: NDArray, share: float, first: list[int], second: list[int], rng: Generator) -> None:
    """One group of actions or the other, together in ``share`` of the mixes."""
    strength = _strength(share, len(strengths), rng)
    chosen = rng.random(len(strengths)) < 0.5
    strengths[:, first] = np.where(chosen, strength, 0)[:, None]
    strengths[:, second] = np.where(chosen, 0, strength)[:, None]


def _both_sides(strengths: NDArray, left: int, right: int, rng: Generator) -> None:
    count = len(strengths)
    strength = _strength(ACTIVE_SHARE, count, rng)
    lean = (strength > 0) * SIDE_SIGMA * rng.standard_normal((2, count))
    silent = rng.integers(0, 2, count)
    one_sided = rng.random(count) < ONE_SIDED_SHARE
    for side, index in enumerate((left, right)):
        heard = np.where(one_sided & (silent == side), 0, strength + lean[side])
        strengths[:, index] = np.clip(heard, 0, 1)


def blinks_that_meet(names: list[str], actions: NDArray, points: NDArray, moved: NDArray) -> NDArray:
    """``(U, V, 3)`` the actions with blinks that just close the eyes of the mean face.

    Args:
        names: of the actions.
        actions: ``(U, V, 3)`` mm.
        points: ``(68, 3)`` landmarks of the mean face.
        moved: ``(68, 3)`` mm by which a blink of the left eye moves them.
    """
    shares = [
        (points[upper, 1] - points[lower, 1]) / (moved[lower, 1] - moved[upper, 1]) for upper, lower in CLOSED_LIDS
    ]
    scaled = actions.copy()
    for name in ("eyeBlinkLeft", "eyeBlinkRight"):
        scaled[names.index(name)] *= np.mean(shares)
    return scaled


def equivalent_sample(strengths: NDArray) -> NDArray:
    """``(U, U)`` few mixes with the second moments of many ``(N, U)``: they have the same uncentred components."""
    count = strengths.shape[1]
    values, vectors = np.linalg.eigh(strengths.T @ strengths / len(strengths))
    return np.sqrt(count * np.maximum(values, 0))[:, None] * vectors.T
