"""Priors as normal equations."""

from __future__ import annotations

from dataclasses import replace

import torch

from focusfit.facemodel.coefficients import FaceCoefficients
from focusfit.fitting.priors import prior_equations
from focusfit.fitting.unknowns import Unknowns
from focusfit.objectives.prior import PriorWeights, coefficient_energy

WEIGHTS = PriorWeights(identity=3.0, expression=2.0, albedo=5.0)


def coefficients(model) -> FaceCoefficients:
    c, random = model.neutral_coefficients(2), torch.Generator().manual_seed(0)
    return c.map(lambda value: value + torch.randn(value.shape, generator=random))


def unknowns_of(c: FaceCoefficients) -> Unknowns:
    return Unknowns(c.identity.shape[1], c.expression.shape[1], c.albedo.shape[1])


def test_neutral_face_pulls_nowhere(open_model):
    c = open_model.neutral_coefficients(2)
    assert prior_equations(c, unknowns_of(c), WEIGHTS).gradient.abs().max() < 1e-5


def test_gradient_is_that_of_the_energy(open_model):
    c = coefficients(open_model)
    unknowns = unknowns_of(c)
    leaf = c.map(lambda value: value.clone().requires_grad_())
    coefficient_energy(leaf, WEIGHTS).sum().backward()
    found = prior_equations(c, unknowns, WEIGHTS).gradient
    assert torch.allclose(found[:, : unknowns.identity], leaf.identity.grad, atol=1e-5)
    assert torch.allclose(found[:, unknowns.identity : unknowns.shape.stop], leaf.expression.grad, atol=1e-5)
    assert torch.allclose(found[:, unknowns.albedo_slice], leaf.albedo.grad, atol=1e-5)


def test_pose_is_free(open_model):
    c = coefficients(open_model)
    unknowns = unknowns_of(c)
    pose = slice(unknowns.rotation.start, unknowns.translation.stop)
    equations = prior_equations(c, unknowns, WEIGHTS)
    assert not equations.gradient[:, pose].any()
    assert not equations.hessian[:, pose].any()


def test_the_step_leads_to_the_mean(open_model):
    c = coefficients(open_model)
    unknowns = unknowns_of(c)
    step = prior_equations(c, unknowns, WEIGHTS).step(damping=0.0)
    there = unknowns.apply(c, step)
    neutral = open_model.neutral_coefficients(2)
    for name in ("identity", "expression", "albedo", "light"):
        assert torch.allclose(getattr(there, name), getattr(neutral, name), atol=1e-3), name


def test_weights_weigh(open_model):
    c = coefficients(open_model)
    unknowns = unknowns_of(c)
    doubled = replace(WEIGHTS, identity=2 * WEIGHTS.identity)
    once, twice = (prior_equations(c, unknowns, w).gradient for w in (WEIGHTS, doubled))
    assert torch.allclose(twice[:, : unknowns.identity], 2 * once[:, : unknowns.identity])
    assert torch.equal(twice[:, unknowns.identity :], once[:, unknowns.identity :])
