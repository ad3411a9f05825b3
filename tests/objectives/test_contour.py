"""The visible jaw line of the open model."""

from __future__ import annotations

import pytest
import torch

from focusfit.imaging.camera import Camera
from focusfit.imaging.renderer import render_coefficients
from focusfit.objectives.contour import CHIN, ContourLines, visible_landmarks

IMAGE_LEFT, IMAGE_RIGHT = list(range(7)), list(range(10, 17))


@pytest.fixture(scope="module")
def lines(open_model) -> ContourLines:
    return ContourLines.of(open_model)


def turned(model, yaw_degrees: float, roll_degrees: float = 0.0):
    angle = torch.tensor([[0.0, yaw_degrees, roll_degrees]]) * torch.pi / 180
    coefficients = model.neutral_coefficients().replace(rotation=angle)
    vertices = model.vertices(coefficients.identity, coefficients.expression)
    camera = Camera.for_crop(224)
    fixed = camera.project_coefficients(model.landmarks["ibug68"].of(vertices), coefficients)
    return coefficients, vertices, camera, fixed


def test_lines_run_inwards_from_their_points(open_model, lines):
    assert lines.usable[[0, 3, 5, 11, 16]].sum(1).min() >= 3
    assert not lines.usable[list(CHIN)].any()
    place = lines.points.of(open_model.shape_mean)
    outwards = lines.side[:, None] * open_model.shape_mean[lines.candidates][..., 0]
    assert (outwards < (lines.side * place[:, 0])[:, None])[lines.usable].all()
    assert (outwards > 0)[lines.usable].all()


def test_from_the_front_it_is_the_fixed_one(open_model, lines):
    coefficients, vertices, camera, fixed = turned(open_model, 0.0)
    assert torch.equal(visible_landmarks(fixed, lines, vertices, coefficients, camera), fixed)


@pytest.mark.parametrize(("yaw", "far", "near"), [(40.0, IMAGE_RIGHT, IMAGE_LEFT), (-40.0, IMAGE_LEFT, IMAGE_RIGHT)])
def test_on_a_turned_head_the_far_side_moves_to_the_silhouette(open_model, lines, yaw, far, near):
    coefficients, vertices, camera, fixed = turned(open_model, yaw)
    seen = visible_landmarks(fixed, lines, vertices, coefficients, camera)
    assert torch.equal(seen[:, 17:], fixed[:, 17:])
    assert torch.allclose(seen[:, near], fixed[:, near])
    assert (seen[:, far] - fixed[:, far]).norm(dim=-1).max() > 8
    # the picture's own silhouette, row by row: outermost pixel of the region on the far side
    region = render_coefficients(open_model, coefficients, camera).region[0, 0]
    for point, moved in zip(fixed[0, far[1:-1]], seen[0, far[1:-1]], strict=True):
        columns = region[moved[1].round().long()].nonzero()[:, 0]
        edge = columns.max() if yaw > 0 else columns.min()
        assert (moved[0] - edge).abs() <= (point[0] - edge).abs() + 1.0
        assert (moved[0] - edge).abs() < 6


def test_a_rolled_head_has_the_rolled_contour(open_model, lines):
    upright = turned(open_model, 0.0)
    coefficients, vertices, camera, fixed = turned(open_model, 0.0, roll_degrees=70.0)
    assert torch.equal(visible_landmarks(fixed, lines, vertices, coefficients, camera), fixed)
    assert not torch.allclose(fixed, upright[3], atol=20)


def test_gradients_reach_pose_and_shape(open_model, lines):
    coefficients, _, camera, _ = turned(open_model, 35.0)
    identity = coefficients.identity.clone().requires_grad_()
    rotation = coefficients.rotation.clone().requires_grad_()
    posed = coefficients.replace(identity=identity, rotation=rotation)
    lines.project(open_model.vertices(identity), posed, camera).sum().backward()
    assert identity.grad.abs().max() > 0
    assert rotation.grad.abs().max() > 0


def test_a_batch_is_its_faces(open_model, lines):
    one, other = turned(open_model, 30.0), turned(open_model, -50.0)
    together = lines.project(
        torch.cat([one[1], other[1]]), type(one[0]).cat([one[0], other[0]]), Camera.for_crop(224, 2)
    )
    alone = torch.cat([lines.project(v, c, camera) for c, v, camera, _ in (one, other)])
    assert torch.allclose(together, alone, atol=1e-4)
