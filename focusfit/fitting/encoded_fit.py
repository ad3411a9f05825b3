"""What two networks make of a photo, without any refinement."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ..facemodel.morphable import MorphableModel, SurfacePoints
from ..imaging.rendering import Rendering
from ..networks.segmenter import FaceSegmenter
from .config import FitConfig
from .em import FitState
from .encoded_start import draw_start, encoded_start
from .landmark_fit import landmark_equations
from .priors import prior_equations
from .problem import FitProblem
from .surface import FittingSurface
from .surface_evidence import SurfaceTerm, surface_targets
from .unknowns import Unknowns


@dataclass(frozen=True, eq=False)
class EncodedFit:
    """A way to fit a batch that an encoder has looked at, for :class:`focusfit.Fitter`'s ``solve``.

    Pose and shape are the least squares fit of the encoder's points, light and albedo are its own, and the segmenter
    says what is visible.

    Attributes:
        points: which points the encoder names.
        size: side in pixels of what the segmenter sees.
        segmenter: says what hides the face.
        term: how far the encoder's points are trusted.
    """

    points: SurfacePoints
    size: int
    segmenter: FaceSegmenter
    term: SurfaceTerm = field(default_factory=SurfaceTerm)

    def __call__(self, problem: FitProblem, surface: FittingSurface, config: FitConfig) -> FitState:
        """Points to a face, the face to a rendering, rendering and photo to a mask."""
        problem, config = encoded_problem(problem, self.points, surface.model, config, self.term)
        assert problem.encoded is not None
        coefficients = encoded_start(problem, surface.model, problem.encoded, config)
        rendering, region = draw_start(surface.model, coefficients, problem)
        logits = segment(self.segmenter, self.size, rendering, region, problem.photo)
        certain = torch.ones_like(problem.landmarks.weight)
        model = surface.model
        unknowns = Unknowns(model.identity_basis.shape[2], model.expression_basis.shape[2], config.albedo_modes)
        equations = prior_equations(coefficients, unknowns, config.prior, problem.likely_identity)
        equations = equations + landmark_equations(problem, coefficients, config.landmarks, certain)
        return FitState(coefficients, torch.sigmoid(logits) * region, rendering, equations)


def encoded_problem(
    problem: FitProblem, points: SurfacePoints, model: MorphableModel, config: FitConfig, term: SurfaceTerm
) -> tuple[FitProblem, FitConfig]:
    """The problem with the encoder's points alone as its landmarks, and settings that weigh them as ``term`` says."""
    assert problem.encoded is not None
    targets = surface_targets(problem.encoded, points, model, problem.photo.shape[-1], term)
    own_weights = replace(config.landmarks, effective_points=float(len(targets.mean)))
    return replace(problem, landmarks=targets), replace(config, landmarks=own_weights)


def segment(segmenter: FaceSegmenter, size: int, rendering: Rendering, region: Tensor, photo: Tensor) -> Tensor:
    """``(B, 1, S, S)`` log odds of a visible face, by a network that sees ``size`` pixels a side."""
    pictures = torch.cat([(rendering.image * region).clamp(0, 1), photo], dim=1)
    small = F.interpolate(pictures, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
    logits = segmenter(small[:, :3], small[:, 3:])
    return F.interpolate(logits, size=photo.shape[-2:], mode="bilinear", align_corners=False)
