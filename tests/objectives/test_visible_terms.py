"""Our own terms: the visible face's pixels and landmarks, masks from a teacher or the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from focusfit.facemodel.coefficients import FaceCoefficients
from focusfit.facemodel.morphable import AMBIENT
from focusfit.objectives.landmarks import LandmarkNoise, landmark_visibility_of, visible_landmark
from focusfit.objectives.mask_labels import dice, teacher, teacher_dice, true_mask
from focusfit.objectives.pixels import PixelNoise, visible_pixel
from focusfit.objectives.prior import PriorWeights
from focusfit.objectives.regulariser import prior
from focusfit.objectives.truth import true_expression, true_landmarks_px, true_neutral, true_vertices_mm

NOISE = PixelNoise(sigma=0.06, kernel=4.0, misfit=1.0)


def one_pixel(colour: tuple[float, ...]) -> torch.Tensor:
    return torch.tensor(colour, dtype=torch.float64)[None, :, None, None]


def cauchy(q: float, scale: float) -> float:
    return scale * math.log1p(q / scale)


def test_visible_pixel_against_a_hand_worked_pixel():
    # along the rendered colour (0.6, 0, 0) the photo is 0.2 off, across it 0.1
    photo, rendering = one_pixel((0.8, 0.0, 0.1)), one_pixel((0.6, 0.0, 0.0))
    region, visible = torch.ones(1, 1, 1, 1), torch.full((1, 1, 1, 1), 0.7, dtype=torch.float64)
    misfit = torch.tensor([0.1, 0.05], dtype=torch.float64)[None, :, None, None]
    brightness = 0.7 * 0.6 / 1.0  # the divisor, a sum of posteriors, is 1 at least
    along = 0.2**2 / (0.06**2 + (0.1 * brightness) ** 2)
    hue = 0.1**2 / (0.06**2 + (0.05 * brightness) ** 2)
    expected = 0.7 * 0.5 * cauchy((along + hue) / 3, 4.0)
    assert visible_pixel(photo, rendering, region, visible, misfit, NOISE).item() == pytest.approx(expected)


def test_visible_pixel_without_misfit_is_isotropic():
    generator = torch.Generator().manual_seed(0)
    photo, rendering = torch.rand(2, 1, 3, 4, 4, generator=generator, dtype=torch.float64).unbind(0)
    ones = torch.ones(1, 1, 4, 4, dtype=torch.float64)
    squared = (photo - rendering).square().sum(1).numpy() / 0.06**2 / 3
    found = visible_pixel(photo, rendering, ones, ones, torch.zeros(1, 2, 4, 4), NOISE).item()
    assert found == pytest.approx(float(np.mean(2 * np.log1p(squared / 4))))


def test_where_the_model_is_known_to_miss_pixels_pull_less():
    photo, rendering = torch.full((1, 3, 4, 4), 0.5), torch.full((1, 3, 4, 4), 0.4, requires_grad=True)
    ones, misfit = torch.ones(1, 1, 4, 4), torch.zeros(1, 2, 4, 4)
    misfit[..., :2] = 0.2
    visible_pixel(photo, rendering, ones, ones, misfit, NOISE).sum().backward()
    pull = rendering.grad.norm(dim=1)
    assert (pull[..., :2] < 0.5 * pull[..., 2:]).all()


def test_hidden_pixels_pull_on_nothing_and_leave_the_rest_as_it_was():
    photo, rendering = torch.rand(1, 3, 4, 4), torch.rand(1, 3, 4, 4).requires_grad_()
    ones, misfit = torch.ones(1, 1, 4, 4), torch.zeros(1, 2, 4, 4)
    visible = ones.clone()
    visible[..., 2:] = 0
    gradients = [
        torch.autograd.grad(visible_pixel(photo, rendering, ones, q, misfit, NOISE).sum(), rendering)[0]
        for q in (ones, visible)
    ]
    assert (gradients[1][..., 2:] == 0).all()
    assert torch.allclose(gradients[0][..., :2], gradients[1][..., :2])


def test_visible_landmark_against_hand_worked_points():
    noise = LandmarkNoise(sigma=1.5, contour_sigma=4.0, kernel=9.0, hidden_trust=0.2)
    at, there = torch.zeros(1, 68, 2, dtype=torch.float64), torch.zeros(1, 68, 2, dtype=torch.float64)
    there[0, 0] = torch.tensor([6.0, 8.0])  # on the jaw line, seen
    there[0, 33] = torch.tensor([0.0, 3.0])  # inside, hidden
    seen = torch.ones(1, 68, dtype=torch.float64)
    seen[0, 33] = 0.0
    expected = (0.5 * cauchy(100 / 16, 9) + 0.2 * 0.5 * cauchy(9 / 2.25, 9)) / 68
    assert visible_landmark(at, there, seen, 224, noise).item() == pytest.approx(expected)
    assert visible_landmark(at / 2, there / 2, seen, 112, noise).item() == pytest.approx(expected)


def test_landmark_visibility_is_the_posterior_around_it_and_one_off_the_face():
    region, visible = torch.zeros(1, 1, 40, 40), torch.zeros(1, 1, 40, 40)
    region[..., :30] = 1
    visible[..., :15] = 1
    points = torch.tensor([[[5.0, 20.0], [24.0, 20.0], [37.0, 20.0]]])
    assert landmark_visibility_of(points, region, visible)[0].tolist() == pytest.approx([1.0, 0.05 / 1.05, 1.0])


def test_a_landmark_is_as_visible_as_the_five_by_five_pixels_around_it():
    region = torch.ones(1, 1, 12, 12)
    visible = region.clone()
    visible[..., 6:] = 0
    points = torch.tensor([[[3.0, 5.0], [4.0, 5.0], [4.5, 5.0], [0.0, 5.0]]])  # the last one's window is cut by the rim
    shares = [1.0, (0.8 + 0.05) / 1.05, (0.7 + 0.05) / 1.05, 1.0]
    assert landmark_visibility_of(points, region, visible)[0].tolist() == pytest.approx(shares, abs=1e-5)


def test_the_teachers_gradient_is_belief_less_posterior():
    logits = torch.tensor([[[[2.0, -1.0, 0.5]]]], requires_grad=True)
    region = torch.tensor([[[[1.0, 1.0, 0.0]]]])
    posterior = torch.tensor([[[[0.3, 0.9, 0.5]]]], requires_grad=True)
    teacher(logits, region, posterior).backward()
    sigmoid = torch.sigmoid(logits.detach())
    assert torch.allclose(logits.grad, region * (sigmoid - posterior.detach()) / 2)
    assert posterior.grad is None


def test_the_teacher_is_the_entropy_where_both_agree():
    q = torch.tensor([0.1, 0.5, 0.8], dtype=torch.float64).view(1, 1, 1, 3)
    entropy = -(q * q.log() + (1 - q) * (1 - q).log()).mean()
    assert teacher(torch.logit(q), torch.ones_like(q), q).item() == pytest.approx(entropy.item())


def test_true_mask_counts_only_where_the_truth_is_known():
    logits, region = torch.zeros(2, 1, 2, 2), torch.ones(2, 1, 2, 2)
    found = true_mask(logits, region, torch.ones(2, 1, 2, 2), torch.tensor([True, False]))
    assert found.tolist() == pytest.approx([math.log(2), 0.0])
    assert dice(logits, region, torch.ones(2, 1, 2, 2), torch.tensor([True, False]))[1].item() == 0.0


def test_dice_measures_the_overlap_of_what_is_hidden():
    region = torch.ones(1, 1, 2, 2)
    region[0, 0, 1, 1] = 0
    true_visible = torch.tensor([[[[0.0, 1.0], [0.0, 0.0]]]])  # two hidden pixels in the region, one outside
    known = torch.tensor([True])
    halves = dice(torch.zeros(1, 1, 2, 2), region, true_visible, known).item()
    assert halves == pytest.approx(1 - (2 * (0.5 + 0.5) + 1) / (3 * 0.25 + 2 + 1))
    right = 60 * (true_visible - 0.5)
    assert dice(right, region, true_visible, known).item() == pytest.approx(0.0, abs=1e-6)
    assert dice(-right, region, true_visible, known).item() == pytest.approx(1 - 1 / (1 + 2 + 1))
    posterior = 0.3 + 0.5 * true_visible  # decides as the truth does
    assert teacher_dice(torch.zeros(1, 1, 2, 2), region, posterior).item() == pytest.approx(halves)


def test_a_soft_truth_is_its_own_best_answer():
    true_visible = torch.tensor([0.3, 0.9, 0.6]).view(1, 1, 1, 3)
    logits = torch.logit(true_visible).requires_grad_()
    loss = dice(logits, torch.ones(1, 1, 1, 3), true_visible, torch.tensor([True]))
    loss.backward()
    assert loss.item() == pytest.approx(0.0, abs=1e-6)
    assert logits.grad.abs().max() < 1e-6


def test_prior_is_zero_at_the_mean_face_in_white_light():
    zeros = torch.zeros
    light = zeros(1, 3, 9)
    light[..., 0] = AMBIENT
    mean = FaceCoefficients(zeros(1, 4), zeros(1, 3), zeros(1, 2), torch.ones(1, 3), torch.ones(1, 3), light)
    weights = PriorWeights()
    assert prior(mean, weights).item() == 0.0
    assert prior(mean.replace(identity=torch.ones(1, 4)), weights).item() == pytest.approx(0.5 * weights.identity * 4)
    # half as much light costs its grey level; the same change of one colour costs a cast
    dim, tinted = 0.5 * light, light.clone()
    tinted[:, 0, 0] *= 0.5
    assert prior(mean.replace(light=dim), weights).item() == pytest.approx(0.5 * 0.25 * 3 * weights.light_ambient)
    grey, cast = weights.light_ambient / 3, weights.chroma_ambient * 2 / 3
    assert prior(mean.replace(light=tinted), weights).item() == pytest.approx(0.5 * 0.25 * (grey + cast), rel=1e-5)


def test_errors_against_the_truth():
    ones, zeros = torch.ones, torch.zeros
    faces = FaceCoefficients(ones(2, 4), ones(2, 3), ones(2, 2), zeros(2, 3), zeros(2, 3), zeros(2, 3, 9))
    true = faces.replace(expression=torch.tensor([[1.0, 3.0, 1.0], [9.0, 9.0, 9.0]]))
    known = torch.tensor([True, False])
    assert true_expression(faces, true, known).tolist() == pytest.approx([4 / 3, 0.0])
    moved = torch.tensor([3.0, 4.0, 0.0]) + zeros(2, 5, 3)
    assert true_vertices_mm(zeros(2, 5, 3), moved, known).tolist() == pytest.approx([5.0, 0.0])
    # where a neutral face stands does not matter, its shape does
    assert true_neutral(zeros(2, 5, 3), moved, known).tolist() == pytest.approx([0.0, 0.0], abs=1e-6)
    assert true_neutral(moved, zeros(2, 5, 3), known).tolist() == pytest.approx([0.0, 0.0], abs=1e-6)
    assert true_neutral(moved * torch.arange(5)[:, None], zeros(2, 5, 3), known).tolist() == pytest.approx([6.0, 0.0])
    assert true_landmarks_px(zeros(2, 68, 2), moved[:, :1, :2].expand(2, 68, 2), known, 112).tolist() == [10.0, 0.0]
