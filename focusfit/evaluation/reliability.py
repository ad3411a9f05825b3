"""Whether probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .figures import Statistic, Weights

BINS = 15


@dataclass(frozen=True, eq=False)
class ReliabilityBins:
    """Pixels sorted by the probability that they show visible face.

    Attributes:
        count: ``(BINS,)`` pixels of each bin.
        confidence: ``(BINS,)`` sum of their probabilities.
        truth: ``(BINS,)`` how many of them do show it.
    """

    count: NDArray[np.float64]
    confidence: NDArray[np.float64]
    truth: NDArray[np.float64]


def reliability_bins(probability: NDArray[np.floating], truth: NDArray[np.bool_]) -> ReliabilityBins:
    """Sort pixels ``(P,)`` into bins of equal width."""
    index = np.minimum((probability * BINS).astype(np.int64), BINS - 1)
    count, confidence, true = (
        np.bincount(index, weights, BINS).astype(np.float64)
        for weights in (None, probability, truth.astype(np.float64))
    )
    return ReliabilityBins(count, confidence, true)


def expected_calibration_error(photos: list[ReliabilityBins]) -> Statistic:
    """Mean gap between probability and frequency over all pixels, bin by bin (C. Guo et al., ICML 2017)."""
    count, confidence, truth = (
        np.array([getattr(each, name) for each in photos]).reshape(-1, BINS)
        for name in ("count", "confidence", "truth")
    )

    def statistic(weights: Weights) -> float:
        total = (weights @ count).sum()
        return float(np.abs(weights @ (confidence - truth)).sum() / total) if total else float("nan")

    return statistic
