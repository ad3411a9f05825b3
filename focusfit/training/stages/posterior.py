"""The E-step of one photo, given an encoder's fit."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...facemodel.morphable import MorphableModel
from ...fitting.misfit import shipped_misfit
from ...imaging.rendering import Rendering
from ...objectives.likelihood import explained
from ...objectives.visible_face import visible_face
from ..term_settings import TermSettings

DOUBT = 0.02
"""No opinion is more certain than this."""

ROUNDS = 2
"""How often noise and occluder colours are learned under the last posterior; a fit does it once a level."""


@dataclass(frozen=True, eq=False)
class KnownMisfit:
    """What the face model is known to miss.

    Attributes:
        triangles: ``(F + 1, 2)`` misfit of each triangle along its colour and in hue; the last row is no triangle's.
    """

    triangles: Tensor

    @classmethod
    def of(cls, model: MorphableModel) -> KnownMisfit:
        """The misfit that ships for ``model``; zeros where there is none."""
        prior = shipped_misfit(model)
        if prior is None:
            return cls(torch.zeros(len(model.triangles) + 1, 2, device=model.device))
        corners = torch.from_numpy(prior.colour).float().to(model.device)[model.triangles].mean(1)
        return cls(torch.cat([corners, corners.new_zeros(1, 2)]))

    def to(self, device: torch.device | str) -> KnownMisfit:
        """The same on another device."""
        return KnownMisfit(self.triangles.to(device))

    def at(self, rendering: Rendering) -> Tensor:
        """``(B, 2, S, S)`` at every pixel of a rendering, 0 outside the face."""
        return self.triangles[rendering.face_index.long()].permute(0, 3, 1, 2)


@torch.no_grad()
def photo_posterior(
    photo: Tensor,
    rendering: Tensor,
    region: Tensor,
    misfit: Tensor,
    opinion: Tensor | None,
    settings: TermSettings,
    balance: float = 0.0,
) -> Tensor:
    """Posterior ``(B, 1, S, S)`` of a visible face, what the photo itself says; 0 outside ``region``.

    It starts from the pixels that the rendering explains and, half and half, from somebody's ``opinion (B, 1, S, S)``:
    a segmenter that has gone wrong does not take its teacher along. The opinion is also the prior of every pixel, as
    far as the settings say; ``balance`` is how far its share of visible pixels is kept
    (:func:`~focusfit.objectives.mixing_share.rebalanced`).
    """
    first = explained(photo, rendering, region, settings.robust)
    other = torch.full_like(first, 0.5) if opinion is None else opinion
    prior = None
    if opinion is not None:
        # where the share is kept, nothing would hold against a bias that is handed on from turn to turn
        bias = settings.opinion.bias * (1 - balance)
        prior = settings.opinion.weight * torch.logit(opinion.clamp(DOUBT, 1 - DOUBT)) + bias
    visible = 0.5 * first + 0.5 * other * region
    for _ in range(ROUNDS):
        visible = visible_face(photo, rendering, region, visible, settings.posterior, misfit, prior, balance)
    return visible
