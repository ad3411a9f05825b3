"""EM on renderings of the model itself, where everything is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from focusfit.facemodel.coefficients import FaceCoefficients
from focusfit.fitting.config import FitConfig
from focusfit.fitting.em import fit_batch
from focusfit.fitting.expectation import expectation
from focusfit.fitting.fit_state import FitState
from focusfit.fitting.photo_samples import BlurredPhoto, sample_image
from focusfit.fitting.problem import FitProblem
from focusfit.fitting.surface import FittingSurface
from focusfit.imaging.rotation import rotation_matrix
from tests.fitting.rendered_faces import RenderedFaces, render_faces

FACES = 3


def trust_everything(problem: FitProblem, surface: FittingSurface, state: FitState, config: FitConfig) -> FitState:
    """No EM: the whole region counts as face."""
    found = expectation(problem, surface, state, config)
    return replace(found, visible=found.rendering.region.float() * problem.inside)


@pytest.fixture(scope="module")
def covered(open_model) -> RenderedFaces:
    return render_faces(open_model, FACES, FitConfig(), covered=True)


@pytest.fixture(scope="module")
def fitted(covered, surface) -> FitState:
    with torch.no_grad():
        return fit_batch(covered.problem, surface, FitConfig())


@pytest.fixture(scope="module")
def without_em(covered, surface) -> FitState:
    with torch.no_grad():
        return fit_batch(covered.problem, surface, FitConfig(), expect=trust_everything)


def overlap(state: FitState, faces: RenderedFaces) -> Tensor:
    mask = state.visible > 0.5
    return (mask & faces.visible).sum((1, 2, 3)) / (mask | faces.visible).sum((1, 2, 3))


def shape_error(surface: FittingSurface, c: FaceCoefficients, truth: FaceCoefficients) -> Tensor:
    """``(B,)`` mm of neutral vertices, in the model frame."""
    model = surface.model
    return (model.vertices(c.identity) - model.vertices(truth.identity)).norm(dim=-1).mean(1)


def colour_error(state: FitState, faces: RenderedFaces) -> float:
    """Of the rendering at visible pixels."""
    off = (state.rendering.image - faces.problem.photo).abs().mean(1, keepdim=True)
    return (off * faces.visible).sum().item() / faces.visible.sum().item()


def test_mask_is_the_visible_face(fitted, covered):
    assert overlap(fitted, covered).min() > 0.9


def test_mask_is_zero_outside_the_region(fitted):
    assert fitted.visible[~fitted.rendering.region.bool()].max() == 0
    assert 0 <= fitted.visible.min() <= fitted.visible.max() <= 1


def test_pose_is_recovered(fitted, covered):
    turn = rotation_matrix(fitted.coefficients.rotation) @ rotation_matrix(covered.truth.rotation).transpose(1, 2)
    angle = turn.diagonal(dim1=1, dim2=2).sum(1).sub(1).div(2).clamp(-1, 1).acos()
    assert torch.rad2deg(angle).max() < 5
    sideways = fitted.coefficients.translation[:, :2] - covered.truth.translation[:, :2]
    assert sideways.norm(dim=1).max() < 6


def test_shape_is_no_worse_than_the_mean_face(fitted, covered, surface, open_model):
    mean_face = shape_error(surface, open_model.neutral_coefficients(FACES), covered.truth).mean()
    assert shape_error(surface, fitted.coefficients, covered.truth).mean() < mean_face


def test_mask_is_better_with_em_than_without(fitted, without_em, covered):
    # Of the mask alone: shape and colours of these renderings are not fitted better with EM than without.
    assert overlap(fitted, covered).mean() > overlap(without_em, covered).mean() + 0.1
    assert colour_error(fitted, covered) < 0.06


def test_bare_faces_stay_bare(open_model, surface):
    bare = render_faces(open_model, 1, FitConfig(), covered=False)
    with torch.no_grad():
        assert overlap(fit_batch(bare.problem, surface, FitConfig()), bare).min() > 0.9


def test_sampling_a_ramp_gives_positions_and_derivatives():
    x, y = torch.arange(32.0), torch.arange(24.0)
    ramp = (0.01 * x[None, :] + 0.02 * y[:, None]).expand(1, 3, 24, 32)
    pixels = torch.tensor([[[3.25, 7.5], [20.0, 11.75]]])
    found = sample_image(BlurredPhoto.of(ramp, 0.0).channels, pixels)
    assert torch.allclose(found[..., 0], pixels @ torch.tensor([0.01, 0.02]), atol=1e-5)
    assert torch.allclose(found[..., 3:6], torch.tensor(0.01), atol=1e-5)
    assert torch.allclose(found[..., 6:], torch.tensor(0.02), atol=1e-5)
