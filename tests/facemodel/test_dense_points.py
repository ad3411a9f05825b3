from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from focusfit.facemodel.dense_points import DENSE_SCHEME, dense_points
from focusfit.facemodel.morphable import MorphableModel


def test_landmarks_come_first_and_the_rest_is_spread(open_model: MorphableModel) -> None:
    points = dense_points(open_model, 200)
    assert len(points) == 200
    shape = points.of(open_model.shape_mean)
    torch.testing.assert_close(shape[:68], open_model.landmarks["anatomical68"].of(open_model.shape_mean))
    apart = torch.cdist(shape[68:], shape)
    apart[torch.arange(132), torch.arange(68, 200)] = torch.inf
    nearest = apart.amin(1)
    assert nearest.min() > 5  # mm
    everywhere = torch.cdist(open_model.shape_mean[~open_model.regions["boundary"]], shape).amin(1)
    assert everywhere.max() < 2 * nearest.min()  # no hole twice as wide as the spacing


def test_hidden_places_have_none(open_model: MorphableModel) -> None:
    vertices = dense_points(open_model, 268).vertices[68:, 0]
    assert not open_model.regions["mouth_interior"][vertices].any()
    assert not open_model.regions["boundary"][vertices].any()


def test_more_points_begin_with_the_fewer(open_model: MorphableModel) -> None:
    few, many = dense_points(open_model, 100), dense_points(open_model, 150)
    assert torch.equal(few.vertices, many.vertices[:100])


def test_too_few(open_model: MorphableModel) -> None:
    with pytest.raises(ValueError, match="68 landmarks"):
        dense_points(open_model, 60)


def test_points_that_the_file_names_outlive_a_change_of_the_mean_face(open_model):
    points = dense_points(open_model, 268)
    stretched = replace(open_model, shape_mean=open_model.shape_mean * torch.tensor([1.0, 1.3, 0.7]))
    assert torch.equal(dense_points(stretched, 268).vertices, points.vertices)
    landmarks = {"ibug68": open_model.landmarks["ibug68"]}
    unnamed = replace(stretched, landmarks=landmarks)
    assert not torch.equal(dense_points(unnamed, 268).vertices, points.vertices)
    more = len(open_model.landmarks[DENSE_SCHEME]) + 69
    assert len(dense_points(open_model, more)) == more
