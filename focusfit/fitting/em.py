"""Expectation maximisation over a batch of faces, coarse to fine."""

from __future__ import annotations

from .config import FitConfig
from .expectation import Expectation, expectation, initial_visibility
from .first_light import start_light
from .fit_state import FitState
from .landmark_fit import fit_landmarks
from .maximization import maximization
from .problem import FitProblem
from .surface import FittingSurface


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
