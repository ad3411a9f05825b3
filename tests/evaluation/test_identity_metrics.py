from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import subspace_angles
from scipy.stats import f_oneway
from sklearn import linear_model, metrics

from focusfit.evaluation.identity_pairs import IdentityPairs, stability_of
from focusfit.evaluation.leak import leak_of, ridge
from focusfit.evaluation.subspaces import principal_angles

RANDOM = np.random.default_rng(0)


def photos(people: int, each: int, noise: float, size: int = 12) -> tuple[np.ndarray, list[str]]:
    centres = np.repeat(RANDOM.normal(size=(people, size)), each, axis=0)
    return centres + noise * RANDOM.normal(size=centres.shape), [str(k // each) for k in range(people * each)]


def ones(codes: np.ndarray) -> np.ndarray:
    return np.ones(len(codes), np.int64)


def test_pairs_by_hand():
    """At angles 0, 10 (one person), 30, 90 degrees (another): same pairs 10 and 60 apart, others 30, 20, 90, 80."""
    angles = np.radians([0, 10, 30, 90])
    pairs = IdentityPairs(np.stack([np.cos(angles), np.sin(angles)], 1), ["a", "a", "b", "b"])
    everybody = np.ones(4, np.int64)
    assert pairs.auc(everybody) == (4 + 2) / 8
    # From 20 to 30 degrees half of the same are accepted and a quarter, then half, of the others: they cross there.
    assert pairs.equal_error_rate(everybody) == pytest.approx(0.5)
    assert pairs.auc(np.array([1, 1, 1, 0])) == 1
    assert pairs.equal_error_rate(np.array([1, 1, 1, 0])) == 0
    assert np.isnan(pairs.auc(np.array([1, 0, 1, 0])))


@pytest.mark.parametrize("noise", [0.3, 1, 3])
def test_auc_and_equal_error_rate_agree_with_scikit_learn(noise):
    codes, people = photos(15, 4, noise)
    one, other = np.triu_indices(len(codes), 1)
    unit = codes / np.linalg.norm(codes, axis=1, keepdims=True)
    cosine, same = np.sum(unit[one] * unit[other], 1), np.array(people)[one] == np.array(people)[other]
    pairs = IdentityPairs(codes, people)
    assert pairs.auc(ones(codes)) == pytest.approx(metrics.roc_auc_score(same, cosine))
    false, true, _ = metrics.roc_curve(same, cosine, drop_intermediate=False)
    crossing = np.interp(0, false - (1 - true), false)
    assert pairs.equal_error_rate(ones(codes)) == pytest.approx(crossing, abs=1e-9)


def test_perfect_random_and_inverted_codes():
    perfect, people = photos(20, 3, 0)
    assert IdentityPairs(perfect, people).auc(ones(perfect)) == 1
    assert IdentityPairs(perfect, people).equal_error_rate(ones(perfect)) == 0
    noise = RANDOM.normal(size=perfect.shape)
    assert IdentityPairs(noise, people).auc(ones(noise)) == pytest.approx(0.5, abs=0.1)
    equal = np.ones_like(perfect)
    assert IdentityPairs(equal, people).auc(ones(equal)) == 0.5
    assert IdentityPairs(equal, people).equal_error_rate(ones(equal)) == 0.5


def test_a_person_drawn_twice_is_two_people_as_to_own_pairs():
    codes, people = photos(5, 3, 1)
    twice = IdentityPairs(codes, people)._counts(2 * ones(codes))
    once = IdentityPairs(codes, people)._counts(ones(codes))
    assert twice[0].sum() == 2 * once[0].sum()
    assert twice[1].sum() == 4 * once[1].sum()


def test_photos_without_codes_make_no_pairs():
    codes, people = photos(5, 3, 1)
    codes[4] = np.nan
    kept = np.arange(15) != 4
    expected = IdentityPairs(codes[kept], np.array(people)[kept]).auc(np.ones(14, np.int64))
    assert IdentityPairs(codes, people).auc(ones(codes)) == expected


def test_stability_agrees_with_an_analysis_of_variance():
    codes, people = photos(10, 4, 0.8, size=1)
    f = f_oneway(*codes[:, 0].reshape(10, 4)).statistic
    assert stability_of(codes, people)(ones(codes)) == pytest.approx((f - 1) / (f + 3))


def test_stability_by_hand():
    """People at 0, 2 and at 6, 8: between 36, within 2, so (36 - 2) / (36 + 2)."""
    codes = np.array([[0.0], [2], [6], [8]])
    assert stability_of(codes, ["a", "a", "b", "b"])(np.ones(4, np.int64)) == pytest.approx(34 / 38)


def test_stability_is_one_for_constant_codes_and_about_zero_for_noise():
    perfect, people = photos(30, 4, 0)
    assert stability_of(perfect, people)(ones(perfect)) == 1
    assert stability_of(RANDOM.normal(size=perfect.shape), people)(ones(perfect)) == pytest.approx(0, abs=0.1)
    assert np.isnan(stability_of(perfect[::4], people[::4])(ones(perfect[::4])))  # one photo each: nothing to compare


def test_stability_of_drawn_people_is_that_of_their_copies():
    codes, people = photos(6, 3, 1)
    weights = np.repeat([2, 0, 1, 1, 3, 0], 3)
    rows = [(k, copy) for k in range(18) for copy in range(weights[k])]
    copied = stability_of(codes[[k for k, _ in rows]], [f"{people[k]}/{copy}" for k, copy in rows])
    assert stability_of(codes, people)(weights) == pytest.approx(copied(np.ones(len(rows), np.int64)))


@pytest.mark.parametrize("rho", [0, 0.25, 0.5, 0.75, 1])
def test_leak_finds_what_was_planted(rho):
    """Expression = rho x turned identity + noise of the remaining variance: R^2 is rho squared."""
    identity, turn = RANDOM.normal(size=(1500, 10)), np.linalg.qr(RANDOM.normal(size=(10, 10)))[0]
    expression = rho * identity @ turn + np.sqrt(1 - rho**2) * RANDOM.normal(size=(1500, 10))
    people = [str(k) for k in range(1500)]
    assert leak_of(expression, identity, people)(np.ones(1500, np.int64)) == pytest.approx(rho**2, abs=0.03)


def test_leak_is_not_fooled_by_seeing_a_person_before():
    """Many coefficients that name the person, none that says what the person looks like."""
    people = np.repeat(np.arange(40), 5)
    names, looks = np.eye(40)[people], RANDOM.normal(size=(40, 6))[people]
    assert leak_of(names, looks, people)(np.ones(200, np.int64)) < 0.05


def test_leak_without_truth_is_undefined():
    source = RANDOM.normal(size=(20, 3))
    assert np.isnan(leak_of(source, np.full((20, 1), np.nan), np.arange(20))(np.ones(20, np.int64)))


def test_ridge_agrees_with_scikit_learn():
    x, y = RANDOM.normal(size=(40, 6)), RANDOM.normal(size=(40, 3))
    y[:, 0] += x @ RANDOM.normal(size=6)
    x, y = x - x.mean(0), y - y.mean(0)
    values = np.linalg.svd(x, compute_uv=False)
    penalties = 10.0 ** np.arange(-3, 6) * np.mean(values**2)
    theirs = linear_model.RidgeCV(penalties, scoring="neg_mean_squared_error", fit_intercept=True).fit(x, y)
    assert ridge(x, y) == pytest.approx(theirs.coef_.T, abs=1e-9)


def test_principal_angles_agree_with_scipy():
    for a, b in ((5, 3), (3, 5), (4, 4)):
        one, other = RANDOM.normal(size=(30, a)), RANDOM.normal(size=(30, b))
        assert principal_angles(one, other) == pytest.approx(np.sort(np.degrees(subspace_angles(one, other))))


def test_principal_angles_by_hand():
    basis = np.eye(6)
    assert principal_angles(basis[:, :2], basis[:, 2:4]) == pytest.approx([90, 90])
    assert principal_angles(basis[:, :2], basis[:, 1:3]) == pytest.approx([0, 90])
    tilted = basis[:, :1] * np.cos(np.radians(1e-6)) + basis[:, 2:3] * np.sin(np.radians(1e-6))
    assert principal_angles(basis[:, :2], tilted) == pytest.approx([1e-6], rel=1e-6)
