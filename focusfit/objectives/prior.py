"""Gaussian priors on the coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients

CPU = torch.device("cpu")


@dataclass(frozen=True)
class PriorWeights:
    """Precision of each prior; the unit is one standard deviation of the face model.

    Attributes:
        identity: on the identity coefficients.
        expression: on the expression coefficients.
        albedo: on the albedo coefficients.
        light_ambient: on the constant harmonic's grey level, around a fully lit face.
        light_linear: on first-order harmonics' grey level.
        light_quadratic: on second-order harmonics' grey level.
        chroma_ambient: on the colour cast of the constant harmonic.
        chroma_linear: on the colour cast of the first order.
        chroma_quadratic: on the colour cast of the second order.
    """

    identity: float = 15.0
    expression: float = 1.0
    albedo: float = 2.0
    light_ambient: float = 0.45
    light_linear: float = 1.0
    light_quadratic: float = 6.0
    chroma_ambient: float = 12.0
    chroma_linear: float = 40.0
    chroma_quadratic: float = 300.0


@lru_cache(maxsize=32)
def light_precision(weights: PriorWeights, ambient: float, device: torch.device = CPU) -> Tensor:
    """``(27, 27)`` precision of the light's 3 x 9 coefficients, row-major by colour.

    Grey level (mean over colours) and colour cast (deviation from it) are penalised apart: lamps differ in strength
    far more than in colour. Coefficients are measured in units of ``ambient``, the one that lights a surface with 1.
    """
    by_band = lambda a, b, c: torch.tensor([a] + 3 * [b] + 5 * [c])  # noqa: E731
    grey = by_band(weights.light_ambient, weights.light_linear, weights.light_quadratic)
    cast = by_band(weights.chroma_ambient, weights.chroma_linear, weights.chroma_quadratic)
    mean = torch.full((3, 3), 1 / 3)
    deviation = torch.eye(3) - mean
    both = torch.kron(mean, torch.diag(grey)) + torch.kron(deviation, torch.diag(cast))
    return (both / ambient**2).to(device)


def coefficient_energy(coefficients: FaceCoefficients, weights: PriorWeights) -> Tensor:
    """``(B,)`` negative log prior of identity, expression and albedo: half the weighted sum of squares."""
    terms = (
        weights.identity * coefficients.identity.square().sum(1),
        weights.expression * coefficients.expression.square().sum(1),
        weights.albedo * coefficients.albedo.square().sum(1),
    )
    return 0.5 * torch.stack(terms).sum(0)


def light_energy(light: Tensor, weights: PriorWeights, ambient: float) -> Tensor:
    """``(B,)`` negative log prior of ``light (B, 3, 9)``: how far it is from a white lamp from all sides."""
    value = light.clone()
    value[..., 0] -= ambient
    flat = value.flatten(1)
    return 0.5 * torch.einsum("bi,ij,bj->b", flat, light_precision(weights, ambient, flat.device).to(flat), flat)
