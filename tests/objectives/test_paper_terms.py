"""The terms of the paper against numbers worked out here, in plain loops of Python and numpy."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from focusfit.facemodel.coefficients import FaceCoefficients
from focusfit.objectives.landmarks import landmark
from focusfit.objectives.likelihood import RobustLikelihood, colour_log_density, explained, likelihood
from focusfit.objectives.mask_area import area, binary
from focusfit.objectives.mask_labels import labels
from focusfit.objectives.neighbours import neighbour
from focusfit.objectives.pixels import masked_pixel
from focusfit.objectives.recognition import distance, identity, preserve
from focusfit.objectives.regulariser import regulariser

PAPER = RobustLikelihood(sigma=0.043, cut=3.0)


def picture(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def pixel_with_residual(length: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Photo and rendering of one pixel, ``length`` apart in RGB."""
    photo = torch.full((1, 3, 1, 1), 0.5, dtype=torch.float64)
    direction = torch.tensor([2.0, -1.0, 2.0], dtype=torch.float64) / 3
    return photo, photo - length * direction[None, :, None, None]


def test_log_density_of_a_perfect_pixel_and_at_the_cut():
    assert colour_log_density(*pixel_with_residual(0.0), 0.043).item() == pytest.approx(6.683, abs=5e-4)
    assert colour_log_density(*pixel_with_residual(0.129), 0.043).item() == pytest.approx(2.183, abs=5e-4)


@pytest.mark.parametrize(("length", "kept"), [(0.0, 1.0), (0.1289, 1.0), (0.1291, 0.0), (0.5, 0.0)])
def test_a_pixel_is_kept_less_than_three_sigma_away(length, kept):
    assert PAPER.threshold == pytest.approx(0.129)
    photo, rendering = pixel_with_residual(length)
    assert explained(photo, rendering, torch.ones(1, 1, 1, 1), PAPER).item() == kept
    assert explained(photo, rendering, torch.zeros(1, 1, 1, 1), PAPER).item() == 0.0


def test_likelihood_is_minus_the_mean_over_all_pixels():
    # of 4 pixels: perfect, 0.1 away, too far away, and perfect outside the region
    photo = torch.full((1, 3, 2, 2), 0.5, dtype=torch.float64)
    rendering = photo.clone()
    rendering[0, 0, 0, 1] -= 0.1
    rendering[0, 0, 1, 0] -= 0.2
    region = torch.tensor([[[[1.0, 1.0], [1.0, 0.0]]]])
    best = -1.5 * math.log(2 * math.pi) - 3 * math.log(0.043)
    second = best - 0.1**2 / (2 * 0.043**2)
    assert likelihood(photo, rendering, region, PAPER).item() == pytest.approx(-(best + second) / 4)


def test_a_perfect_full_picture_scores_the_constant():
    photo = picture(1, 3, 4, 4)
    assert likelihood(photo, photo, torch.ones(1, 1, 4, 4), PAPER).item() == pytest.approx(-6.683, abs=5e-4)


def test_no_gradient_pulls_on_pixels_beyond_the_cut():
    photo, rendering = picture(1, 3, 6, 6), picture(1, 3, 6, 6, seed=1).requires_grad_()
    region = torch.ones(1, 1, 6, 6)
    likelihood(photo, rendering, region, PAPER).sum().backward()
    far = (photo - rendering).norm(dim=1, keepdim=True) > 0.129
    assert far.any()
    assert (rendering.grad * far == 0).all()


def test_masked_pixel_is_one_ratio_for_the_batch():
    photo, rendering, mask = picture(2, 3, 3, 4), picture(2, 3, 3, 4, seed=1), picture(2, 1, 3, 4, seed=2)
    region = torch.ones(2, 1, 3, 4)
    region[0, :, :2] = 0  # so that the ratio of sums is not the mean of two ratios
    i, j = photo.double().numpy(), rendering.double().numpy()
    m = (region * mask).double().numpy()
    above, below = 0.0, 0.0
    for b, y, x in itertools.product(range(2), range(3), range(4)):
        above += np.linalg.norm(m[b, 0, y, x] * (i[b, :, y, x] - j[b, :, y, x]))
        below += m[b, 0, y, x]
    assert masked_pixel(photo, rendering, region, mask).mean().item() == pytest.approx(above / max(1, below), rel=1e-5)


def test_masked_pixel_divides_by_one_at_least():
    photo, rendering = torch.zeros(1, 3, 2, 2), torch.zeros(1, 3, 2, 2)
    rendering[0, :, 0, 0] = torch.tensor([0.3, 0.0, 0.4])
    mask = torch.full((1, 1, 2, 2), 0.1)
    assert masked_pixel(photo, rendering, torch.ones(1, 1, 2, 2), mask).item() == pytest.approx(0.1 * 0.5)


def test_neighbour_against_a_plain_search():
    photo, rendering, mask = picture(2, 3, 8, 7), picture(2, 3, 8, 7, seed=1), picture(2, 1, 8, 7, seed=2)
    region = torch.ones(2, 1, 8, 7)
    region[:, :, :, 0] = 0
    m = (region * mask).double().numpy()
    shown, seen = photo.double().numpy() * m, rendering.double().numpy() * m
    found = neighbour(photo, rendering, region, mask)
    for b in range(2):
        total = 0.0
        for y, x in itertools.product(range(2, 6), range(2, 5)):
            offsets = itertools.product(range(-2, 3), repeat=2)
            total += min(np.linalg.norm(seen[b, :, y, x] - shown[b, :, y + dy, x + dx]) for dy, dx in offsets)
        assert found[b].item() == pytest.approx(total / (4 * 3), rel=1e-5)


def test_neighbour_forgives_two_pixels_and_not_three():
    photo = picture(1, 3, 16, 16)
    ones = torch.ones(1, 1, 16, 16)
    inner = torch.zeros_like(ones)
    inner[..., 5:-5, 5:-5] = 1
    moved = [torch.roll(photo, shift, dims=3) for shift in (2, 3)]
    # compared where the shifted picture has not wrapped around
    forgiven, not_forgiven = (neighbour(photo, image * inner + photo * (1 - inner), ones, ones) for image in moved)
    assert forgiven.item() == pytest.approx(0.0, abs=1e-6)
    assert not_forgiven.item() > 0.01


def test_neighbour_needs_little_memory():
    photo = picture(2, 3, 64, 64).requires_grad_()
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        neighbour(photo, picture(2, 3, 64, 64, seed=1), torch.ones(2, 1, 64, 64), picture(2, 1, 64, 64, seed=2))
    storages = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in kept}
    assert sum(storages.values()) < 12 * photo.numel() * 4  # a graph through all 25 offsets keeps 25 and more


def test_identity_is_one_minus_the_cosine():
    first, second = torch.tensor([[3.0, 4.0], [1.0, 0.0]]), torch.tensor([[4.0, 3.0], [-2.0, 0.0]])
    assert identity(first, second).tolist() == pytest.approx([1 - 24 / 25, 2.0])


def test_distance_and_preserve_are_means_over_places_of_cosines_over_channels():
    first, second = picture(2, 5, 3, 4) - 0.5, picture(2, 5, 3, 4, seed=1) - 0.5
    a, b = first.double().numpy(), second.double().numpy()
    expected = []
    for n in range(2):
        places = itertools.product(range(3), range(4))
        cosines = [
            a[n, :, y, x] @ b[n, :, y, x] / np.linalg.norm(a[n, :, y, x]) / np.linalg.norm(b[n, :, y, x])
            for y, x in places
        ]
        expected.append(np.mean(1 - np.array(cosines)))
    assert distance(first, second).tolist() == pytest.approx(expected, rel=1e-5)
    assert preserve(first, second).tolist() == pytest.approx(expected, rel=1e-5)


def test_area_is_the_share_given_away_inside_the_region():
    region = torch.tensor([[[[1.0, 1.0, 1.0, 1.0, 0.0]]]])
    mask = torch.tensor([[[[1.0, 0.5, 0.0, 0.75, 0.0]]]])
    assert area(region, mask).item() == pytest.approx((0 + 0.5 + 1 + 0.25) / 4)


def test_binary_counts_pixels_outside_the_region_as_decided():
    region = torch.tensor([[[[1.0, 1.0, 1.0, 0.0]]]])
    mask = torch.tensor([[[[1.0, 0.5, 0.2, 0.5]]]])
    assert binary(region, mask).item() == pytest.approx(0.5 - (0.5 + 0.0 + 0.3 + 0.5) / 4)


def test_landmarks_weigh_twenty_inside_the_square():
    at, there = torch.zeros(1, 68, 2), torch.zeros(1, 68, 2)
    there[0, 10] = torch.tensor([3.0, 4.0])
    assert landmark(at, there, 224).item() == pytest.approx(25 / 136)
    there[0, 28] = torch.tensor([0.0, 1.0])
    assert landmark(at, there, 224).item() == pytest.approx((25 + 400) / 136)


def test_which_landmarks_weigh_more():
    found = []
    for index in range(68):
        there = torch.zeros(1, 68, 2)
        there[0, index, 0] = 1.0
        found.append(landmark(torch.zeros(1, 68, 2), there, 224).item() * 136)
    emphasised = [index for index in range(68) if found[index] == pytest.approx(400)]
    assert emphasised == [28, 29, 30, 60, 61, 62, 63, 64, 65, 66, 67]
    assert sum(found) == pytest.approx(11 * 400 + 57)


def test_landmarks_count_in_pixels_of_224():
    at, there = torch.zeros(1, 68, 2), torch.full((1, 68, 2), 2.0)
    assert landmark(at, there, 112).item() == pytest.approx(landmark(at, 2 * there, 224).item())


def test_regulariser_is_the_sum_of_squares_over_224():
    ones = torch.ones
    faces = FaceCoefficients(
        2 * ones(2, 80), ones(2, 64), 3 * ones(2, 80), 9 * ones(2, 3), 9 * ones(2, 3), 9 * ones(2, 3, 9)
    )
    # albedo 3 is a network output of 1 times 3
    assert regulariser(faces).tolist() == pytest.approx([(4 * 80 + 64 + 9 * 80) / 224] * 2)


def test_labels_take_the_sigmoid_once():
    logits = torch.tensor([[[[2.0, -1.0, 0.0]]]])
    wanted = torch.tensor([[[[1.0, 1.0, 0.0]]]])
    sigmoid = lambda x: 1 / (1 + math.exp(-x))  # noqa: E731
    single = -(math.log(sigmoid(2)) + math.log(sigmoid(-1)) + math.log(1 - sigmoid(0))) / 3
    double = -(math.log(sigmoid(sigmoid(2))) + math.log(sigmoid(sigmoid(-1))) + math.log(1 - sigmoid(sigmoid(0)))) / 3
    assert single == pytest.approx(0.7111, abs=1e-4)
    assert double == pytest.approx(0.6295, abs=1e-4)
    assert labels(logits, wanted).item() == pytest.approx(single)
    assert labels(torch.sigmoid(logits), wanted).item() == pytest.approx(double)


def test_labels_have_no_floor():
    sure = torch.full((1, 1, 2, 2), 40.0)
    assert labels(sure, torch.ones(1, 1, 2, 2)).item() < 1e-6
    assert labels(-sure, torch.zeros(1, 1, 2, 2)).item() < 1e-6
    # what a second sigmoid would leave
    assert labels(torch.sigmoid(sure), torch.ones(1, 1, 2, 2)).item() == pytest.approx(0.313, abs=5e-4)
    assert labels(torch.sigmoid(-sure), torch.zeros(1, 1, 2, 2)).item() == pytest.approx(0.693, abs=5e-4)
