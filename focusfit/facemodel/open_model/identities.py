"""A synthetic adult population: random weights of the head's targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .source import target_stem

ANCESTRIES = ("african", "asian", "caucasian")
ANCESTRY_CONCENTRATION = (0.35, 0.4, 0.65)
"""Dirichlet weights: the third stands for everybody between Europe, the Near East and South Asia."""

GENDERS = ("female", "male")
AGES = ("child", "young", "old")
BUILDS = ("min", "average", "max")

OPPOSITES = (
    ("decr", "incr"),
    ("down", "up"),
    ("in", "out"),
    ("backward", "forward"),
    ("concave", "convex"),
    ("compress", "uncompress"),
    ("l", "r"),
)
POSE_AND_BODY = ("head-trans", "neck-trans", "head-angle", "head-age", "measure", "asymm-")
"""Stems of targets that move or pose the head instead of shaping the face."""

FEATURE_SIGMA = 0.27
HEAD_FACTOR = 0.75
ASYMMETRY_SIGMA = 0.12
SIDE_SIGMA = 0.06
ONE_WAY_HEAD_FACTOR = 0.7


@dataclass(frozen=True)
class Feature:
    """One trait: targets that push it up and down, on one side or on both.

    Attributes:
        stem: name without side and direction.
        sides: per side, the target that -1 drives (None for a trait that only grows) and the one +1 drives.
    """

    stem: str
    sides: tuple[tuple[str | None, str], ...]

    @property
    def sigma(self) -> float:
        """Spread of the trait's strength in the population."""
        if "asym" in self.stem:
            return ASYMMETRY_SIGMA
        return FEATURE_SIGMA * (HEAD_FACTOR if self.stem.startswith("head-") else 1.0)


def group_features(targets: list[str]) -> list[Feature]:
    """Join opposite directions and left and right sides of the detail targets into features."""
    stems = [target_stem(name) for name in targets]
    known = set(stems)
    poles: dict[tuple[str, str], list[str | None]] = {}
    for stem in stems:
        if stem.startswith(POSE_AND_BODY):
            continue
        side = stem[:2] if stem[:2] in ("l-", "r-") else ""
        bare = stem[len(side) :]
        root, _, direction = bare.rpartition("-")
        for low, high in OPPOSITES:
            if direction in (low, high) and f"{side}{root}-{low}" in known and f"{side}{root}-{high}" in known:
                poles.setdefault((f"{root}-{low}-{high}", side), [f"{side}{root}-{low}", f"{side}{root}-{high}"])
                break
        else:
            poles.setdefault((bare, side), [None, stem])
    features: dict[str, list[tuple[str | None, str]]] = {}
    for (root, _), (negative, positive) in sorted(poles.items()):
        features.setdefault(root, []).append((negative, str(positive)))
    return [Feature(root, tuple(sides)) for root, sides in features.items()]


@dataclass(frozen=True, eq=False)
class Population:
    """Random people as target weights.

    Attributes:
        targets: names of the targets used.
        weights: ``(N, T)``.
        male: ``(N,)`` share of the male targets.
        old: ``(N,)`` share of the old targets.
        ancestry: ``(N, 3)`` shares in the order of ``ANCESTRIES``.
    """

    targets: list[str]
    weights: NDArray
    male: NDArray
    old: NDArray
    ancestry: NDArray


def identity_targets(macro: list[str], details: list[str]) -> list[str]:
    """The targets that a population uses, in the order of its weights: no babies."""
    return [name for name in macro if "baby" not in name] + details


def sample_population(
    macro: list[str], details: list[str], count: int, rng: Generator, means: Mapping[str, float] | None = None
) -> Population:
    """Draw people of all ancestries, genders, adult ages and builds, with random single traits.

    Args:
        macro: names of the macro targets.
        details: names of the detail targets.
        count: how many people.
        rng: the generator.
        means: mean strength of features by stem; 0 where absent.
    """
    means = means or {}
    targets = identity_targets(macro, details)
    column = {target_stem(name): index for index, name in enumerate(targets)}
    weights = np.zeros((count, len(targets)))

    ancestry = rng.dirichlet(ANCESTRY_CONCENTRATION, count)
    male = rng.beta(0.5, 0.5, count)
    age = _ages(count, rng)
    muscle = _tents(np.clip(rng.normal(0.5, 0.22, count), 0, 1))
    fat = _tents(np.clip(rng.normal(0.5, 0.25, count), 0, 1))
    gender = np.stack([1 - male, male], axis=1)
    for g, gender_name in enumerate(GENDERS):
        for a, age_name in enumerate(AGES):
            share = gender[:, g] * age[:, a]
            for r, race_name in enumerate(ANCESTRIES):
                weights[:, column[f"{race_name}-{gender_name}-{age_name}"]] = share * ancestry[:, r]
            for m, muscle_name in enumerate(BUILDS):
                for f, fat_name in enumerate(BUILDS):
                    stem = f"universal-{gender_name}-{age_name}-{muscle_name}muscle-{fat_name}weight"
                    weights[:, column[stem]] = share * muscle[:, m] * fat[:, f]
    for feature in group_features(details):
        _add_feature(feature, means.get(feature.stem, 0.0), weights, column, rng)
    return Population(targets, weights, male, age[:, 2], ancestry)


def _ages(count: int, rng: Generator) -> NDArray:
    """``(N, 3)`` shares of child, young and old; a few young people keep childlike proportions."""
    youthful = rng.random(count) < 0.12
    child = np.where(youthful, rng.uniform(0, 0.6, count), 0)
    old = np.where(youthful, 0, rng.beta(0.9, 1.5, count))
    return np.stack([child, 1 - child - old, old], axis=1)


def _tents(value: NDArray) -> NDArray:
    """``(N, 3)`` shares of the minimal, average and maximal target for values in [0, 1]."""
    low = np.clip(1 - 2 * value, 0, 1)
    high = np.clip(2 * value - 1, 0, 1)
    return np.stack([low, 1 - low - high, high], axis=1)


def _add_feature(feature: Feature, mean: float, weights: NDArray, column: dict[str, int], rng: Generator) -> None:
    count = len(weights)
    strength = np.clip(mean + rng.normal(0, feature.sigma, count), -1, 1)
    lean = np.clip(rng.normal(0, SIDE_SIGMA, count), -0.15, 0.15)
    one_way = ONE_WAY_HEAD_FACTOR if feature.stem.startswith("head-") else 1.0
    for sign, (low, high) in zip((1, -1), feature.sides, strict=False):
        value = strength + (sign * lean if len(feature.sides) == 2 else 0)
        if low is None:
            weights[:, column[high]] += one_way * np.maximum(value, 0)
        else:
            weights[:, column[high]] += np.maximum(value, 0)
            weights[:, column[low]] += np.maximum(-value, 0)
