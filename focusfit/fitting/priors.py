"""Priors as normal equations."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import AMBIENT
from ..objectives.prior import PriorWeights, light_precision
from .unknowns import NormalEquations, Unknowns


def prior_equations(
    coefficients: FaceCoefficients,
    unknowns: Unknowns,
    weights: PriorWeights,
    likely_identity: Tensor | None = None,
) -> NormalEquations:
    """Of all unknowns: zero-mean coefficients, free pose, a white lamp from all sides as the light's mean.

    ``likely_identity (B, Ki)`` is the identity's mean where something is known of it.
    """
    value = _value(coefficients, unknowns)
    precision = _precision(unknowns, weights, value.device).to(value)
    if likely_identity is not None:
        value[:, : unknowns.identity] -= likely_identity
    hessian = precision.expand(len(value), -1, -1)
    return NormalEquations(hessian, value @ precision)


def _value(coefficients: FaceCoefficients, unknowns: Unknowns) -> Tensor:
    """``(B, N)`` distance from the prior's mean."""
    c = coefficients
    light = c.light.clone()
    light[..., 0] -= AMBIENT
    pose = c.identity.new_zeros(c.batch_size, 6)
    return torch.cat([c.identity, c.expression, pose, c.albedo[:, : unknowns.albedo], light.flatten(1)], dim=1)


@lru_cache(maxsize=32)
def _precision(unknowns: Unknowns, weights: PriorWeights, device: torch.device) -> Tensor:
    """``(N, N)``, made once for each device."""
    diagonal = torch.zeros(unknowns.count)
    diagonal[: unknowns.identity] = weights.identity
    diagonal[unknowns.identity : unknowns.shape.stop] = weights.expression
    diagonal[unknowns.albedo_slice] = weights.albedo
    precision = torch.diag(diagonal)
    precision[unknowns.light, unknowns.light] = light_precision(weights, AMBIENT)
    return precision.to(device)
