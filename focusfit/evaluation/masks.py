"""The reference's mask metric: soft values inside the predicted region, visible face positive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .mask_file import Mask


@dataclass(frozen=True)
class Confusion:
    """Areas in pixels, or sums of probabilities; visible face is positive.

    Attributes:
        true_positive: face called face.
        true_negative: occluder called occluder.
        false_positive: occluder called face.
        false_negative: face called occluder.
    """

    true_positive: float
    true_negative: float
    false_positive: float
    false_negative: float


@dataclass(frozen=True)
class RegionScores:
    """Shares in [0, 1] over the predicted region.

    Attributes:
        accuracy: of all, how much is called right.
        precision: of what is called face, how much is.
        f1: harmonic mean of precision and recall.
        recall: of the face, how much is called so.
    """

    accuracy: float
    precision: float
    f1: float
    recall: float


def confusion(truth: Mask, predicted: Mask, region: NDArray[np.bool_]) -> Confusion:
    """Areas inside ``region``; all arrays ``(H, W)``, truth and prediction in [0, 1]."""
    g, m = truth[region].astype(np.float64), predicted[region].astype(np.float64)
    both = float(g @ m)
    return Confusion(both, float(len(g) - g.sum() - m.sum() + both), float(m.sum() - both), float(g.sum() - both))


def soft_scores(truth: Mask, predicted: Mask, region: NDArray[np.bool_]) -> RegionScores:
    """Scores with probabilities as they are, as FOCUS (C. Li et al., CVPR 2023) reports them.

    With g the truth, m the prediction and M the region: TP = sum g m M, TN = sum (1-g)(1-m) M, FP = sum (1-g) m M,
    FN = sum g (1-m) M, each at least one pixel. What lies outside the region does not count.
    """
    areas = confusion(truth, predicted, region)
    tp, tn, fp, fn = (max(area, 1.0) for area in vars(areas).values())
    return RegionScores((tp + tn) / (tp + tn + fp + fn), tp / (tp + fp), 2 * tp / (2 * tp + fp + fn), tp / (tp + fn))
