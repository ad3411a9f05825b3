"""The least squares fit of a view's landmarks, for the terms that learn from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from ...data.augmentation import FramedFaces
from ...facemodel.coefficients import FaceCoefficients
from ...facemodel.morphable import MorphableModel
from ...fitting.config import GIVEN_LANDMARKS, FitConfig
from ...fitting.landmark_fit import fit_landmarks
from ...fitting.problem import FitProblem, LandmarkTargets
from ...fitting.targets import point_sigma, points_basis
from ...imaging.camera import Camera

SCHEME = "ibug68"


@dataclass(frozen=True, eq=False)
class LandmarkTeacher:
    """The face model's landmarks, ready to be fitted.

    Attributes:
        model: the face model.
        targets: the model's points; of no photo yet.
        config: of the fit.
    """

    model: MorphableModel
    targets: LandmarkTargets
    config: FitConfig

    @classmethod
    def of(cls, model: MorphableModel) -> LandmarkTeacher:
        """A teacher that trusts landmarks as the per-photo fit trusts given ones."""
        config = FitConfig().for_source(GIVEN_LANDMARKS.name)
        points = model.landmarks[SCHEME]
        basis = torch.cat([points_basis(points, each) for each in (model.identity_basis, model.expression_basis)], 2)
        sigma = point_sigma(SCHEME, points, config.landmarks).to(model.device)[None]
        nowhere = basis.new_zeros(1, len(points), 2)
        targets = LandmarkTargets(points.of(model.shape_mean), basis, nowhere, sigma, torch.ones_like(sigma))
        return cls(model, targets, config)

    def to(self, device: torch.device | str) -> LandmarkTeacher:
        """The same on another device."""
        t = self.targets
        moved = LandmarkTargets(*(each.to(device) for each in (t.mean, t.basis, t.pixels, t.sigma, t.weight)))
        return LandmarkTeacher(self.model.to(device), moved, self.config)

    @torch.no_grad()
    def fit(self, view: FramedFaces) -> FaceCoefficients:
        """Pose, identity and expression of every face; light and albedo are the mean's."""
        count, size = len(view), view.photo.shape[-1]
        sigma, weight = (each.expand(count, -1) for each in (self.targets.sigma, self.targets.weight))
        targets = replace(self.targets, pixels=view.landmarks, sigma=sigma, weight=weight)
        problem = FitProblem(view.photo, view.inside, Camera.for_crop(size, count, view.photo.device), targets)
        return fit_landmarks(problem, self.model, self.config)

