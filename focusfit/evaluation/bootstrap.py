"""Percentile bootstrap: how far a figure would move with another draw of photos or people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .figures import Statistic, Weights

DRAWS = 1000
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A percentile interval.

    Attributes:
        low: lower end.
        high: upper end.
    """

    low: float
    high: float


class Bootstrap:
    """The same draws of photos for every figure and every method, so that differences are paired.

    Args:
        clusters: ``(N,)`` for each photo what it is drawn with; photos of one person are no independent witnesses.
        draws: number of draws; 0 gives empty (nan) intervals.
        seed: of the draws.
    """

    def __init__(self, clusters: Sequence[str], draws: int = DRAWS, seed: int = 0) -> None:
        names, cluster = np.unique(np.asarray(clusters), return_inverse=True)
        drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
        self._counts = drawn[:, cluster]

    def interval(self, statistic: Statistic, members: Weights) -> Interval:
        """The central 95 % of a figure's values over the draws (B. Efron's percentile interval).

        Args:
            statistic: the figure.
            members: ``(N,)`` 1 for the photos that take part, 0 for others.
        """
        return _interval(self._values(statistic, members))

    def difference(self, one: Statistic, other: Statistic, members: Weights) -> Interval:
        """The same for ``one - other``, both evaluated on the same draws."""
        return _interval(self._values(one, members) - self._values(other, members))

    def _values(self, statistic: Statistic, members: Weights) -> NDArray[np.float64]:
        return np.array([statistic(counts * members) for counts in self._counts], np.float64)


def _interval(values: NDArray[np.float64]) -> Interval:
    values = values[np.isfinite(values)]
    if not len(values):
        return Interval(float("nan"), float("nan"))
    tail = (1 - LEVEL) / 2
    return Interval(*(float(edge) for edge in np.quantile(values, [tail, 1 - tail])))
