"""Packing of second-order steps."""

from __future__ import annotations

import torch

from focusfit.facemodel.coefficients import FaceCoefficients
from focusfit.fitting.unknowns import NormalEquations, Unknowns
from focusfit.imaging.rotation import rotation_matrix


def _coefficients() -> FaceCoefficients:
    return FaceCoefficients(
        torch.zeros(2, 4),
        torch.zeros(2, 3),
        torch.zeros(2, 6),
        torch.rand(2, 3),
        torch.zeros(2, 3),
        torch.zeros(2, 3, 9),
    )


def test_every_unknown_arrives() -> None:
    c, unknowns = _coefficients(), Unknowns(4, 3, 5)
    step = torch.arange(1.0, unknowns.count + 1).repeat(2, 1) * 1e-2
    moved = unknowns.apply(c, step)
    assert torch.equal(moved.identity, step[:, :4])
    assert torch.equal(moved.expression, step[:, 4:7])
    turn = rotation_matrix(step[:, 7:10]) @ rotation_matrix(c.rotation)
    assert torch.allclose(rotation_matrix(moved.rotation), turn, atol=1e-5)
    assert torch.equal(moved.translation, step[:, 10:13])
    assert torch.equal(moved.albedo[:, :5], step[:, 13:18])
    assert torch.all(moved.albedo[:, 5] == 0)
    assert torch.equal(moved.light.flatten(1), step[:, 18:])


def test_geometry_alone_leaves_the_rest() -> None:
    unknowns = Unknowns(4, 3, 5)
    moved = unknowns.apply(_coefficients(), torch.ones(2, unknowns.geometry.stop) * 0.1)
    assert torch.all(moved.albedo == 0)
    assert torch.all(moved.light == 0)


def test_step_solves_least_squares() -> None:
    torch.manual_seed(0)
    jacobian, residual = torch.randn(2, 30, 6).double(), torch.randn(2, 30).double()
    weight = torch.rand(2, 30).double()
    step = NormalEquations.from_residuals(residual, jacobian, weight).step(damping=0)
    root = weight.sqrt()
    expected = torch.linalg.lstsq(jacobian * root[..., None], -(residual * root)[..., None]).solution[..., 0]
    assert torch.allclose(step, expected, atol=1e-6)


def test_sum_keeps_the_longer_ones_unknowns() -> None:
    a = NormalEquations(torch.eye(3).repeat(1, 1, 1), torch.ones(1, 3))
    b = NormalEquations(torch.eye(2).repeat(1, 1, 1), torch.ones(1, 2))
    for total in (a + b, b + a):
        assert total.gradient.tolist() == [[2, 2, 1]]
        assert total.hessian[0].diagonal().tolist() == [2, 2, 1]
