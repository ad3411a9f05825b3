"""What one set of coefficients gives away about another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .figures import Statistic, ratio_of

FOLDS = 5
PENALTIES = 10.0 ** np.arange(-3, 6)
"""Of the ridge regression, in units of the predictors' variance; the best by leave-one-out is taken."""


@dataclass(frozen=True, eq=False)
class HeldOutErrors:
    """Squared errors of predictions for people that the regression has not seen.

    Attributes:
        residual: ``(N,)`` of the regression.
        total: ``(N,)`` of the mean of the people that it has seen.
    """

    residual: NDArray[np.float64]
    total: NDArray[np.float64]


def leak_of(source: ArrayLike, target: ArrayLike, people: ArrayLike) -> Statistic:
    """Cross-validated R^2 of ``target (N, T)`` predicted from ``source (N, S)`` by ridge regression.

    Five folds, nobody in two of them. 0: the source says nothing; 1: it says all; below 0: less than nothing.
    Photos with nan are left out.
    """
    errors = held_out_errors(np.asarray(source, np.float64), np.asarray(target, np.float64), np.asarray(people))
    fraction = ratio_of(errors.residual, errors.total)
    return lambda weights: 1 - fraction(weights)


def held_out_errors(
    source: NDArray[np.float64], target: NDArray[np.float64], people: NDArray[np.generic]
) -> HeldOutErrors:
    """Errors for every photo, 0 for photos that cannot take part."""
    residual, total = np.zeros(len(source)), np.zeros(len(source))
    known = np.isfinite(source).all(1) & np.isfinite(target).all(1)
    names, labels = np.unique(people, return_inverse=True)
    fold = np.random.default_rng(0).permutation(len(names))[labels] % FOLDS
    for k in range(FOLDS):
        train, test = known & (fold != k), known & (fold == k)
        if np.count_nonzero(train) < 3 or not test.any():
            continue
        x_mean, y_mean = source[train].mean(0), target[train].mean(0)
        slope = ridge(source[train] - x_mean, target[train] - y_mean)
        predicted = y_mean + (source[test] - x_mean) @ slope
        residual[test] = np.sum((target[test] - predicted) ** 2, axis=1)
        total[test] = np.sum((target[test] - y_mean) ** 2, axis=1)
    return HeldOutErrors(residual, total)


def ridge(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(S, T)`` slope of centred ``y (N, T)`` on centred ``x (N, S)``, with the penalty that predicts best.

    The penalty is chosen by the closed form of leaving each row out (G. H. Golub, M. Heath and G. Wahba, 1979).
    """
    left, values, right = np.linalg.svd(x, full_matrices=False)
    scale = max(float(np.mean(values**2)), 1e-12)
    projected = left.T @ y

    def left_out_error(penalty: float) -> float:
        shrink = values**2 / (values**2 + penalty * scale)
        leverage = np.sum(left**2 * shrink, axis=1) + 1 / len(x)
        gaps = (y - left @ (shrink[:, None] * projected)) / np.maximum(1 - leverage, 1e-9)[:, None]
        return float(np.sum(gaps**2))

    best = min(PENALTIES, key=left_out_error)
    return right.T @ ((values / (values**2 + best * scale))[:, None] * projected)
