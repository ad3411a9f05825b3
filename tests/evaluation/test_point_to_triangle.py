from __future__ import annotations

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from focusfit.evaluation.point_to_triangle import Surface

TRIANGLE = Surface(np.array([[0, 0, 0], [4, 0, 0], [0, 3, 0]]), np.array([[0, 1, 2]]))


@pytest.mark.parametrize(
    ("point", "distance", "nearest"),
    [
        ((1, 1, 5), 5, (1, 1, 0)),  # above the face
        ((2, -3, 4), 5, (2, 0, 0)),  # off an edge
        ((-3, -4, 0), 5, (0, 0, 0)),  # off a corner
        ((4, 3, 0), 2.4, (2.56, 1.08, 0)),  # off the long edge, in the plane
        ((1, 1, 0), 0, (1, 1, 0)),
    ],
)
def test_one_triangle_by_hand(point, distance, nearest):
    found = TRIANGLE.nearest(np.array([point]))
    assert found.distance[0] == pytest.approx(distance)
    assert found.point[0] == pytest.approx(nearest)
    assert found.triangle[0] == 0


def soup(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Triangles of very different sizes anywhere: no bound on centres or sizes holds."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(count, 1, 3)) * 100
    corners = centres + random.normal(size=(count, 3, 3)) * 10.0 ** random.uniform(-2, 2.5, size=(count, 1, 1))
    return corners.reshape(-1, 3), np.arange(3 * count).reshape(-1, 3)


@pytest.mark.parametrize("count", [1, 3, 7, 8, 9, 500])
def test_agrees_with_trimesh_on_triangles_of_all_sizes(count):
    vertices, triangles = soup(count, count)
    points = np.random.default_rng(1).normal(size=(300, 3)) * 120
    found = Surface(vertices, triangles).nearest(points)
    mesh = trimesh.Trimesh(vertices, triangles, process=False)
    _, distance, _ = trimesh.proximity.closest_point(mesh, points)
    assert np.abs(found.distance - distance).max() < 1e-9
    corners = vertices[triangles[found.triangle]]
    on_it = trimesh.triangles.closest_point(corners, points)
    assert np.abs(on_it - found.point).max() < 1e-9


def test_agrees_with_trimesh_on_a_face(open_model):
    vertices, triangles = open_model.shape_mean.numpy(), open_model.triangles.numpy()
    points = vertices[::40] + np.random.default_rng(0).normal(size=vertices[::40].shape) * 3
    found = Surface(vertices, triangles).nearest(points)
    mesh = trimesh.Trimesh(vertices, triangles, process=False)
    assert np.abs(found.distance - trimesh.proximity.closest_point(mesh, points)[1]).max() < 1e-6


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 60))
def test_no_triangle_is_nearer_than_the_answer(seed, count):
    vertices, triangles = soup(seed, count)
    points = np.random.default_rng(seed).normal(size=(20, 3)) * 100
    found = Surface(vertices, triangles).nearest(points)
    tiled = np.repeat(vertices[triangles], len(points), axis=0)
    everywhere = trimesh.triangles.closest_point(tiled, np.tile(points, (count, 1))).reshape(count, len(points), 3)
    best = np.linalg.norm(everywhere - points, axis=2).min(0)
    assert found.distance == pytest.approx(best, abs=1e-9)


def test_degenerate_triangles_are_segments_and_points():
    vertices = np.array([[0.0, 0, 0], [2, 0, 0], [4, 0, 0], [9, 9, 9]])
    surface = Surface(vertices, np.array([[0, 1, 2], [3, 3, 3], [0, 0, 2]]))
    found = surface.nearest(np.array([[3, 4, 0], [9, 9, 10], [-3, 0, 4]]))
    assert found.distance == pytest.approx([4, 1, 5])


def test_corners_on_a_line_up_to_rounding_are_segments():
    random = np.random.default_rng(7)
    for _ in range(200):
        start, along = random.normal(size=(2, 3)) * 50
        corners = start + random.random((3, 1)) * along
        points = random.normal(size=(10, 3)) * 60
        ends = corners[np.argsort(corners @ along)[[0, 2]]]
        share = np.clip((points - ends[0]) @ (ends[1] - ends[0]) / np.sum((ends[1] - ends[0]) ** 2), 0, 1)
        expected = np.linalg.norm(ends[0] + share[:, None] * (ends[1] - ends[0]) - points, axis=1)
        assert Surface(corners, np.array([[0, 1, 2]])).nearest(points).distance == pytest.approx(expected, abs=1e-6)


def test_many_equal_triangles_do_not_break_the_tree():
    vertices = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    assert Surface(vertices, np.tile([[0, 1, 2]], (1000, 1))).nearest(np.array([[0, 0, 2.0]])).distance[0] == 2


def test_moving_everything_changes_nothing():
    vertices, triangles = soup(5, 50)
    points = np.random.default_rng(5).normal(size=(40, 3)) * 100
    turn = np.linalg.qr(np.random.default_rng(6).normal(size=(3, 3)))[0]
    one = Surface(vertices, triangles).nearest(points).distance
    other = Surface(vertices @ turn.T * 2 + 7, triangles).nearest(points @ turn.T * 2 + 7).distance
    assert other == pytest.approx(2 * one)


def test_refuses_what_is_no_surface():
    with pytest.raises(ValueError, match="triangle"):
        Surface(np.zeros((3, 3)), np.zeros((0, 3), np.int64))
    with pytest.raises(ValueError, match="finite"):
        Surface(np.full((3, 3), np.nan), np.array([[0, 1, 2]]))


def test_no_points_give_no_answers():
    assert TRIANGLE.nearest(np.zeros((0, 3))).distance.shape == (0,)
