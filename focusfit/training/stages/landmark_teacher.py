"""The least squares fit of a view's landmarks, for the terms that learn from it."""

from __future__ import annotations

from dataclasses import replace

import torch

from ...data.framed_faces import FramedFaces
from ...facemodel.coefficients import FaceCoefficients
from ...facemodel.morphable import MorphableModel
from ...fitting.config import GIVEN_LANDMARKS, FitConfig
from ...fitting.landmark_fit import fit_landmarks
from ...fitting.problem import FitProblem
from ...fitting.targets import landmark_targets
from ...imaging.camera import Camera

CONFIG = replace(FitConfig().for_source(GIVEN_LANDMARKS.name), landmark_steps=2)
"""Landmarks are trusted as the per-photo fit trusts given ones; further steps change little."""


@torch.no_grad()
def fit_of_landmarks(model: MorphableModel, view: FramedFaces) -> FaceCoefficients:
    """Pose, identity and expression of every face; light and albedo are the mean's."""
    pixels, size = view.landmarks, view.photo.shape[-1]
    targets = landmark_targets(model, "ibug68", CONFIG.landmarks, pixels, torch.ones_like(pixels[..., 0]))
    problem = FitProblem(view.photo, view.inside, Camera.for_crop(size, len(pixels), pixels.device), targets)
    return fit_landmarks(problem, model, CONFIG)
