"""What two networks make of a photo, without any refinement."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

from ..facemodel.morphable import SurfacePoints
from ..networks.interface import MaskNetwork
from .config import FitConfig
from .encoded_start import draw_start, encoded_start
from .fit_state import FitState
from .guidance import GuideConfig, guided_problem, segment
from .landmark_fit import landmark_equations
from .priors import prior_equations
from .problem import FitProblem
from .surface import FittingSurface
from .unknowns import Unknowns


@dataclass(frozen=True, eq=False)
class EncodedFit:
    """A way to fit a batch that an encoder has looked at, for :class:`focusfit.Fitter`'s ``solve``.

    Pose and shape are the least squares fit of the detector's and the encoder's points, light and albedo are the
    encoder's, and the segmenter says what is visible.

    Attributes:
        points: which points the encoder names.
        size: side in pixels of what the segmenter sees.
        segmenter: says what hides the face.
        guide: how far they are trusted.
    """

    points: SurfacePoints
    size: int
    segmenter: MaskNetwork
    guide: GuideConfig = field(default_factory=GuideConfig)

    def __call__(self, problem: FitProblem, surface: FittingSurface, config: FitConfig) -> FitState:
        """Points to a face, the face to a rendering, rendering and photo to a mask."""
        problem, config = guided_problem(problem, self.points, surface.model, config, self.guide)
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
