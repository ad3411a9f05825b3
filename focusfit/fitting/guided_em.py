"""Expectation maximisation with two networks beside it: where the surface is, and what hides it."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import SurfacePoints
from ..networks.interface import MaskNetwork
from ..networks.surface_encoder import EncodedFace
from ..objectives.visible_face import visible_face
from .config import FitConfig
from .encoded_start import draw_start, with_encoded_colours
from .expectation import initial_visibility, known_misfit
from .first_light import start_light
from .fit_state import FitState
from .guidance import GuideConfig, guided_problem, opinion_prior, segment
from .landmark_fit import fit_landmarks
from .maximization import landmark_visibility, maximization
from .problem import FitProblem
from .surface import FittingSurface


@dataclass(frozen=True, eq=False)
class GuidedEM:
    """A way to fit a batch that an encoder has looked at, for :class:`focusfit.Fitter`'s ``solve``.

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
        """Look, start, and alternate."""
        encoded = problem.encoded
        assert encoded is not None
        problem, config = guided_problem(problem, self.points, surface.model, config, self.guide)
        coefficients = fit_landmarks(problem, surface.model, config)
        prior, region = self._prior(problem, surface, encoded, coefficients)
        seen = landmark_visibility(problem, torch.sigmoid(prior) * region, region, config.landmarks.hidden_trust)
        coefficients = fit_landmarks(problem, surface.model, config, seen)
        coefficients = start_light(problem, surface, coefficients, config, torch.sigmoid(prior))
        state = initial_visibility(problem, surface, coefficients, config)
        state = FitState(state.coefficients, state.visible * torch.sigmoid(prior), state.rendering)
        for level in range(len(config.levels)):
            state = self._expect(problem, surface, state, config, prior)
            state = maximization(problem, surface, state, config, level)
        return self._expect(problem, surface, state, config, prior)

    def _prior(
        self, problem: FitProblem, surface: FittingSurface, encoded: EncodedFace, geometry: FaceCoefficients
    ) -> tuple[Tensor, Tensor]:
        """``(B, 1, S, S)`` log odds of a visible face, and the region of the start."""
        start = with_encoded_colours(geometry, encoded)
        rendering, region = draw_start(surface.model, start, problem)
        logits = segment(self.segmenter, self.size, rendering, region, problem.photo)
        return opinion_prior(logits, region, self.guide), region

    def _expect(
        self, problem: FitProblem, surface: FittingSurface, state: FitState, config: FitConfig, prior: Tensor
    ) -> FitState:
        rendering, region = draw_start(surface.model, state.coefficients, problem)
        previous = torch.where(state.rendering.region.bool(), state.visible, torch.sigmoid(prior))
        misfit = known_misfit(surface, rendering)
        visible = visible_face(
            problem.photo, rendering.image, region, previous, config.visible_face, misfit, prior=prior
        )
        return FitState(state.coefficients, visible, rendering, state.equations)
