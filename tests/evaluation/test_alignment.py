from __future__ import annotations

import numpy as np
import pytest
from scipy import spatial

from focusfit.evaluation.alignment import best_similarity

RANDOM = np.random.default_rng(0)
POINTS = RANDOM.normal(size=(7, 3)) * 40


def turn(seed: int) -> np.ndarray:
    return spatial.transform.Rotation.random(rng=seed).as_matrix()


def test_finds_a_known_similarity():
    rotation, offset = turn(1), np.array([3.0, -200, 17])
    found = best_similarity(POINTS, 2.5 * POINTS @ rotation.T + offset)
    assert found.scale == pytest.approx(2.5)
    assert found.rotation == pytest.approx(rotation)
    assert found.offset == pytest.approx(offset)
    assert found.undo(found.apply(POINTS)) == pytest.approx(POINTS)


def test_by_hand():
    """A unit square doubled and moved."""
    square = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.0]])
    found = best_similarity(square, 2 * square + [5, 0, 1])
    assert (found.scale, found.offset.tolist()) == (pytest.approx(2), pytest.approx([5, 0, 1]))


def test_residual_agrees_with_scipy_procrustes():
    target = POINTS @ turn(2).T * 0.7 + RANDOM.normal(size=(7, 3)) * 5
    _, _, disparity = spatial.procrustes(target, POINTS)
    residual = np.sum((best_similarity(POINTS, target).apply(POINTS) - target) ** 2)
    assert residual / np.sum((target - target.mean(0)) ** 2) == pytest.approx(disparity)


def test_never_mirrors():
    found = best_similarity(POINTS, POINTS * [-1, 1, 1])
    assert np.linalg.det(found.rotation) == pytest.approx(1)
    assert found.scale > 0


def test_flat_points_still_give_a_proper_rotation():
    flat = POINTS * [1, 1, 0]
    found = best_similarity(flat, flat @ turn(3).T)
    assert np.linalg.det(found.rotation) == pytest.approx(1)
    assert found.apply(flat) == pytest.approx(flat @ turn(3).T)


def test_points_in_one_place_are_refused():
    with pytest.raises(ValueError, match="coincide"):
        best_similarity(np.ones((7, 3)), POINTS)
