from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from focusfit.evaluation.bootstrap import Bootstrap
from focusfit.evaluation.figures import mean_of

VALUES = np.random.default_rng(0).gamma(2, size=60)
NAMES = [str(k) for k in range(60)]
ALL = np.ones(60, np.int64)


def test_interval_of_a_mean_agrees_with_scipy():
    ours = Bootstrap(NAMES, draws=4000).interval(mean_of(VALUES), ALL)
    theirs = stats.bootstrap((VALUES,), np.mean, n_resamples=4000, method="percentile", rng=1).confidence_interval
    assert ours.low == pytest.approx(theirs.low, abs=0.03)
    assert ours.high == pytest.approx(theirs.high, abs=0.03)


def test_a_photo_counts_as_often_as_it_was_drawn_and_none_is_lost():
    totals = {int(weights.sum()) for weights in Bootstrap(NAMES, draws=20)._counts}
    assert totals == {60}


def test_interval_covers_the_truth_about_as_often_as_it_says():
    random, covered = np.random.default_rng(2), 0
    for seed in range(200):
        sample = random.normal(size=60)
        interval = Bootstrap(NAMES, draws=200, seed=seed).interval(mean_of(sample), ALL)
        covered += interval.low <= 0 <= interval.high
    assert 0.88 < covered / 200 < 0.99


def test_differences_are_paired():
    bootstrap = Bootstrap(NAMES, draws=100)
    same = bootstrap.difference(mean_of(VALUES), mean_of(VALUES), ALL)
    assert (same.low, same.high) == (0, 0)
    shifted = bootstrap.difference(mean_of(VALUES + 0.25), mean_of(VALUES), ALL)
    assert (shifted.low, shifted.high) == (pytest.approx(0.25), pytest.approx(0.25))


def test_photos_of_one_person_are_drawn_together():
    people = [str(k // 6) for k in range(60)]
    weights = Bootstrap(people, draws=50)._counts.reshape(50, 10, 6)
    assert (weights == weights[:, :, :1]).all()
    values = np.repeat(np.random.default_rng(3).normal(size=10), 6)  # photos of a person say the same thing
    together = Bootstrap(people).interval(mean_of(values), ALL)
    apart = Bootstrap(NAMES).interval(mean_of(values), ALL)
    assert together.high - together.low > 1.8 * (apart.high - apart.low)


def test_seed_decides_and_no_draws_give_no_interval():
    one, same, other = (Bootstrap(NAMES, 50, seed).interval(mean_of(VALUES), ALL) for seed in (1, 1, 2))
    assert one == same
    assert one != other
    assert np.isnan(Bootstrap(NAMES, draws=0).interval(mean_of(VALUES), ALL).low)
