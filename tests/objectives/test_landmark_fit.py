"""Distances to a fit of landmarks."""

from __future__ import annotations

import math

import pytest
import torch

from focusfit.objectives.landmark_fit import fitted_rotation, fitted_shape


def test_shape_counts_identity_and_expression_alike(open_model):
    fit = open_model.neutral_coefficients(2)
    sizes = fit.identity.shape[1] + fit.expression.shape[1]
    moved = fit.replace(identity=fit.identity.clone(), expression=fit.expression.clone())
    moved.identity[0, 3], moved.expression[0, 1] = 2.0, -1.0
    assert fitted_shape(moved, fit).tolist() == pytest.approx([5 / sizes, 0.0])


def test_rotation_is_the_squared_angle(open_model):
    fit = open_model.neutral_coefficients(2)
    turned = fit.replace(rotation=torch.tensor([[0.0, 0.1, 0.0], [0.0, 0.0, 0.0]]))
    assert fitted_rotation(turned, fit).tolist() == pytest.approx([2 * (1 - math.cos(0.1)), 0.0], abs=1e-6)


def test_the_fit_is_a_constant(open_model):
    c, fit = (open_model.neutral_coefficients(1) for _ in range(2))
    c.identity.fill_(0.5).requires_grad_()
    for each in (fit.identity, fit.rotation):
        each.requires_grad_()
    (fitted_shape(c, fit) + fitted_rotation(c, fit)).sum().backward()
    assert c.identity.grad.abs().sum() > 0
    assert fit.identity.grad is None
    assert fit.rotation.grad is None
