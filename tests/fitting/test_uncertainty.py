"""Laplace deviations."""

from __future__ import annotations

from dataclasses import replace

import torch

from focusfit.detection.face import DetectedFace
from focusfit.fitting.config import FitConfig
from focusfit.fitting.em import fit_batch
from focusfit.fitting.uncertainty import coefficient_deviation, fit_confidence
from tests.fitting.rendered_faces import render_faces


@torch.no_grad()
def test_deviations_tell_the_size_of_the_errors(open_model, surface):
    config = FitConfig()
    spread = config.prior.identity**-0.5  # what the prior promises
    faces = render_faces(open_model, 3, config, covered=False, spread=spread)
    state = fit_batch(faces.problem, surface, config)
    deviation = coefficient_deviation(state, open_model, surface)
    for name in ("identity", "expression", "rotation"):
        error = getattr(state.coefficients, name) - getattr(faces.truth, name)
        ratio = (error / getattr(deviation, name)).square().mean().sqrt()
        assert 1 / 3 < ratio < 3, name


@torch.no_grad()
def test_more_data_less_doubt(open_model, surface):
    config = FitConfig()
    faces = render_faces(open_model, 1, config, covered=False)
    state = fit_batch(faces.problem, surface, config)
    assert state.equations is not None
    twice = replace(state, equations=state.equations + state.equations)
    once, more = (coefficient_deviation(s, open_model, surface) for s in (state, twice))
    assert torch.allclose(more.identity * 2**0.5, once.identity, rtol=1e-2)
    assert once.identity.max() <= 1.01 * config.prior.identity**-0.5
    assert once.identity.mean() < config.prior.identity**-0.5
    assert torch.all(once.albedo[:, config.albedo_modes :] == 1)
    assert all(torch.isfinite(value).all() and (value > 0).all() for _, value in once.items())


@torch.no_grad()
def test_confidence_falls_with_what_is_hidden(open_model, surface):
    config = FitConfig()
    faces = render_faces(open_model, 1, config, covered=False)
    state = fit_batch(faces.problem, surface, config)
    sure, unsure = (DetectedFace((0, 0, 1, 1), score) for score in (0.9, 0.3))
    full = fit_confidence(faces.problem, state, 0, sure)
    hidden = fit_confidence(faces.problem, replace(state, visible=state.visible * 0.3), 0, sure)
    assert 0 < hidden < full <= 0.9
    assert fit_confidence(faces.problem, state, 0, unsure) < full
