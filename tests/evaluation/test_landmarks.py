from __future__ import annotations

import numpy as np
import pytest

from focusfit.evaluation.landmarks import box_size, hidden_points, normalised_errors

SQUARE = np.array([[10, 10], [90, 10], [10, 60], [90, 60.0]])
ROWS, COLUMNS = np.mgrid[:80, :100]


def test_errors_by_hand():
    """A box of 80 x 50: its size is the root of 4000."""
    assert box_size(SQUARE) == pytest.approx(np.sqrt(4000))
    shifts = np.array([[3, 4], [0, 0], [0, -1], [6, 8.0]])
    assert normalised_errors(SQUARE + shifts, SQUARE) == pytest.approx(np.array([5, 0, 1, 10]) / np.sqrt(40) * 10)


def test_errors_ignore_scale_and_place():
    shifts = np.random.default_rng(0).normal(size=(4, 2))
    one = normalised_errors(SQUARE + shifts, SQUARE)
    assert normalised_errors(3 * (SQUARE + shifts) + 7, 3 * SQUARE + 7) == pytest.approx(one)


def test_points_under_an_occluder_are_hidden():
    found = hidden_points(SQUARE, 60, COLUMNS > 50)
    assert found.hidden.tolist() == [False, True, False, True]
    assert found.known.all()


def test_most_of_the_neighbourhood_decides():
    """Within a pixel of (50, 40) lie five pixels; three of them are covered, then two."""
    point = np.array([[50, 40.0]])
    assert hidden_points(point, 0, (COLUMNS >= 50) & (ROWS <= 40)).hidden.tolist() == [True]
    assert hidden_points(point, 0, (COLUMNS >= 50) & (ROWS < 40) | (COLUMNS > 50)).hidden.tolist() == [False]


def test_the_radius_doubles_until_it_meets_the_region():
    """Sizes of 100: radii 2, 4, 8. The region begins 3, then 7, then 9 pixels away."""
    occluded = np.ones((80, 100), bool)
    for gap, known in ((3, True), (7, True), (9, False)):
        found = hidden_points(np.array([[50, 40.0]]), 100, occluded, gap <= COLUMNS - 50)
        assert (found.known[0], found.hidden[0]) == (known, known)


def test_what_only_the_head_hides_counts_as_visible():
    """The region is skin throughout, so nothing is hidden however the point came to lie on it."""
    assert not hidden_points(SQUARE, 60, np.zeros((80, 100), bool), COLUMNS > 5).hidden.any()


def test_points_outside_the_photo_are_unknown():
    assert not hidden_points(np.array([[300, 40.0]]), 60, COLUMNS > 50).known.any()
