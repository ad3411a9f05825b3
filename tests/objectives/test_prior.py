"""Gaussian priors."""

from __future__ import annotations

import pytest
import torch

from focusfit.objectives.prior import PriorWeights, coefficient_energy, light_precision

WEIGHTS = PriorWeights(
    identity=3.0,
    expression=2.0,
    albedo=5.0,
    light_ambient=1.0,
    light_linear=2.0,
    light_quadratic=3.0,
    chroma_ambient=10.0,
    chroma_linear=20.0,
    chroma_quadratic=30.0,
)


def quadratic(light: torch.Tensor) -> float:
    flat = light.flatten()
    return float(flat @ light_precision(WEIGHTS, 2.0) @ flat)


@pytest.mark.parametrize(("band", "grey", "cast"), [(0, 1.0, 10.0), (2, 2.0, 20.0), (7, 3.0, 30.0)])
def test_grey_and_cast_are_penalised_apart(band, grey, cast):
    light = torch.zeros(3, 9)
    light[:, band] = 1.0
    assert quadratic(light) == pytest.approx(3 * grey / 4, rel=1e-5)
    light[:, band] = torch.tensor([1.0, -1.0, 0.0])
    assert quadratic(light) == pytest.approx(2 * cast / 4, rel=1e-5)


def test_precision_is_symmetric_and_positive():
    precision = light_precision(PriorWeights(), 3.5)
    assert torch.allclose(precision, precision.T)
    assert torch.linalg.eigvalsh(precision).min() > 0


def test_energy_by_hand(open_model):
    c = open_model.neutral_coefficients(2)
    assert torch.equal(coefficient_energy(c, WEIGHTS), torch.zeros(2))
    identity = c.identity.clone()
    identity[1, :2] = torch.tensor([2.0, -1.0])
    expression = c.expression.clone()
    expression[1, 0] = 3.0
    energy = coefficient_energy(c.replace(identity=identity, expression=expression), WEIGHTS)
    assert energy.tolist() == pytest.approx([0.0, 0.5 * (3 * 5 + 2 * 9)])
