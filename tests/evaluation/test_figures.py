"""A figure as a function of weights: repeating a photo and weighing it must be the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from focusfit.evaluation.figures import Pool, count_of, deviation_of, mean_of, ratio_of, sum_of

ONES = np.ones(3, np.int64)
VALUES = [np.array([1.0, 2.0, 9.0]), np.array([4.0]), np.zeros(0)]


def test_by_hand():
    assert mean_of([1, 5, np.nan])(ONES) == 3
    assert deviation_of([1, 5, np.nan])(ONES) == 2
    assert ratio_of([1, 2, 3], [4, 4, 4])(ONES) == 0.5
    assert count_of([True, False, True])(ONES) == 2
    assert sum_of([1, 2, 3])(np.array([2, 0, 1])) == 5
    pool = Pool(VALUES)
    assert (pool.median(ONES), pool.mean(ONES)) == (3, 4)
    assert pool.deviation(ONES) == pytest.approx(np.sqrt((9 + 4 + 25 + 0) / 4))


def test_weights_choose_and_repeat_photos():
    assert mean_of([1, 5, 7])(np.array([2, 0, 1])) == 3
    assert Pool(VALUES).median(np.array([1, 0, 1])) == 2
    assert Pool(VALUES).median(np.array([1, 2, 0])) == 4


def test_nothing_is_not_a_number():
    nothing = np.zeros(3, np.int64)
    pool = Pool(VALUES)
    for statistic in (mean_of([1, 2, 3]), deviation_of([1, 2, 3]), ratio_of([1] * 3, [1] * 3), pool.median, pool.mean):
        assert np.isnan(statistic(nothing))
    assert np.isnan(Pool([]).median(np.zeros(0, np.int64)))
    assert np.isnan(Pool([np.zeros(0)]).share_below(np.array([1.0]), np.ones(1, np.int64))).all()


@given(st.lists(st.integers(0, 3), min_size=5, max_size=5), st.integers(0, 1000))
def test_pool_agrees_with_numpy_on_repeated_photos(weights, seed):
    random = np.random.default_rng(seed)
    values = [random.normal(50, 3, size=random.integers(0, 6)).round(1) for _ in weights]
    repeated = np.concatenate([np.tile(value, weight) for value, weight in zip(values, weights, strict=True)])
    pool, counts = Pool(values), np.array(weights)
    if not len(repeated):
        assert np.isnan(pool.median(counts))
        return
    assert pool.median(counts) == pytest.approx(np.median(repeated), abs=1e-12)
    assert pool.mean(counts) == pytest.approx(repeated.mean())
    assert pool.deviation(counts) == pytest.approx(repeated.std(), abs=1e-6)


def test_share_below_counts_what_equals_the_limit():
    limits = np.array([0.0, 1.0, 3.9, 4.0, 9.0])
    assert Pool(VALUES).share_below(limits, ONES).tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert Pool(VALUES).share_below(limits, np.array([0, 2, 1])).tolist() == [0, 0, 0, 1, 1]
