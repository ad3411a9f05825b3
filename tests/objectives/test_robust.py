"""The robust kernel."""

from __future__ import annotations

import pytest
import torch

from focusfit.objectives.robust import cauchy, cauchy_weight


@pytest.mark.parametrize("scale", [0.5, 4.0])
def test_weight_is_the_energys_slope(scale):
    q = torch.linspace(0, 30, 50, dtype=torch.float64).requires_grad_()
    cauchy(q, scale).sum().backward()
    assert torch.allclose(q.grad, cauchy_weight(q.detach(), scale))


def test_small_residuals_count_fully_and_large_ones_hardly():
    assert cauchy(torch.tensor(1e-3), 4.0) == pytest.approx(1e-3, rel=1e-3)
    assert cauchy_weight(torch.tensor(0.0), 4.0) == 1
    assert cauchy_weight(torch.tensor(4.0), 4.0) == 0.5
    assert cauchy(torch.tensor(1e6), 4.0) < 60
