"""M-step: coefficients that explain best what shows the face."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..objectives.robust import cauchy_weight
from .config import FitConfig
from .fit_state import FitState
from .landmark_fit import landmark_equations
from .linearize import SampledSurface, photometric_jacobian, pose_points, shade
from .photo_samples import BlurredPhoto, sample_image
from .priors import prior_equations
from .problem import FitProblem
from .surface import FittingSurface
from .surface_samples import choose_samples
from .unknowns import NormalEquations, Unknowns


def maximization(
    problem: FitProblem, surface: FittingSurface, state: FitState, config: FitConfig, level: int
) -> FitState:
    """M-step: a few second-order steps under the current posterior, on samples chosen once."""
    model, c = surface.model, state.coefficients
    unknowns = Unknowns(model.identity_basis.shape[2], model.expression_basis.shape[2], config.albedo_modes)
    photo = BlurredPhoto.of(problem.photo, config.levels[level].blur * config.size / 224)
    chosen = choose_samples(surface, c, state.rendering, config, level)
    sampled = chosen.surface
    region = state.rendering.region.float()
    landmarks_seen = landmark_visibility(problem, state.visible, region, config.landmarks.hidden_trust)
    first, last = config.photometric.sigma
    sigma = first * (last / first) ** (level / max(1, len(config.levels) - 1))
    misfit = surface.misfit[chosen.index][..., 0]
    equations = None
    for _ in range(config.levels[level].steps):
        seen, visible = chosen.seen, state.visible
        equations = photometric_equations(problem, sampled, photo, c, seen, visible, misfit, sigma, config)
        equations = equations + landmark_equations(problem, c, config.landmarks, landmarks_seen)
        equations = equations + prior_equations(c, unknowns, config.prior, problem.likely_identity)
        step = equations.step()
        c = unknowns.apply(c, step)
        sampled = _moved(sampled, step, unknowns)
    return FitState(c, state.visible, state.rendering, equations)


def _moved(s: SampledSurface, step: Tensor, unknowns: Unknowns) -> SampledSurface:
    """Samples after a step; normals to first order."""
    moved = (s.geometry @ step[:, None, unknowns.shape, None])[..., 0]
    albedo = s.albedo + (s.albedo_basis @ step[:, None, unknowns.albedo_slice, None])[..., 0]
    return SampledSurface(s.points + moved[..., :3], s.normals + moved[..., 3:], s.geometry, albedo, s.albedo_basis)


def photometric_equations(
    problem: FitProblem,
    sampled: SampledSurface,
    photo: BlurredPhoto,
    c: FaceCoefficients,
    trust: Tensor,
    visible: Tensor,
    misfit: Tensor,
    sigma: float,
    config: FitConfig,
) -> NormalEquations:
    """Photometric term of all unknowns at the samples.

    Args:
        problem: the batch.
        sampled: tables at the samples.
        photo: at this level's blur.
        c: the current coefficients.
        trust: ``(B, S)`` 1 for a true sample, 0 for padding.
        visible: ``(B, 1, S, S)`` the E-step's posterior.
        misfit: ``(B, S)`` spread of colour that the model is known to miss, over the face's brightness.
        sigma: standard deviation of a colour residual.
        config: settings.
    """
    term = config.photometric
    posed = pose_points(sampled.points, c, problem.camera)
    shaded = shade(sampled.normals, sampled.albedo, c)
    image = sample_image(photo.channels, posed.pixels)
    gradient = torch.stack([image[..., 3:6], image[..., 6:9]], dim=-1)
    residual = image[..., :3] - shaded.colour
    q = residual.square().sum(-1) / (3 * sigma**2)
    face = sample_image(visible, posed.pixels)[..., 0]
    brightness = (trust * shaded.colour.norm(dim=-1)).sum(1, keepdim=True) / trust.sum(1, keepdim=True).clamp(min=1)
    doubt = (term.misfit * misfit * brightness / sigma).square()
    weight = trust * face * cauchy_weight(q, term.kernel) / (1 + doubt)
    weight = weight * (term.weight / (3 * sigma**2)) / trust.sum(1, keepdim=True).clamp(min=1)
    jacobian = photometric_jacobian(posed, shaded, sampled, gradient, c)
    return NormalEquations.from_residuals(
        residual.flatten(1), jacobian.flatten(1, 2), weight.repeat_interleave(3, dim=1)
    )


def landmark_visibility(problem: FitProblem, visible: Tensor, region: Tensor, hidden_trust: float) -> Tensor:
    """``(B, L)`` weight of each landmark: 1 where the face around it is visible, or where it lies outside the region.

    Args:
        problem: the batch.
        visible: ``(B, 1, S, S)`` probability of a visible face.
        region: ``(B, 1, S, S)`` where the face projects.
        hidden_trust: what is left of a hidden point's weight, unless the landmarks say so themselves.
    """
    values = sample_image(F.avg_pool2d(torch.cat([visible, region], dim=1), 5, 1, 2), problem.landmarks.pixels)
    share = (values[..., 0] + 0.05) / (values[..., 1] + 0.05)
    own = problem.landmarks.hidden_trust
    left = share.new_tensor(hidden_trust) if own is None else own
    return left + (1 - left) * share
