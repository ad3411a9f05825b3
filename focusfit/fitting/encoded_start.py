"""Where a fit starts when an encoder has looked at the photo."""

from __future__ import annotations

from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import MorphableModel
from ..imaging.renderer import render_coefficients
from ..imaging.rendering import Rendering
from ..networks.surface_encoder import EncodedFace
from .config import FitConfig
from .landmark_fit import fit_landmarks
from .problem import FitProblem


def encoded_start(
    problem: FitProblem, model: MorphableModel, encoded: EncodedFace, config: FitConfig
) -> FaceCoefficients:
    """Pose and shape from the problem's points, light and albedo as the encoder names them."""
    fitted = fit_landmarks(problem, model, config)
    return with_encoded_colours(fitted, encoded)


def with_encoded_colours(coefficients: FaceCoefficients, encoded: EncodedFace) -> FaceCoefficients:
    """The same geometry under the encoder's light and albedo."""
    albedo = coefficients.albedo.clone()
    count = min(albedo.shape[1], encoded.albedo.shape[1])
    albedo[:, :count] = encoded.albedo[:, :count]
    return coefficients.replace(albedo=albedo, light=encoded.light)


def draw_start(model: MorphableModel, coefficients: FaceCoefficients, problem: FitProblem) -> tuple[Rendering, Tensor]:
    """The rendering of a start and ``(B, 1, S, S)`` the region in which the photo has pixels."""
    rendering = render_coefficients(model, coefficients, problem.camera)
    return rendering, rendering.region.float() * problem.inside
