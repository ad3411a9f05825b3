from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from scipy.spatial.transform import Rotation

from focusfit.evaluation.alignment import Similarity
from focusfit.evaluation.point_to_triangle import Surface
from focusfit.evaluation.shape_protocol import (
    NOW_PROTOCOL,
    SCAN_PROTOCOL,
    ShapeProtocol,
    least_squared_distances,
    trimmed_closest_points,
)

NOW_POINTS = (36, 39, 42, 45, 33, 48, 54)
SEVEN = np.array([[-45, 30, 0], [-15, 30, 0], [15, 30, 0], [45, 30, 0], [0, 0, 0], [-25, -30, 0], [25, -30, 0.0]])
"""Outer eye corners 90 apart, the bridge 30 above the nose base: the ball's radius is 0.7 x 120 = 84."""


@pytest.fixture(scope="module")
def face(open_model):
    """Vertices, triangles and seven points of the mean face."""
    vertices = open_model.shape_mean.double().numpy()
    points = open_model.landmarks["ibug68"].of(open_model.shape_mean).double().numpy()[list(NOW_POINTS)]
    return vertices, open_model.triangles.numpy(), points


def moved(points: np.ndarray) -> np.ndarray:
    """Smaller, turned and elsewhere."""
    return 0.01 * points @ Rotation.from_rotvec([0.3, -1, 2]).as_matrix().T + [5, -3, 2]


@pytest.mark.parametrize(("protocol", "centre"), [(SCAN_PROTOCOL, 0), (NOW_PROTOCOL, 9)])
def test_measured_ball_by_hand(protocol, centre):
    points = np.array([[0, centre + 83.9, 0], [0, centre - 83.9, 0], [0, centre, 84.1], [0, centre, -83.9]])
    assert protocol.measured(points, SEVEN).tolist() == [True, True, False, True]


def test_distances_by_hand():
    """A flat prediction, true points 0 to 3 mm above it, nothing to refine."""
    flat = ShapeProtocol(0.0, lambda start, points, surface: start)
    corners = np.array([[-500, -500, 0], [500, -500, 0], [0, 900, 0.0]])
    points = np.array([[0, 0, 0], [10, 5, 1], [-20, 8, -2], [7, -30, 3], [0, 90, 1.0]])
    distances = flat.distances(points, SEVEN, Surface(corners, np.array([[0, 1, 2]])), SEVEN)
    assert distances == pytest.approx([0, 1, 2, 3])  # the last one lies outside the ball
    # The same prediction in other units: distances stay those of the truth.
    small = Surface(moved(corners), np.array([[0, 1, 2]]))
    assert flat.distances(points, SEVEN, small, moved(SEVEN)) == pytest.approx([0, 1, 2, 3])


@pytest.mark.parametrize("protocol", [SCAN_PROTOCOL, NOW_PROTOCOL])
def test_the_true_face_has_no_error_wherever_it_is_and_however_large(face, protocol):
    vertices, triangles, seven = face
    distances = protocol.distances(vertices, seven, Surface(moved(vertices), triangles), moved(seven))
    assert len(distances) > 1000
    assert distances.max() < 1e-6


@pytest.mark.parametrize("protocol", [SCAN_PROTOCOL, NOW_PROTOCOL])
def test_refinement_forgives_landmarks_that_are_a_little_off(face, protocol):
    vertices, triangles, seven = face
    wrong = seven + np.random.default_rng(0).normal(size=(7, 3)) * 2
    coarse = replace(protocol, refine=lambda start, points, surface: start)
    surface = Surface(vertices, triangles)
    before = coarse.distances(vertices, seven, surface, wrong).mean()
    after = protocol.distances(vertices, seven, surface, wrong).mean()
    assert before > 0.4
    assert after < 0.2 * before


@pytest.mark.parametrize("protocol", [SCAN_PROTOCOL, NOW_PROTOCOL])
def test_a_worse_face_has_a_larger_error(face, open_model, protocol):
    vertices, triangles, seven = face
    basis = open_model.identity_basis[..., 0].double().numpy()
    errors = []
    for amount in (0.5, 1, 4):
        other = vertices + amount * basis
        points = other[open_model.landmarks["ibug68"].vertices.numpy()]
        weights = open_model.landmarks["ibug68"].weights.double().numpy()
        lm7 = (points * weights[..., None]).sum(1)[list(NOW_POINTS)]
        errors.append(protocol.distances(vertices[::4], seven, Surface(other, triangles), lm7).mean())
    assert errors == sorted(errors)
    assert errors[2] > 3 * errors[0] > 0


def bumpy() -> tuple[np.ndarray, Surface]:
    """Points near a bumpy surface, and the surface."""
    side = np.linspace(-50, 50, 21)
    x, y = (grid.ravel() for grid in np.meshgrid(side, side))
    surface = np.stack([x, y, 8 * np.sin(x / 17) * np.cos(y / 23) - (x**2 + y**2) / 200], 1)
    index = np.arange(441).reshape(21, 21)
    a, b, c, d = (part.ravel() for part in (index[:-1, :-1], index[:-1, 1:], index[1:, :-1], index[1:, 1:]))
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([b, d, c], 1)])
    random = np.random.default_rng(0)
    points = surface[np.hypot(x, y) < 35] + random.normal(size=(np.sum(np.hypot(x, y) < 35), 3)) * 0.7
    return points, Surface(surface, triangles)


def test_least_squares_reaches_what_a_general_search_reaches():
    points, surface = bumpy()
    start = Similarity(1.03, Rotation.from_rotvec([0.05, -0.03, 0.04]).as_matrix(), np.array([1.0, -2, 1.5]))

    def cost(x: np.ndarray) -> float:
        turned = Similarity(float(np.exp(x[0])), Rotation.from_rotvec(x[1:4]).as_matrix(), x[4:])
        return float(np.sum((surface.nearest(turned.undo(points)).distance * turned.scale) ** 2))

    found = least_squared_distances(start, points, surface)
    x = np.concatenate([[np.log(found.scale)], Rotation.from_matrix(found.rotation).as_rotvec(), found.offset])
    ours = cost(x)
    gradient = approx_fprime(x, cost, 1e-6)
    assert np.abs(gradient[1:4]).max() < 0.05 * ours  # of some thousands at the start
    general = minimize(cost, x, method="Powell", options={"maxiter": 3})
    assert ours <= general.fun * (1 + 1e-4)
    assert ours < 0.5 * cost(np.array([0.03, 0.05, -0.03, 0.04, 1, -2, 1.5]))


def test_trimming_ignores_what_the_prediction_lacks():
    """A third of the truth lies far from the predicted surface; the rest must decide."""
    points, surface = bumpy()
    far = np.column_stack([np.full((60, 2), 20.0) + np.random.default_rng(1).normal(size=(60, 2)), np.full(60, 80.0)])
    start = Similarity(1.0, np.eye(3), np.array([0.5, 0.5, 0.5]))
    both = trimmed_closest_points(start, np.concatenate([points, far]), surface)
    alone = trimmed_closest_points(start, points, surface)
    errors = [surface.nearest(found.undo(points)).distance.mean() for found in (both, alone)]
    assert errors[0] < 1.2 * errors[1]
