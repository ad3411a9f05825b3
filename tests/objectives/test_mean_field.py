"""Sweeps of the random field: the compiled loop against plain torch, and against what can be said by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from focusfit.imaging.kernels.mean_field import tanh
from focusfit.objectives.mean_field import mean_field, mean_field_reference


@pytest.fixture(scope="module")
def field():
    generator = torch.Generator().manual_seed(0)
    evidence = 4 * torch.randn(3, 1, 23, 31, generator=generator)
    right, down = (2 * torch.rand(3, 1, 23, 31, generator=generator) for _ in range(2))
    right[..., -1], down[..., -1, :] = 0, 0
    return evidence, right, down


def test_the_polynomial_tanh():
    for value in np.linspace(-12, 12, 4801, dtype=np.float32):
        assert tanh(value) == pytest.approx(math.tanh(value), abs=3e-7)


@pytest.mark.parametrize("sweeps", [0, 1, 2, 25])
def test_the_compiled_loop_is_the_reference(field, sweeps):
    torch.testing.assert_close(mean_field(*field, sweeps), mean_field_reference(*field, sweeps), atol=2e-5, rtol=0)


def test_a_pixel_without_neighbours_believes_its_evidence():
    evidence, nothing = torch.tensor([[[[1.5]]]]), torch.zeros(1, 1, 1, 1)
    assert mean_field(evidence, nothing, nothing, 25).item() == pytest.approx(math.tanh(0.75), abs=1e-6)


def test_two_coupled_pixels_after_one_sweep():
    evidence = torch.tensor([[[[2.0, 0.0]]]])
    right, down = torch.tensor([[[[0.7, 0.0]]]]), torch.zeros(1, 1, 1, 2)
    sure = math.tanh(1.0)
    expected = [sure, 0.5 * math.tanh(0.7 * sure)]  # the second says nothing yet, so the first stays
    assert mean_field(evidence, right, down, 1).flatten().tolist() == pytest.approx(expected, abs=1e-6)


def test_extreme_evidence_stays_a_belief(field):
    _, right, down = field
    for value in (-1e4, 1e4):
        belief = mean_field(torch.full_like(right, value), right, down, 5)
        assert belief.abs().max() <= 1 + 1e-6
        assert (belief * value > 0).all()


def test_other_dtypes_and_gradients_take_the_reference(field):
    evidence, right, down = (each.double() for each in field)
    assert mean_field(evidence, right, down, 3).dtype == torch.float64
    learned = field[0].clone().requires_grad_()
    mean_field(learned, *field[1:], 3).sum().backward()
    assert learned.grad.abs().sum() > 0
