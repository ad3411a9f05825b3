"""Renderings of the open model with everything known, ready to be fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from focusfit.detection.crop import CropTransform
from focusfit.detection.face import LandmarkSet
from focusfit.facemodel.coefficients import FaceCoefficients
from focusfit.facemodel.morphable import MorphableModel
from focusfit.fitting.config import FitConfig
from focusfit.fitting.problem import FitProblem
from focusfit.fitting.targets import CroppedFace, make_problem
from focusfit.imaging.camera import Camera
from focusfit.imaging.renderer import render_coefficients

OCCLUDER = (0.15, 0.45, 0.75)
LANDMARK_NOISE = 0.7
HIDDEN_LANDMARK_NOISE = 5.0


@dataclass(frozen=True, eq=False)
class RenderedFaces:
    """``truth`` of the batch, the ``problem``, and ``visible (B, 1, S, S)`` bool: face that is not covered."""

    truth: FaceCoefficients
    problem: FitProblem
    visible: Tensor
    crops: list[CroppedFace]


def known_faces(model: MorphableModel, count: int, config: FitConfig, spread: float, seed: int) -> FaceCoefficients:
    """Faces whose identity has the standard deviation ``spread``, turned a little, lit from a side."""
    random = torch.Generator().manual_seed(seed)
    c = model.neutral_coefficients(count)

    def normal(like: Tensor, precision: float) -> Tensor:
        return torch.randn(like.shape, generator=random) / precision**0.5

    albedo = normal(c.albedo, config.prior.albedo)
    albedo[:, config.albedo_modes :] = 0
    light = c.light.clone()
    light[:, :, 1:4] += 0.5 * torch.randn(count, 1, 3, generator=random)
    return c.replace(
        identity=spread * normal(c.identity, 1.0),
        expression=0.5 * normal(c.expression, config.prior.expression),
        albedo=albedo,
        light=light,
        rotation=0.2 * torch.randn(count, 3, generator=random),
    )


def render_faces(
    model: MorphableModel, count: int, config: FitConfig, covered: bool, spread: float = 1.0, seed: int = 0
) -> RenderedFaces:
    """Before a noisy grey ground, ``covered`` below the nose or not, with landmarks that are off by a pixel or so."""
    random = torch.Generator().manual_seed(seed + 1)
    truth, camera = known_faces(model, count, config, spread, seed), Camera.for_crop(config.size, count)
    rendering = render_coefficients(model, truth, camera)
    noise = 0.01 * torch.randn(rendering.image.shape, generator=random)
    region = rendering.region.bool()
    photo = torch.where(region, rendering.image, torch.full_like(noise, 0.4)) + noise
    shape = model.vertices(truth.identity, truth.expression)
    points = torch.stack([model.landmarks["ibug68"].of(s) for s in shape])
    pixels = camera.project_coefficients(points, truth)
    cover = torch.zeros_like(region)
    for row in range(count if covered else 0):
        cover[row, :, int(pixels[row, 33, 1]) :] = True
    photo = torch.where(cover, torch.tensor(OCCLUDER)[:, None, None] + noise, photo).clamp(0, 1)
    # What is covered can only be guessed, as detectors do.
    hidden = (pixels[..., 1] > pixels[:, 33:34, 1]) & covered
    spread_px = torch.where(hidden, HIDDEN_LANDMARK_NOISE, LANDMARK_NOISE)[..., None]
    pixels = pixels + spread_px * torch.randn(pixels.shape, generator=random)
    crop = CropTransform(1.0, (0.0, 0.0), config.size)
    crops = [
        CroppedFace(crop, photo[i], torch.ones(1, config.size, config.size), _landmarks(pixels[i]))
        for i in range(count)
    ]
    return RenderedFaces(truth, make_problem(crops, model, config), region & ~cover, crops)


def _landmarks(pixels: Tensor) -> LandmarkSet:
    return LandmarkSet("ibug68", pixels.double().numpy(), np.ones(len(pixels)))
