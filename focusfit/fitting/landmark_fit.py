"""Pose and shape from landmarks alone: where EM starts."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import MorphableModel
from ..objectives.robust import cauchy_weight
from .config import FitConfig, LandmarkTerm
from .linearize import landmark_jacobian, pose_points
from .pose import pose_from_points
from .priors import prior_equations
from .problem import FitProblem
from .unknowns import NormalEquations, Unknowns


def landmark_equations(
    problem: FitProblem, coefficients: FaceCoefficients, term: LandmarkTerm, visible: Tensor
) -> NormalEquations:
    """Landmark term of the geometry's unknowns; ``visible (B, L)`` in [0, 1] weighs each point besides its confidence.

    A point's residual is its pixel distance over ``sigma`` millimetres at the face's scale.
    """
    targets = problem.landmarks
    basis = targets.basis
    shape = torch.cat([coefficients.identity, coefficients.expression], dim=1)
    points = targets.mean + (shape @ basis.flatten(0, 1).T).unflatten(1, (-1, 3))
    posed = pose_points(points, coefficients, problem.camera)
    residual = posed.pixels - targets.pixels
    pixels_per_mm = problem.camera.focal[:, None] / posed.camera_frame[..., 2]
    precision = 1 / (targets.sigma * pixels_per_mm) ** 2
    q = residual.square().sum(-1) * precision
    count = len(targets.mean)
    share = term.weight * min(1.0, term.effective_points / count)
    weight = share * targets.weight * visible * precision * cauchy_weight(q, term.kernel)
    jacobian = landmark_jacobian(posed, basis, coefficients)
    return NormalEquations.from_residuals(
        residual.flatten(1), jacobian.flatten(1, 2), weight.repeat_interleave(2, dim=1)
    )


def fit_landmarks(
    problem: FitProblem, model: MorphableModel, config: FitConfig, visible: Tensor | None = None
) -> FaceCoefficients:
    """Pose in closed form, refined, then pose and shape together; light and albedo stay neutral.

    ``visible (B, L)`` weighs each point where that is known already.
    """
    targets = problem.landmarks
    start = model.neutral_coefficients(len(problem.photo))
    trust = targets.weight / targets.sigma**2
    rotation, translation = pose_from_points(targets.mean, targets.pixels, trust, problem.camera)
    coefficients = start.replace(rotation=rotation, translation=translation)
    visible = torch.ones_like(targets.weight) if visible is None else visible
    coefficients = _refine_pose(problem, coefficients, config, visible)
    unknowns = Unknowns(model.identity_basis.shape[2], model.expression_basis.shape[2], config.albedo_modes)
    geometry = unknowns.geometry
    for _ in range(config.landmark_steps):
        equations = landmark_equations(problem, coefficients, config.landmarks, visible)
        prior = prior_equations(coefficients, unknowns, config.prior, problem.likely_identity)
        total = equations + NormalEquations(prior.hessian[:, geometry, geometry], prior.gradient[:, geometry])
        coefficients = unknowns.apply(coefficients, total.step())
    return coefficients


def _refine_pose(
    problem: FitProblem, coefficients: FaceCoefficients, config: FitConfig, visible: Tensor
) -> FaceCoefficients:
    """Steps of rotation and translation: those of a face that has no shape to change."""
    targets = problem.landmarks
    rigid = replace(problem, landmarks=replace(targets, basis=targets.basis[..., :0]))
    none = coefficients.identity[:, :0]
    posed = coefficients.replace(identity=none, expression=none)
    unknowns = Unknowns(0, 0, 0)
    for _ in range(config.landmark_pose_steps):
        step = landmark_equations(rigid, posed, config.landmarks, visible).step()
        posed = unknowns.apply(posed, step)
    return coefficients.replace(rotation=posed.rotation, translation=posed.translation)
