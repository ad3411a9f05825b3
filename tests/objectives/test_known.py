from __future__ import annotations

import math

import torch

from focusfit.facemodel.morphable import MorphableModel
from focusfit.objectives.known_mask import mask_cross_entropy, occluder_dice
from focusfit.objectives.known_surface import coefficient_error, point_negative_log_likelihood, surface_error


def test_likelihood_by_hand() -> None:
    points = torch.tensor([[[3.0, 4.0], [1.0, 1.0]]])
    truth = torch.tensor([[[0.0, 0.0], [1.0, 1.0]]])
    sigma = torch.tensor([[5.0, 0.5]])
    expected = ((2 * math.log(5) + 25 / 50) + 2 * math.log(0.5)) / 2
    torch.testing.assert_close(point_negative_log_likelihood(points, sigma, truth), torch.tensor([expected]))


def test_the_best_sigma_is_the_error() -> None:
    truth, points = torch.zeros(1, 1, 2), torch.tensor([[[2.0, 0.0]]])
    sigma = torch.tensor([[1.0]], requires_grad=True)
    sigmas = torch.linspace(0.5, 4, 701)
    values = torch.cat([point_negative_log_likelihood(points, s.view(1, 1), truth) for s in sigmas])
    assert abs(sigmas[values.argmin()] - 2 / 2**0.5) < 0.01  # two axes share the squared distance
    point_negative_log_likelihood(points, sigma, truth).backward()
    assert sigma.grad is not None


def test_coefficient_error_by_hand() -> None:
    error = coefficient_error(torch.tensor([[1.0, 2.0], [0.0, 0.0]]), torch.tensor([[0.0, 0.0], [0.0, 0.0]]))
    torch.testing.assert_close(error, torch.tensor([2.5, 0.0]))


def test_surface_error_by_hand() -> None:
    metric = torch.tensor([[3.0, 1.0], [1.0, 1.0]])
    error = surface_error(torch.tensor([[1.0, 2.0], [0.5, 0.5]]), torch.tensor([[0.0, 0.0], [0.5, 0.5]]), metric)
    torch.testing.assert_close(error, torch.tensor([(3 + 2 * 2 + 4) / 4, 0.0]))


def test_the_mean_costs_one_on_average(open_model: MorphableModel) -> None:
    truth = torch.randn(4000, 80, generator=torch.Generator().manual_seed(0))
    error = surface_error(torch.zeros(1, 80), truth, open_model.identity_metric)
    assert abs(error.mean() - 1) < 0.05


def test_cross_entropy_counts_the_region_only() -> None:
    logits = torch.tensor([0.0, 3.0, -50.0]).view(1, 1, 1, 3)
    truth, region = torch.tensor([1.0, 0.0, 1.0]).view(1, 1, 1, 3), torch.tensor([1.0, 1.0, 0.0]).view(1, 1, 1, 3)
    expected = (math.log(2) + math.log1p(math.exp(3))) / 2
    torch.testing.assert_close(mask_cross_entropy(logits, truth, region), torch.tensor([expected]))


def test_dice_of_the_hidden_part() -> None:
    truth = torch.tensor([1.0, 0.0, 0.0, 1.0]).view(1, 1, 1, 4)
    region = torch.ones(1, 1, 1, 4)
    perfect = occluder_dice(100 * (truth - 0.5), truth, region)
    inverted = occluder_dice(-100 * (truth - 0.5), truth, region)
    half = occluder_dice(torch.tensor([100.0, -100, 100, 100]).view(1, 1, 1, 4), truth, region)
    torch.testing.assert_close(perfect, torch.zeros(1), atol=1e-6, rtol=0)
    assert inverted > 0.97
    torch.testing.assert_close(half, torch.tensor([1 - (2 * 1 + 0.04) / (3 + 0.04)]))
    nothing = torch.ones_like(truth)
    assert occluder_dice(100 * nothing, nothing, region) < 1e-6  # a clean face called clean costs nothing
