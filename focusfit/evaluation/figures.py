"""Figures as functions of how much each photo counts.

One function then serves the value itself (every photo counts once), a group of photos (the others count nothing), the
bootstrap (a photo counts as often as it was drawn) and paired differences between methods (the same draws for both).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Weights = NDArray[np.int64]
"""``(N,)`` how often each photo counts."""

Statistic = Callable[[Weights], float]
"""A figure's value under given weights; nan where it is not defined."""


NAN = float("nan")


@dataclass(frozen=True)
class Figure:
    """One number about a method on a set of photos.

    Attributes:
        key: its name in files and tables.
        definition: what it is, in a sentence.
        statistic: its value under weights of the photos.
        unit: unit of the value, empty for a share.
        higher_is_better: None for a count or a description.
        counts_missing: photos without a prediction enter it too.
        defined: ``(N,)`` photos that have it, where one by one they may not: of several methods, only photos that have
            it for every one are compared.
    """

    key: str
    definition: str
    statistic: Statistic
    unit: str = ""
    higher_is_better: bool | None = None
    counts_missing: bool = False
    defined: NDArray[np.bool_] | None = None


def count_of(members: ArrayLike) -> Statistic:
    """Number of photos of which ``members (N,)`` is true."""
    chosen = np.asarray(members, bool)
    return lambda weights: int(weights[chosen].sum())


def sum_of(values: ArrayLike) -> Statistic:
    """Sum over photos of the whole numbers ``values (N,)``."""
    array = np.asarray(values, np.int64)
    return lambda weights: int(weights @ array)


def mean_of(values: ArrayLike) -> Statistic:
    """Mean over photos of ``values (N,)``, those that are nan left out."""
    array = np.asarray(values, np.float64)
    known = np.isfinite(array)
    return lambda weights: _divide(weights[known] @ array[known], weights[known].sum())


def photo_mean(
    key: str, definition: str, values: ArrayLike, unit: str = "", higher_is_better: bool | None = None
) -> Figure:
    """The mean over the photos that have a value in ``values (N,)``."""
    defined = np.isfinite(np.asarray(values, np.float64))
    return Figure(key, definition, mean_of(values), unit, higher_is_better, defined=defined)


def deviation_of(values: ArrayLike) -> Statistic:
    """Standard deviation over photos of ``values (N,)`` (divided by their number), those that are nan left out."""
    array = np.asarray(values, np.float64)
    known = np.isfinite(array)
    array = array[known]

    def statistic(weights: Weights) -> float:
        chosen = weights[known]
        mean = _divide(chosen @ array, chosen.sum())
        return float(np.sqrt(_divide(chosen @ (array - mean) ** 2, chosen.sum())))

    return statistic


def ratio_of(parts: ArrayLike, wholes: ArrayLike) -> Statistic:
    """Pooled share: the sum of ``parts (N,)`` over the sum of ``wholes (N,)``."""
    top, bottom = np.asarray(parts, np.float64), np.asarray(wholes, np.float64)
    return lambda weights: _divide(weights @ top, weights @ bottom)


class Pool:
    """Numbers of all photos taken together, as errors of points are.

    Args:
        values: for each photo its numbers, none where there is no prediction.
    """

    def __init__(self, values: Sequence[NDArray[np.floating]]) -> None:
        self._counts = np.array([len(each) for each in values], np.int64)
        pooled = np.concatenate([*values, np.zeros(0)]).astype(np.float64)
        self._centre = float(pooled.mean()) if len(pooled) else 0.0
        self._sums = np.array([np.sum(each - self._centre) for each in values])
        self._squares = np.array([np.sum((each - self._centre) ** 2) for each in values])
        order = np.argsort(pooled, kind="stable")
        self._sorted = pooled[order]
        self._photo = np.repeat(np.arange(len(values), dtype=np.int32), self._counts)[order]
        # How many of each photo's numbers are in each stretch of the sorted ones: a median then looks at one stretch.
        self._stretch = max(1, int(np.sqrt(len(pooled))))
        stretches = -(-len(pooled) // self._stretch)
        cell = self._photo.astype(np.int64) * stretches + np.arange(len(pooled)) // self._stretch
        self._table = np.bincount(cell, minlength=len(values) * stretches).reshape(len(values), stretches)

    def mean(self, weights: Weights) -> float:
        """Mean of all numbers."""
        return self._centre + _divide(weights @ self._sums, weights @ self._counts)

    def deviation(self, weights: Weights) -> float:
        """Standard deviation of all numbers, divided by their count."""
        count = weights @ self._counts
        offset = _divide(weights @ self._sums, count)
        return float(np.sqrt(max(_divide(weights @ self._squares, count) - offset**2, 0.0)))

    def median(self, weights: Weights) -> float:
        """Median of all numbers; the mean of the middle two of an even count."""
        reached = np.cumsum(weights @ self._table)
        count = int(reached[-1]) if len(reached) else 0
        return (
            (self._at(weights, reached, (count - 1) // 2) + self._at(weights, reached, count // 2)) / 2
            if count
            else NAN
        )

    def _at(self, weights: Weights, reached: NDArray[np.int64], index: int) -> float:
        """The number at an index of all numbers in order, each repeated by its photo's weight."""
        stretch = int(np.searchsorted(reached, index, side="right"))
        part = slice(stretch * self._stretch, (stretch + 1) * self._stretch)
        before = int(reached[stretch - 1]) if stretch else 0
        within = np.cumsum(weights[self._photo[part]])
        return float(self._sorted[part][np.searchsorted(within, index - before, side="right")])

    def share_below(self, limits: NDArray[np.floating], weights: Weights) -> NDArray[np.float64]:
        """``limits``-shaped: share of all numbers that are at most the limit; nan where there are none."""
        reached = np.concatenate([[0], np.cumsum(weights[self._photo])])
        if not reached[-1]:
            return np.full(np.shape(limits), NAN)
        return reached[np.searchsorted(self._sorted, limits, side="right")] / reached[-1]


def _divide(top: Any, bottom: Any) -> float:
    return float(top) / float(bottom) if bottom else NAN
