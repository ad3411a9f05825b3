"""How well a method answers "is this face occluded?"."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .figures import Statistic, Weights


def auc_of(scores: ArrayLike, positive: ArrayLike) -> Statistic:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties counting half.

    Args:
        scores: ``(N,)``; those that are nan are left out.
        positive: ``(N,)`` the truth.
    """
    score, truth = np.asarray(scores, np.float64), np.asarray(positive, bool)
    known = np.isfinite(score)
    levels, level = np.unique(score[known], return_inverse=True)
    truth = truth[known]

    def statistic(weights: Weights) -> float:
        chosen = weights[known]
        positives = np.bincount(level[truth], chosen[truth], len(levels))
        negatives = np.bincount(level[~truth], chosen[~truth], len(levels))
        pairs = positives.sum() * negatives.sum()
        below = np.cumsum(negatives) - negatives / 2
        return float(positives @ below / pairs) if pairs else float("nan")

    return statistic
