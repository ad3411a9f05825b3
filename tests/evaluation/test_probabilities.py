"""Is this face occluded, and do probabilities mean what they say?"""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import calibration, metrics

from focusfit.evaluation.occluded_faces import auc_of
from focusfit.evaluation.reliability import BINS, expected_calibration_error, reliability_bins

RANDOM = np.random.default_rng(0)


def test_auc_by_hand():
    """Positives 0.9, 0.5; negatives 0.5, 0.1: of four pairs three are won and one is a tie."""
    auc = auc_of([0.9, 0.5, 0.5, 0.1], [True, True, False, False])
    assert auc(np.ones(4, np.int64)) == 3.5 / 4
    assert auc(np.array([1, 0, 1, 1])) == 1
    assert np.isnan(auc(np.array([1, 1, 0, 0])))
    assert auc_of([0.9, 0.5, 0.5, 0.1], [False, False, True, True])(np.ones(4, np.int64)) == 0.5 / 4


def test_auc_agrees_with_scikit_learn_with_ties_and_weights():
    for _ in range(20):
        scores, truth, weights = RANDOM.integers(0, 9, 80) / 9, RANDOM.random(80) < 0.4, RANDOM.integers(0, 4, 80)
        theirs = metrics.roc_auc_score(truth, scores, sample_weight=weights)
        assert auc_of(scores, truth)(weights) == pytest.approx(theirs)


def test_auc_leaves_out_what_is_unknown():
    ours = auc_of([0.9, np.nan, 0.1, np.nan], [True, True, False, False])
    assert ours(np.ones(4, np.int64)) == 1


def test_calibration_by_hand():
    """Two photos: 10 pixels at 0.7 of which 4 are face, 10 at 0.1 of which 1 is."""
    one = reliability_bins(np.full(10, 0.7), np.arange(10) < 4)
    other = reliability_bins(np.full(10, 0.1), np.arange(10) < 1)
    error = expected_calibration_error([one, other])
    assert error(np.array([1, 1])) == pytest.approx(0.15)
    assert error(np.array([1, 0])) == pytest.approx(0.3)
    assert error(np.array([0, 1])) == pytest.approx(0, abs=1e-12)
    assert np.isnan(error(np.array([0, 0])))


def test_pixels_of_all_photos_are_pooled():
    """At 0.7 one photo has 4 of 10 and another 10 of 10: together as many as promised."""
    photos = [reliability_bins(np.full(10, 0.7), np.arange(10) < true) for true in (4, 10)]
    assert expected_calibration_error(photos)(np.array([1, 1])) == pytest.approx(0, abs=1e-12)


def test_calibration_agrees_with_scikit_learn():
    probability = RANDOM.random(5000)
    truth = RANDOM.random(5000) < probability**2
    bins = reliability_bins(probability, truth)
    share, mean = calibration.calibration_curve(truth, probability, n_bins=BINS)
    assert bins.truth / bins.count == pytest.approx(share)
    assert bins.confidence / bins.count == pytest.approx(mean)
    expected = np.sum(np.abs(share - mean) * bins.count) / 5000
    assert expected_calibration_error([bins])(np.array([1])) == pytest.approx(expected)


def test_honest_probabilities_are_calibrated_and_inverted_ones_are_not():
    probability = RANDOM.random(200_000)
    truth = RANDOM.random(200_000) < probability
    one = np.array([1])
    assert expected_calibration_error([reliability_bins(probability, truth)])(one) < 0.01
    assert expected_calibration_error([reliability_bins(1 - probability, truth)])(one) == pytest.approx(0.5, abs=0.01)


def test_the_ends_of_the_scale_have_bins():
    bins = reliability_bins(np.array([0.0, 1.0]), np.array([False, True]))
    assert (bins.count[0], bins.count[-1], bins.count.sum()) == (1, 1, 2)
