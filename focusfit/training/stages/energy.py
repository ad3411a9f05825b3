"""How well a fit and a mask explain photos that nobody learned from: nothing but their landmarks is known of them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from ...objectives.face_residuals import face_residuals
from ...objectives.registry import Ingredients, weighted_terms
from ...objectives.visible_face_config import VisibleFaceConfig
from .face_stage import Look
from .ingredients import TermContext, fit_ingredients, visibility_ingredients

LANDMARK_TERMS = (
    "landmark",
    "visible_landmark",
    "fitted_identity",
    "fitted_expression",
    "fitted_rotation",
    "regulariser",
    "prior",
)
"""Terms of the fit that no mask has a part in, as long as landmarks count as seen."""


def energy_figures(
    look: Look, logits: Tensor, context: TermContext, weights: Mapping[str, float]
) -> Mapping[str, Tensor]:
    """What expectation maximisation makes small, of each photo of a look; no truth is asked for.

    ``fit_energy``: the weighted terms of landmarks and coefficients. ``photo_energy``: see :func:`photo_energy`.
    ``energy``: their sum.

    Args:
        look: at a validation batch.
        logits: ``(B, 1, S, S)`` of the segmenter.
        context: of the stage.
        weights: of the encoder's terms.
    """
    makers = fit_ingredients(context, look.view, look.fit, look.region, None)
    makers |= visibility_ingredients(look.view, look.region, lambda: look.region)
    held = {name: weight for name, weight in weights.items() if name in LANDMARK_TERMS}
    nothing = look.view.photo.new_zeros(len(look.view))
    fit = sum(weighted_terms(held, Ingredients(makers)).values(), nothing)
    misfit = context.misfit.at(look.fit.rendering)
    photo = photo_energy(look.view.photo, look.shown, look.region, logits, misfit, context.settings.posterior)
    return {"fit_energy": fit, "photo_energy": photo, "energy": fit + photo}


@torch.no_grad()
def photo_energy(
    photo: Tensor, rendering: Tensor, region: Tensor, logits: Tensor, misfit: Tensor, config: VisibleFaceConfig
) -> Tensor:
    r""":math:`-\frac{1}{|M|}\sum_{p\in M}\log(m_p\,f_p + (1 - m_p)\,u)` of every photo, in nats.

    m is the mask, f the density of a pixel's colour under the rendering, with the noise that pixels under the mask
    show, u that of any colour. A mask that gives away what the rendering explains costs as one that keeps what it does
    not.

    Args:
        photo: ``(B, 3, S, S)``.
        rendering: ``(B, 3, S, S)`` of the fit.
        region: ``(B, 1, S, S)`` 1 where the model projects and the photo has pixels.
        logits: ``(B, 1, S, S)`` of the mask.
        misfit: ``(B, 2, S, S)`` that the face model is known to have.
        config: of the E-step, for the noise.

    Returns:
        ``(B,)``; 0 where the region is empty.
    """
    residuals = face_residuals(photo, rendering, region, region * torch.sigmoid(logits), config)
    face = residuals.explained_by(config.misfit * misfit).log_density() + F.logsigmoid(logits)
    other = math.log(config.uniform_density) + F.logsigmoid(-logits)
    evidence = torch.logaddexp(face, other)
    return -(region * evidence).sum((1, 2, 3)) / region.sum((1, 2, 3)).clamp(min=1)
