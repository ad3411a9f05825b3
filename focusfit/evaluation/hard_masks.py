"""Mask metrics on decisions instead of probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from .masks import Confusion, RegionScores

Flags = NDArray[np.bool_]
"""``(H, W)``."""

BOUNDARY = 0.02
"""Width of the band of the boundary IoU, in diagonals of the region's box."""


def hard_scores(areas: Confusion) -> RegionScores:
    """Accuracy, precision, F1 and recall of whole pixels; a ratio without pixels is 0."""
    tp, tn, fp, fn = vars(areas).values()
    return RegionScores(
        (tp + tn) / max(tp + tn + fp + fn, 1),
        tp / max(tp + fp, 1),
        2 * tp / max(2 * tp + fp + fn, 1),
        tp / max(tp + fn, 1),
    )


def mean_iou(truth: Flags, predicted: Flags) -> float:
    """Mean of the IoU of visible face and of everything else over the whole picture; a class that is in neither: 1."""
    return (_iou(truth, predicted) + _iou(~truth, ~predicted)) / 2


def boundary_iou(truth: Flags, predicted: Flags, region: Flags) -> float:
    """IoU of the bands of visible face along the occluder's edge, inside the region.

    B. Cheng et al., "Boundary IoU" (CVPR 2021), with bands of 2 % of the region's diagonal, at least one pixel. The
    region's own outline is no edge. nan where neither has one.
    """
    rows, columns = np.nonzero(region)
    if not len(rows):
        return float("nan")
    width = max(1.0, BOUNDARY * float(np.hypot(np.ptp(rows) + 1, np.ptp(columns) + 1)))
    box = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    inside = region[box]
    bands = [_band(mask[box] & inside, inside & ~mask[box], width) for mask in (truth, predicted)]
    return _iou(*bands) if bands[0].any() or bands[1].any() else float("nan")


def _band(face: Flags, occluder: Flags, width: float) -> Flags:
    if not occluder.any():
        return np.zeros_like(face)
    return face & (distance_transform_edt(~occluder) <= width)


def _iou(one: Flags, other: Flags) -> float:
    union = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) / union if union else 1.0
