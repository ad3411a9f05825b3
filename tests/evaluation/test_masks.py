"""Mask metrics: by hand, against scikit-learn, and on predictions whose scores one knows beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt
from sklearn import metrics

from focusfit.evaluation.hard_masks import boundary_iou, hard_scores, mean_iou
from focusfit.evaluation.masks import Confusion, confusion, soft_scores
from focusfit.evaluation.region_cover import hull_cover, landmark_hull

EVERYWHERE = np.ones((40, 50), bool)
ROWS, COLUMNS = np.mgrid[:40, :50]
FACE = (COLUMNS > 12) & (ROWS > 5)
"""1224 pixels of face; 776 of something else."""


def soft(mask: np.ndarray) -> np.ndarray:
    return mask.astype(np.float32)


def test_soft_scores_by_hand():
    """Ten by ten pixels: 40 of face at 0.9, 40 of face at 0.5, 20 of occluder at 0.2; the last row is outside."""
    truth, predicted = np.zeros((11, 10), np.float32), np.zeros((11, 10), np.float32)
    truth[:8], predicted[:4], predicted[4:8], predicted[8:10], predicted[10] = 1, 0.9, 0.5, 0.2, 1
    region = np.ones((11, 10), bool)
    region[10] = False
    tp, tn, fp, fn = 40 * 0.9 + 40 * 0.5, 20 * 0.8, 20 * 0.2, 40 * 0.1 + 40 * 0.5
    assert vars(confusion(truth, predicted, region)) == pytest.approx(
        {"true_positive": tp, "true_negative": tn, "false_positive": fp, "false_negative": fn}, rel=1e-6
    )
    scores = soft_scores(truth, predicted, region)
    assert scores.accuracy == pytest.approx(72 / 100, rel=1e-6)
    assert scores.precision == pytest.approx(56 / 60, rel=1e-6)
    assert scores.recall == pytest.approx(56 / 80, rel=1e-6)
    assert scores.f1 == pytest.approx(2 * 56 / (2 * 56 + 4 + 24), rel=1e-6)


def test_soft_areas_are_at_least_one_pixel():
    """A perfect mask of a bare face: TP 2000, and one pixel each of TN, FP and FN by definition."""
    scores = soft_scores(soft(EVERYWHERE), soft(EVERYWHERE), EVERYWHERE)
    assert scores.accuracy == pytest.approx(2001 / 2003)
    assert scores.precision == pytest.approx(2000 / 2001)


def test_the_truth_may_be_soft_too():
    """A resampled edge counts by its share."""
    half = np.full((10, 10), 0.5, np.float32)
    areas = confusion(half, half, np.ones((10, 10), bool))
    assert set(vars(areas).values()) == {25.0}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_hard_scores_agree_with_scikit_learn(seed):
    random = np.random.default_rng(seed)
    truth, predicted, region = (random.random((12, 15)) < share for share in random.random(3))
    scores = hard_scores(confusion(soft(truth), soft(predicted), region))
    if not region.any():
        assert set(vars(scores).values()) == {0}
        return
    g, m = truth[region], predicted[region]
    assert scores.accuracy == pytest.approx(metrics.accuracy_score(g, m))
    for name in ("precision", "recall", "f1"):
        theirs = getattr(metrics, f"{name}_score")(g, m, zero_division=0)
        assert getattr(scores, name) == pytest.approx(theirs)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_soft_scores_of_decisions_are_hard_ones_where_no_area_is_tiny(seed):
    random = np.random.default_rng(seed)
    truth, predicted = random.random((20, 20)) < 0.5, random.random((20, 20)) < 0.5
    region = np.ones((20, 20), bool)
    one, other = (
        soft_scores(soft(truth), soft(predicted), region),
        hard_scores(confusion(soft(truth), soft(predicted), region)),
    )
    assert vars(one) == pytest.approx(vars(other))


def test_perfect_empty_inverted_shifted():
    def scores(predicted):
        return hard_scores(confusion(soft(FACE), soft(predicted), EVERYWHERE))

    assert set(vars(scores(FACE)).values()) == {1}
    empty = scores(np.zeros_like(FACE))
    assert (empty.recall, empty.precision, empty.f1) == (0, 0, 0)
    assert empty.accuracy == pytest.approx((~FACE).mean())
    assert set(vars(scores(~FACE)).values()) == {0}
    shifted = scores(np.roll(FACE, 2, axis=1))
    assert 0.9 < shifted.accuracy < 1
    worse = scores(np.roll(FACE, 6, axis=1))
    assert worse.accuracy < shifted.accuracy


def test_mean_iou_agrees_with_scikit_learn():
    random = np.random.default_rng(0)
    for share in (0.1, 0.5, 0.9):
        truth, predicted = random.random((2, 30, 30)) < share
        theirs = metrics.jaccard_score(truth.ravel(), predicted.ravel(), average="macro")
        assert mean_iou(truth, predicted) == pytest.approx(theirs)


def test_mean_iou_by_hand():
    truth, predicted = np.zeros((2, 10, 10), bool)
    truth[:, :5], predicted[:, :6] = True, True
    assert mean_iou(truth, predicted) == pytest.approx((50 / 60 + 40 / 50) / 2)
    assert mean_iou(truth, truth) == 1
    assert mean_iou(truth, ~truth) == 0
    assert mean_iou(np.ones((3, 3), bool), np.ones((3, 3), bool)) == 1


def brute_boundary_iou(truth, predicted, region):
    """Every pair of pixels."""
    rows, columns = np.nonzero(region)
    width = max(1, 0.02 * np.hypot(np.ptp(rows) + 1, np.ptp(columns) + 1))
    bands = []
    for mask in (truth, predicted):
        band = set()
        others = [(r, c) for r, c in zip(rows, columns, strict=True) if not mask[r, c]]
        for r, c in zip(rows, columns, strict=True):
            if mask[r, c] and any((r - a) ** 2 + (c - b) ** 2 <= width**2 for a, b in others):
                band.add((r, c))
        bands.append(band)
    union = bands[0] | bands[1]
    return len(bands[0] & bands[1]) / len(union) if union else float("nan")


def test_boundary_iou_agrees_with_every_pair_of_pixels():
    random = np.random.default_rng(1)
    for _ in range(5):
        blobs = distance_transform_edt(random.random((2, 40, 50)) > 0.004) > 4
        region = (COLUMNS - 25) ** 2 + (ROWS - 20) ** 2 < 300
        ours = boundary_iou(blobs[0], blobs[1], region)
        assert ours == pytest.approx(brute_boundary_iou(blobs[0], blobs[1], region))


def test_boundary_iou_by_hand():
    """Diagonal 64: bands of 1.28, that is one pixel. Edges that are one pixel apart share no band."""
    region = np.ones((40, 50), bool)
    truth, shifted = COLUMNS > 20, COLUMNS > 21
    assert boundary_iou(truth, truth, region) == 1
    assert boundary_iou(truth, shifted, region) == 0
    assert boundary_iou(truth, ~truth, region) == 0
    assert boundary_iou(truth, region, region) == 0  # an occluder that is missed has a band, the prediction none
    assert np.isnan(boundary_iou(region, region, region))  # nobody sees an occluder: nothing to compare
    assert np.isnan(boundary_iou(truth, truth, ~region))


def test_the_region_s_outline_is_no_edge():
    region = COLUMNS > 10
    assert np.isnan(boundary_iou(region, region, region))


def test_hull_cover_by_hand():
    corners = np.array([[10, 10], [30, 10], [30, 30], [10, 30], [20, 20.0]])
    assert landmark_hull(corners, (40, 50)).sum() == 21 * 21
    assert hull_cover(np.ones((40, 50), bool), corners) == 1
    assert hull_cover(COLUMNS < 20, corners) == pytest.approx(10 / 21)
    assert hull_cover(np.zeros((40, 50), bool), corners) == 0
    assert hull_cover(np.ones((40, 50), bool), corners + np.array([30, 0])) == 1  # nothing beyond the photo


def test_confusion_adds_up_to_the_region():
    random = np.random.default_rng(0)
    region = random.random((40, 50)) < 0.5
    areas = confusion(random.random((40, 50)).astype(np.float32), random.random((40, 50)).astype(np.float32), region)
    assert sum(vars(areas).values()) == pytest.approx(region.sum())
    assert confusion(soft(FACE), soft(FACE), ~EVERYWHERE) == Confusion(0, 0, 0, 0)
