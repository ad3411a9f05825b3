"""E-step: which pixels show the face that was fitted."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..imaging.renderer import Rendering, render_coefficients
from ..objectives.robust import cauchy_weight
from ..objectives.visible_face import visible_face
from .config import FitConfig
from .fit_state import FitState
from .problem import FitProblem
from .surface import FittingSurface


def expectation(problem: FitProblem, surface: FittingSurface, state: FitState, config: FitConfig) -> FitState:
    """E-step: render the fit and ask which pixels it explains."""
    rendering = render_coefficients(surface.model, state.coefficients, problem.camera)
    region = rendering.region.float() * problem.inside
    previous = torch.where(state.rendering.region.bool(), state.visible, state.visible.new_tensor(0.5))
    misfit = known_misfit(surface, rendering)
    visible = visible_face(problem.photo, rendering.image, region, previous, config.visible_face, misfit)
    return FitState(state.coefficients, visible, rendering, state.equations)


def known_misfit(surface: FittingSurface, rendering: Rendering) -> Tensor:
    """``(B, 2, S, S)`` the misfit at each pixel: the mean of its triangle's corners, for triangles are small."""
    corners = surface.misfit[surface.model.triangles].mean(1)
    padded = torch.cat([corners, corners.new_zeros(1, 2)])  # row -1: outside the region
    return padded[rendering.face_index.long()].permute(0, 3, 1, 2)


def initial_visibility(
    problem: FitProblem, surface: FittingSurface, c: FaceCoefficients, config: FitConfig
) -> FitState:
    """The first posterior: noise levels are learned from what the start explains well."""
    rendering = render_coefficients(surface.model, c, problem.camera)
    region = rendering.region.float() * problem.inside
    q = (problem.photo - rendering.image).square().sum(1, keepdim=True) / (3 * config.photometric.sigma[0] ** 2)
    state = FitState(c, region * cauchy_weight(q, 1.0) ** 2, rendering)
    return state


Expectation = Callable[[FitProblem, FittingSurface, FitState, FitConfig], FitState]
"""An E-step: renders the state's coefficients and says what is visible."""
