"""Expressions: the 51 facial actions and the modes of their random mixes."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

ACTIVE_SHARE = 0.22
ONE_SIDED_SHARE = 0.15
SIDE_SIGMA = 0.12


def sample_expressions(names: list[str], count: int, rng: Generator) -> NDArray:
    """``(N, U)`` strengths in [0, 1] of the facial actions; left and right mostly act together."""
    strengths = np.zeros((count, len(names)))
    column = {name: i for i, name in enumerate(names)}
    for name in names:
        if name.endswith("Right"):
            continue
        active = rng.random(count) < ACTIVE_SHARE
        strength = np.where(active, rng.beta(1.2, 1.6, count), 0)
        partner = column.get(name.removesuffix("Left") + "Right") if name.endswith("Left") else None
        if partner is None:
            strengths[:, column[name]] = strength
            continue
        lean = active * SIDE_SIGMA * rng.standard_normal((2, count))
        silent = rng.integers(0, 2, count)
        one_sided = rng.random(count) < ONE_SIDED_SHARE
        for side, index in enumerate((column[name], partner)):
            heard = np.where(one_sided & (silent == side), 0, strength + lean[side])
            strengths[:, index] = np.clip(heard, 0, 1)
    return strengths


def equivalent_sample(strengths: NDArray) -> NDArray:
    """``(U, U)`` few mixes with the second moments of many ``(N, U)``: they have the same uncentred components."""
    count = strengths.shape[1]
    values, vectors = np.linalg.eigh(strengths.T @ strengths / len(strengths))
    return np.sqrt(count * np.maximum(values, 0))[:, None] * vectors.T
