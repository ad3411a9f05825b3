"""Expectation maximisation over a batch of faces, coarse to fine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..constants import constant
from ..facemodel.coefficients import FaceCoefficients
from ..imaging.blur import gaussian_blur
from ..imaging.light import harmonics
from ..imaging.normals import vertex_normals
from ..imaging.renderer import Rendering, render_coefficients
from ..imaging.rotation import rotation_matrix
from ..objectives.robust import cauchy_weight
from ..objectives.visible_face import visible_face
from .config import FitConfig
from .landmark_fit import fit_landmarks, landmark_equations
from .light_starts import LitSamples, fit_light
from .linearize import SampledSurface, photometric_jacobian, pose_points, shade
from .priors import prior_equations
from .problem import FitProblem
from .surface import FittingSurface
from .unknowns import NormalEquations, Unknowns


@dataclass(frozen=True, eq=False)
class FitState:
    """Where EM stands.

    Attributes:
        coefficients: of the batch.
        visible: ``(B, 1, S, S)`` posterior of the last E-step, 0 outside the region.
        rendering: of ``coefficients`` at the last E-step.
        equations: of the last M-step, for the uncertainty.
    """

    coefficients: FaceCoefficients
    visible: Tensor
    rendering: Rendering
    equations: NormalEquations | None = None


@dataclass(frozen=True, eq=False)
class BlurredPhoto:
    """``channels (B, 9, S, S)``: blurred colours, their derivative by x and by y."""

    channels: Tensor

    @classmethod
    def of(cls, photo: Tensor, sigma: float) -> BlurredPhoto:
        """Blur and differentiate ``photo (B, 3, S, S)``."""
        image = gaussian_blur(photo, sigma) if sigma > 0 else photo
        padded = F.pad(image, (1, 1, 1, 1), mode="replicate")
        smooth_y = (padded[..., :-2, :] + 2 * padded[..., 1:-1, :] + padded[..., 2:, :]) / 8
        smooth_x = (padded[..., :-2] + 2 * padded[..., 1:-1] + padded[..., 2:]) / 8
        dx = smooth_y[..., 2:] - smooth_y[..., :-2]
        dy = smooth_x[..., 2:, :] - smooth_x[..., :-2, :]
        return cls(torch.cat([image, dx, dy], dim=1))


def sample_image(image: Tensor, pixels: Tensor) -> Tensor:
    """``image (B, C, H, W)`` at ``pixels (B, N, 2)``, bilinear, borders replicated: ``(B, N, C)``."""
    size = constant((image.shape[-1] - 1, image.shape[-2] - 1), pixels)
    grid = (2 * pixels / size - 1)[:, None]
    return F.grid_sample(image, grid, align_corners=True, padding_mode="border")[:, :, 0].transpose(1, 2)


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


@dataclass(frozen=True, eq=False)
class Sampling:
    """Which vertices stand for the face of each photo: ``index (B, S)``, and ``seen (B, S)`` 1, or 0 for padding."""

    index: Tensor
    seen: Tensor
    surface: SampledSurface


def choose_samples(
    surface: FittingSurface, c: FaceCoefficients, rendering: Rendering, config: FitConfig, level: int
) -> Sampling:
    """Sample vertices that ``rendering`` of ``c`` shows, and gather their tables."""
    model = surface.model
    shape = model.vertices(c.identity, c.expression)
    normals = vertex_normals(shape, model.triangles)
    towards_viewer = (normals @ rotation_matrix(c.rotation).transpose(1, 2))[..., 2]
    seen = rendering.vertex_visible & (towards_viewer > config.photometric.minimum_cosine)
    index = surface.sample(seen, config.photometric.samples)
    batch = torch.arange(len(index), device=index.device)[:, None]
    albedo = surface.levels[level]
    basis = albedo.basis[index]
    colours = albedo.mean[index] + (basis @ c.albedo[:, None, : basis.shape[-1], None])[..., 0]
    # The derivative table is of unnormalised normals: give these the mean shape's lengths.
    scaled = normals[batch, index] * surface.normal_mean[index].norm(dim=-1, keepdim=True)
    tables = SampledSurface(shape[batch, index], scaled, surface.geometry[index], colours, basis)
    return Sampling(index, seen[batch, index].float(), tables)


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


def start_light(
    problem: FitProblem,
    surface: FittingSurface,
    coefficients: FaceCoefficients,
    config: FitConfig,
    visible: Tensor | None = None,
) -> FaceCoefficients:
    """Light and albedo under the landmark fit's geometry; ``visible (B, 1, S, S)`` is what is known of the mask."""
    rendering = render_coefficients(surface.model, coefficients, problem.camera)
    chosen = choose_samples(surface, coefficients, rendering, config, 0)
    index, sampled = chosen.index, chosen.surface
    posed = pose_points(sampled.points, coefficients, problem.camera)
    shaded = shade(sampled.normals, sampled.albedo, coefficients)
    coarse = BlurredPhoto.of(problem.photo, config.levels[0].blur * config.size / 224).channels[:, :3]
    colours = sample_image(torch.cat([coarse, problem.photo - coarse], dim=1), posed.pixels)
    fine, smooth = surface.levels[-1].mean[index], surface.levels[0].mean[index]
    samples = LitSamples(
        colour=colours[..., :3],
        detail=colours[..., 3:],
        harmonics=harmonics(shaded.normal),
        albedo_mean=smooth,
        albedo_basis=sampled.albedo_basis,
        albedo_detail=fine - smooth,
        position=surface.model.shape_mean[index],
        weight=chosen.seen if visible is None else _unhidden(chosen.seen, sample_image(visible, posed.pixels)[..., 0]),
    )
    return fit_light(samples, surface, coefficients, config)


def _unhidden(seen: Tensor, visible: Tensor) -> Tensor:
    """Samples ``(B, S)`` that are more likely face than not; all of a face that has hardly any."""
    kept = seen * (visible > 0.5)
    enough = kept.sum(1, keepdim=True) > 0.1 * seen.sum(1, keepdim=True)
    return torch.where(enough, kept, seen)


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


def fit_batch(
    problem: FitProblem, surface: FittingSurface, config: FitConfig, expect: Expectation = expectation
) -> FitState:
    """Landmarks, light, then EM from the coarsest level to the finest; ends on an E-step."""
    coefficients = fit_landmarks(problem, surface.model, config)
    coefficients = start_light(problem, surface, coefficients, config)
    state = initial_visibility(problem, surface, coefficients, config)
    for level in range(len(config.levels)):
        state = expect(problem, surface, state, config)
        state = maximization(problem, surface, state, config, level)
    return expect(problem, surface, state, config)
