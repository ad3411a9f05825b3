"""Coefficients stay near the mean face."""

from __future__ import annotations

from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import AMBIENT
from .prior import PriorWeights, coefficient_energy, light_energy

REFERENCE_DIVISOR = 224.0
"""The reference divides by the width of its pictures, whatever they have to do with it."""


def regulariser(coefficients: FaceCoefficients) -> Tensor:
    r"""Sum of squares :math:`(|\alpha|^2 + |\delta|^2 + |\beta|^2) / 224`, per photo.

    Identity, expression and albedo in standard deviations: what the face model is given, that is, after the encoder's
    output scaling (albedo x 3). Pose and light are free. FOCUS (Li et al., CVPR 2023), pretraining and encoder's step.

    Returns:
        ``(B,)``.
    """
    shape = coefficients.identity.square().sum(1) + coefficients.expression.square().sum(1)
    return (shape + coefficients.albedo.square().sum(1)) / REFERENCE_DIVISOR


def prior(coefficients: FaceCoefficients, prior_weights: PriorWeights) -> Tensor:
    r"""Negative log prior :math:`\frac12\theta^\top\Lambda\theta` of coefficients and light, per photo.

    The one of the per-photo fit: normal coefficients, and a white lamp from all sides as the light's mean, whose
    strength may change more than its colour.

    Returns:
        ``(B,)``.
    """
    return coefficient_energy(coefficients, prior_weights) + light_energy(coefficients.light, prior_weights, AMBIENT)
