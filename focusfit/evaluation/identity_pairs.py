"""Same person or not, by the identity coefficients of two photos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .figures import Statistic, Weights


@dataclass(frozen=True, eq=False)
class Roc:
    """Rates at every threshold, from the strictest (0, 0) to the laxest (1, 1).

    Attributes:
        false_accepts: ``(K,)`` share of pairs of different people taken for one.
        true_accepts: ``(K,)`` share of pairs of one person taken for one.
    """

    false_accepts: NDArray[np.float64]
    true_accepts: NDArray[np.float64]


class IdentityPairs:
    """All pairs of photos, ordered by the cosine of their identity coefficients.

    Args:
        codes: ``(N, K)`` identity coefficients; rows that are nan make no pairs.
        people: ``(N,)`` who it is.
    """

    def __init__(self, codes: ArrayLike, people: ArrayLike) -> None:
        vectors = np.asarray(codes, np.float64)
        labels = np.unique(np.asarray(people), return_inverse=True)[1]
        known = np.flatnonzero(np.isfinite(vectors).all(1))
        one, other = (known[index] for index in np.triu_indices(len(known), 1))
        unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        cosine = np.sum(unit[one] * unit[other], axis=1).round(12)  # equal codes tie whatever the rounding
        self._levels, self._level = np.unique(-cosine, return_inverse=True)
        self._one, self._other, self._same = one, other, labels[one] == labels[other]

    def auc(self, weights: Weights) -> float:
        """Chance that a pair of one person is more alike than a pair of two, ties counting half."""
        same, different = self._counts(weights)
        pairs = same.sum() * different.sum()
        above = different.sum() - np.cumsum(different) + different / 2
        return float(same @ above / pairs) if pairs else float("nan")

    def equal_error_rate(self, weights: Weights) -> float:
        """Where as many pairs of two people are accepted as pairs of one are rejected, interpolated along the ROC."""
        roc = self.roc(weights)
        if roc is None:
            return float("nan")
        gap = roc.false_accepts - (1 - roc.true_accepts)
        after = int(np.argmax(gap >= 0))
        part = gap[after - 1] / (gap[after - 1] - gap[after])
        return float(roc.false_accepts[after - 1] + part * (roc.false_accepts[after] - roc.false_accepts[after - 1]))

    def roc(self, weights: Weights) -> Roc | None:
        """The curve; None without pairs of both kinds."""
        same, different = self._counts(weights)
        if not (same.sum() and different.sum()):
            return None
        false, true = (np.concatenate([[0.0], np.cumsum(kind) / kind.sum()]) for kind in (different, same))
        return Roc(false, true)

    def _counts(self, weights: Weights) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Pairs of one person and of two at every level of likeness.

        A person that was drawn twice counts as two pairs of its own photos, not as four.
        """
        one, other = weights[self._one], weights[self._other]
        counts = np.where(self._same, np.minimum(one, other), one * other)
        size = len(self._levels)
        same = np.bincount(self._level[self._same], counts[self._same], size).astype(np.float64)
        different = np.bincount(self._level[~self._same], counts[~self._same], size).astype(np.float64)
        return same, different


def stability_of(codes: ArrayLike, people: ArrayLike) -> Statistic:
    """Intraclass correlation of identity coefficients: the share of their variance that is between people.

    ICC(1, 1) of P. E. Shrout and J. L. Fleiss (1979), mean squares summed over the coefficients; for unequal numbers
    of photos k is their (n - sum k_i^2 / n) / (people - 1). 1: a person's photos agree, 0: they differ as people do.

    Args:
        codes: ``(N, K)``; rows that are nan are left out.
        people: ``(N,)`` who it is.
    """
    vectors = np.asarray(codes, np.float64)
    labels = np.unique(np.asarray(people), return_inverse=True)[1]
    known = np.isfinite(vectors).all(1)
    vectors, labels = vectors[known], labels[known]
    chosen = np.eye(labels.max(initial=-1) + 1)[:, labels]

    def statistic(weights: Weights) -> float:
        part = weights[known] > 0
        drawn = np.max(chosen * weights[known], axis=1, initial=0)  # how often each person
        sizes = chosen @ part
        people_left, photos = drawn[sizes > 0].sum(), drawn @ sizes
        if people_left < 2 or photos <= people_left:
            return float("nan")
        sums = (chosen * part) @ vectors
        means = sums / np.maximum(sizes, 1)[:, None]
        grand = drawn @ sums / photos
        between = drawn @ (sizes * np.sum((means - grand) ** 2, axis=1)) / (people_left - 1)
        squares = np.sum((vectors - means[labels]) ** 2, axis=1)
        within = drawn[labels] @ (squares * part) / (photos - people_left)
        k = (photos - drawn @ sizes**2 / photos) / (people_left - 1)
        total = between + (k - 1) * within
        return float((between - within) / total) if total else float("nan")

    return statistic
