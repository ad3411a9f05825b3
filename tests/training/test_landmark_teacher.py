"""The teacher's fit of landmarks against the faces that they were projected from."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from focusfit.imaging.camera import Camera
from focusfit.training.stages import landmark_teacher
from focusfit.training.stages.landmark_teacher import fit_of_landmarks

SIZE = 112


@pytest.fixture(scope="module")
def faces(open_model):
    torch.manual_seed(0)
    c = open_model.neutral_coefficients(6)
    c = c.replace(identity=torch.randn_like(c.identity), rotation=0.25 * torch.randn(6, 3))
    points = open_model.landmarks["ibug68"].of(open_model.vertices(c.identity, c.expression))
    landmarks = Camera.for_crop(SIZE, 6).project_coefficients(points, c)
    photo, inside = torch.zeros(6, 3, SIZE, SIZE), torch.ones(6, 1, SIZE, SIZE)
    view = SimpleNamespace(landmarks=landmarks, photo=photo, inside=inside)
    return c, fit_of_landmarks(open_model, view), view


def test_the_fit_explains_the_landmarks(open_model, faces):
    _, fit, view = faces
    points = open_model.landmarks["ibug68"].of(open_model.vertices(fit.identity, fit.expression))
    found = Camera.for_crop(SIZE, 6).project_coefficients(points, fit)
    assert (found - view.landmarks)[:, 17:].norm(dim=-1).mean() < 0.01 * SIZE


def test_the_fit_is_nearer_to_the_face_than_the_mean(open_model, faces):
    true, fit, _ = faces
    error = (open_model.vertices(fit.identity) - open_model.vertices(true.identity)).norm(dim=-1).mean(1)
    mean = (open_model.shape_mean - open_model.vertices(true.identity)).norm(dim=-1).mean(1)
    assert (error < mean).all()
    assert error.mean() < 0.9 * mean.mean()
    assert (fit.rotation - true.rotation).norm(dim=1).mean() < 0.1


def test_more_steps_change_next_to_nothing(open_model, faces, monkeypatch):
    _, fit, view = faces
    monkeypatch.setattr(landmark_teacher, "CONFIG", replace(landmark_teacher.CONFIG, landmark_steps=12))
    longer = fit_of_landmarks(open_model, view)
    assert (fit.identity - longer.identity).square().mean() < 0.02**2
    assert (fit.expression - longer.expression).square().mean() < 0.02**2
