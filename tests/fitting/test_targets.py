"""From detected faces to a batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from focusfit.detection.face import DetectedFace, LandmarkSet
from focusfit.detection.mean_face import MEAN_FACE_68
from focusfit.detection.photo import Photo
from focusfit.fitting.config import FitConfig, LandmarkTerm
from focusfit.fitting.targets import (
    CONTOUR,
    choose_landmarks,
    crop_face,
    make_problem,
    point_sigma,
    points_basis,
    scheme_points,
)


def landmark_set(scheme: str, points: np.ndarray) -> LandmarkSet:
    return LandmarkSet(scheme, points, np.linspace(0.2, 1.0, len(points)))


@pytest.fixture
def face() -> DetectedFace:
    points = MEAN_FACE_68[:, :2] * [1.0, -1.0] + [150.0, 140.0]
    five = np.stack([points[i] for i in (37, 43, 30, 48, 54)])
    return DetectedFace(
        (80, 80, 220, 220), 0.9, {"five": landmark_set("five", five), "ibug68": landmark_set("ibug68", points)}
    )


def test_the_richest_common_scheme_is_chosen(face, open_model):
    assert choose_landmarks(face, open_model).scheme == "ibug68"
    few = replace(face, landmarks={"five": face.landmarks["five"]})
    assert choose_landmarks(few, open_model).scheme == "five"
    other = replace(face, landmarks={"wflw98": face.landmarks["ibug68"]})
    with pytest.raises(ValueError, match=r"no table for any.*wflw98"):
        choose_landmarks(other, open_model)


def test_five_points_are_middles_of_ibugs(open_model):
    five = scheme_points(open_model, "five").of(open_model.shape_mean)
    points = open_model.landmarks["ibug68"].of(open_model.shape_mean)
    expected = torch.stack([points[[36, 39]].mean(0), points[[42, 45]].mean(0), points[30], points[48], points[54]])
    torch.testing.assert_close(five, expected)


def test_contour_points_are_trusted_less(open_model):
    sigma = point_sigma("ibug68", open_model.landmarks["ibug68"], LandmarkTerm(sigma=2.0, contour_sigma=7.0))
    assert set(sigma[list(CONTOUR)].tolist()) == {7.0}
    assert set(sigma[17:].tolist()) == {2.0}


def test_a_schemes_own_deviations_count(open_model):
    points = replace(open_model.landmarks["ibug68"], deviation=torch.arange(68.0))
    assert torch.equal(point_sigma("ibug68", points, LandmarkTerm(deviation_scale=3.0)), 3 * torch.arange(68.0))


def test_landmarks_move_with_the_crop(face, open_model):
    photo = Photo(np.full((300, 320, 3), 90, np.uint8))
    cropped = crop_face(photo, face, open_model, FitConfig())
    back = cropped.crop.to_photo(cropped.landmarks.points)
    assert np.allclose(back, face.landmarks["ibug68"].points)
    assert torch.allclose(cropped.photo[cropped.inside.bool().expand(3, -1, -1)], torch.tensor(90 / 255), atol=1e-3)


def test_beyond_the_border_is_not_inside(face, open_model):
    photo = Photo(np.zeros((300, 150, 3), np.uint8))
    inside = crop_face(photo, face, open_model, FitConfig()).inside
    assert 0.2 < inside.mean() < 0.8


def test_a_problem_stacks_its_faces(face, open_model):
    config = FitConfig()
    photo = Photo(np.zeros((300, 320, 3), np.uint8))
    cropped = crop_face(photo, face, open_model, config)
    problem = make_problem([cropped, cropped], open_model, config)
    assert problem.photo.shape == (2, 3, config.size, config.size)
    assert problem.landmarks.pixels.shape == (2, 68, 2)
    assert torch.allclose(problem.landmarks.weight[1], torch.linspace(0.2, 1.0, 68))


def test_basis_moves_landmarks_as_the_model_does(open_model):
    points = open_model.landmarks["ibug68"]
    random = torch.Generator().manual_seed(0)
    identity = torch.randn(1, open_model.identity_basis.shape[2], generator=random)
    basis = points_basis(points, open_model.identity_basis)
    found = points.of(open_model.shape_mean) + basis @ identity[0]
    assert torch.allclose(found, points.of(open_model.vertices(identity)[0]), atol=1e-3)
