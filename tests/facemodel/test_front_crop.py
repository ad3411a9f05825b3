"""What a camera in front of the face can see."""

from __future__ import annotations

import numpy as np
import pytest

from focusfit.facemodel.front_crop import MeshPart, front_crop, outward


@pytest.fixture
def ball():
    """A ball of 90 mm radius with a smaller one inside it, both closed and turned outward."""
    rows, columns = 40, 60
    elevation, azimuth = np.meshgrid(
        np.linspace(-1.5, 1.5, rows), np.linspace(-np.pi, np.pi, columns, endpoint=False), indexing="ij"
    )
    unit = np.stack([np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)], -1)
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns), indexing="ij")
    a, b = i * columns + j, i * columns + (j + 1) % columns
    quads = np.stack([a, b, b + columns, a + columns], axis=-1).reshape(-1, 4)
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    outer = unit.reshape(-1, 3) * 90
    points = np.concatenate([outer, outer * 0.6])
    landmarks = np.full(68, np.argmax(outer[:, 2]))
    return points, np.concatenate([triangles, triangles + len(outer)]), landmarks


def test_only_the_front_of_the_outer_surface_is_kept(ball):
    points, triangles, landmarks = ball
    part = front_crop(points, triangles, landmarks)
    kept = points[part.vertices]
    assert np.linalg.norm(kept, axis=1).min() > 80
    assert kept[:, 2].min() > -5
    assert kept[:, 1].min() > -95
    assert len(part.triangles) > 0.3 * len(triangles) / 2


def test_triangles_around_landmarks_stay_in_any_case(ball):
    points, triangles, landmarks = ball
    hidden = np.argmax(points[len(points) // 2 :, 2]) + len(points) // 2
    landmarks[5] = hidden
    part = front_crop(points, triangles, landmarks)
    assert hidden in part.vertices


def test_outward_flips_only_what_faces_inward(ball):
    points, triangles, _ = ball
    assert (outward(points, triangles) == triangles).all()
    assert (outward(points, triangles[:, ::-1]) == triangles[:, ::-1][:, [0, 2, 1]]).all()


def test_part_renumbers_its_vertices():
    part = MeshPart.of(np.array([[7, 3, 9], [9, 3, 11]]))
    assert part.vertices.tolist() == [3, 7, 9, 11]
    assert part.triangles.tolist() == [[1, 0, 2], [2, 0, 3]]
