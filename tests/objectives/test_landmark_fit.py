"""Distances to a fit of landmarks."""

from __future__ import annotations

import math

import pytest
import torch

from focusfit.objectives.landmark_fit import fitted_expression, fitted_identity, fitted_rotation


def test_shape_is_compared_where_the_vertices_are(open_model):
    torch.manual_seed(0)
    fit = open_model.neutral_coefficients(2)
    moved = fit.replace(identity=fit.identity.clone(), expression=fit.expression.clone())
    moved.identity[0], moved.expression[0] = (
        torch.randn(moved.identity.shape[1]),
        torch.randn(moved.expression.shape[1]),
    )
    neutral, whole = open_model.vertices(moved.identity), open_model.vertices(moved.identity, moved.expression)
    by_identity = (neutral - open_model.shape_mean).square().sum(2).mean(1)
    by_expression = (whole - neutral).square().sum(2).mean(1)
    torch.testing.assert_close(fitted_identity(moved, fit, open_model.identity_metric), by_identity)
    torch.testing.assert_close(fitted_expression(moved, fit, open_model.expression_metric), by_expression)
    assert by_identity[1] == by_expression[1] == 0


def test_rotation_is_the_squared_angle(open_model):
    fit = open_model.neutral_coefficients(2)
    turned = fit.replace(rotation=torch.tensor([[0.0, 0.1, 0.0], [0.0, 0.0, 0.0]]))
    assert fitted_rotation(turned, fit).tolist() == pytest.approx([2 * (1 - math.cos(0.1)), 0.0], abs=1e-6)


def test_the_fit_is_a_constant(open_model):
    c, fit = (open_model.neutral_coefficients(1) for _ in range(2))
    c.identity.fill_(0.5).requires_grad_()
    for each in (fit.identity, fit.expression, fit.rotation):
        each.requires_grad_()
    shape = fitted_identity(c, fit, open_model.identity_metric)
    shape = shape + fitted_expression(c, fit, open_model.expression_metric)
    (shape + fitted_rotation(c, fit)).sum().backward()
    assert c.identity.grad.abs().sum() > 0
    assert fit.identity.grad is None
    assert fit.expression.grad is None
    assert fit.rotation.grad is None
