"""How sure a fit is."""

from __future__ import annotations

import torch

from ..detection.face import DetectedFace
from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import MorphableModel
from .fit_state import FitState
from .problem import FitProblem
from .surface import FittingSurface
from .unknowns import Unknowns


def coefficient_deviation(state: FitState, model: MorphableModel, surface: FittingSurface) -> FaceCoefficients:
    """Standard deviation of every coefficient: square roots of the Laplace covariance's diagonal.

    Albedo modes that are not fitted keep the prior's deviation of 1.
    """
    c = state.coefficients
    assert state.equations is not None
    variance = state.equations.covariance().diagonal(dim1=1, dim2=2)
    modes = surface.levels[0].basis.shape[2]
    unknowns = Unknowns(model.identity_basis.shape[2], model.expression_basis.shape[2], modes)
    deviation = variance.clamp(min=0).sqrt()
    albedo = torch.ones_like(c.albedo)
    albedo[:, :modes] = deviation[:, unknowns.albedo_slice]
    return FaceCoefficients(
        identity=deviation[:, : unknowns.identity],
        expression=deviation[:, unknowns.identity : unknowns.shape.stop],
        albedo=albedo,
        rotation=deviation[:, unknowns.rotation],
        translation=deviation[:, unknowns.translation],
        light=deviation[:, unknowns.light].unflatten(1, (3, -1)),
    )


def fit_confidence(problem: FitProblem, state: FitState, row: int, face: DetectedFace) -> float:
    """In [0, 1]: detector's score times the share of the face region that the fit explains."""
    region = state.rendering.region[row].float() * problem.inside[row]
    explained = (state.visible[row].sum() / region.sum().clamp(min=1)).item()
    return float(min(1.0, max(0.0, face.score)) * min(1.0, explained / 0.8))
