"""Light and albedo of a face whose place is known."""

from __future__ import annotations

import torch
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..imaging.light import harmonics
from ..imaging.renderer import render_coefficients
from .config import FitConfig
from .light_starts import LitSamples, fit_light
from .linearize import pose_points, shade
from .photo_samples import BlurredPhoto, sample_image
from .problem import FitProblem
from .surface import FittingSurface
from .surface_samples import choose_samples


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
