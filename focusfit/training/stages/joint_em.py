"""Step 4 and adaptation: segmentation and reconstruction in turn, as expectation and maximisation."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ...data.augmentation import augment
from ...data.face_batch import FaceBatch
from ...networks.encoder import FaceEncoder
from ...networks.segmenter import FaceSegmenter
from ...objectives.registry import Ingredients, weighted_terms
from ..input_config import DataConfig
from ..learning import build_optimizer, build_scheduler
from ..stage import StepLosses
from ..step_config import EmConfig
from ..weights import weights_of_encoder, weights_of_segmenter
from .covered_lesson import CoveredLesson, CoveredPhotos, covered
from .energy import energy_figures
from .face_stage import (
    Look,
    Presented,
    look_at,
    look_figures,
    recoloured,
    sheet,
    training_view,
    validation_look,
)
from .ingredients import (
    TermContext,
    fit_ingredients,
    landmark_fit_ahead,
    recognition_ingredients,
    require_ingredients,
    visibility_ingredients,
)
from .step_losses import step_losses

FIRST = "first_segmenter"
"""The judge that is the segmenter as it was at the start."""


class JointStage:
    """See :class:`focusfit.training.stage.Stage`.

    Args:
        encoder: from step 1, or from an earlier run of this step.
        segmenter: from step 3, or likewise.
        context: face model, judge and settings of the terms.
        config: of the step.
        data: how photos are moved and recoloured.
        iterations: of the whole training, for the learning rates' schedules.
        name: of the stage.
    """

    def __init__(
        self,
        encoder: FaceEncoder,
        segmenter: FaceSegmenter,
        context: TermContext,
        config: EmConfig,
        data: DataConfig,
        iterations: int,
        name: str = "mofa_unet",
    ) -> None:
        self.name = name
        self.config, self.context, self.data = config, context, data
        self.networks: Mapping[str, nn.Module] = {"encoder": encoder, "segmenter": segmenter}
        self.judges: Mapping[str, nn.Module] = {} if context.recogniser is None else {"recogniser": context.recogniser}
        if config.remembered:
            self.judges = {**self.judges, FIRST: copy.deepcopy(segmenter).eval()}
        learning = {"encoder": config.encoder, "segmenter": config.segmenter}
        optimizers = {each: build_optimizer(network, learning[each]) for each, network in self.networks.items()}
        self.optimizers: Mapping[str, Optimizer] = optimizers
        self.schedulers: Mapping[str, Any] = {
            each: build_scheduler(optimizer, learning[each], iterations) for each, optimizer in optimizers.items()
        }

    @property
    def encoder(self) -> FaceEncoder:
        """Photo to coefficients."""
        encoder = self.networks["encoder"]
        assert isinstance(encoder, FaceEncoder)
        return encoder

    def to(self, device: torch.device | str) -> None:
        """Move what is neither trained nor a judge."""
        self.context = self.context.to(device)

    def trained_at(self, iteration: int) -> str:
        """As the configuration's blocks say; a cycle begins with the segmenter."""
        return self.config.alternation.trained_at(iteration)

    def ahead(self, batch: FaceBatch, iteration: int) -> Presented:
        """The photos as the network whose turn it is will see them."""
        size = self.encoder.config.size
        if self.trained_at(iteration) == "encoder":
            view = training_view(batch, size, self.data)
            fit = landmark_fit_ahead(self.context, view, self._weights(iteration), self.config.logged)
            return Presented(view, fit)
        # The posterior compares colours. A segmenter that saw the same ones would learn to compare them too, with
        # the same mistakes; other ones leave it what occluders look like.
        view = augment(batch, size, self.data.augmentation)
        seen = covered(recoloured(view, batch, self.data), batch.seed, self.config.covers)
        return Presented(view, None, seen)

    def losses(self, presented: Presented, iteration: int) -> StepLosses:
        """The E-step's or the M-step's terms, whichever network's turn it is."""
        look = look_at(presented.view, self.encoder, self.context, presented.landmark_fit)
        if presented.covered is None:
            lesson = None
            logits = self._logits(look, look.view.photo, constant=self.config.gradients == "detached")
        else:
            lesson = self._lesson(look, presented.covered)
            logits = self._logits(look, lesson.covered.photo, constant=False)
        ingredients = self.ingredients(look, logits, lesson)
        weights = self._weights(iteration)
        require_ingredients(weights, self.config.logged, ingredients, "step 4")
        terms = weighted_terms(weights, ingredients)
        seen = torch.sigmoid(logits.detach()) * look.region
        figures = {"mask_share": seen.sum() / look.region.sum().clamp(min=1)}
        return step_losses(terms, ingredients, self.config.logged, figures)

    def ingredients(self, look: Look, logits: Tensor, lesson: CoveredLesson | None = None) -> Ingredients:
        """What this step's terms are made from.

        Args:
            look: at a batch.
            logits: ``(B, 1, S, S)`` of the segmenter.
            lesson: what the segmenter saw for them, where it is the one that learns.
        """
        given: Ingredients

        def mask() -> Tensor:
            return torch.sigmoid(logits)

        def visible() -> Tensor:
            if self.config.visible == "posterior":
                return given["posterior"]
            return (mask() * look.region).detach()

        opinion = torch.sigmoid(logits.detach())
        if lesson is not None and lesson.remembered is not None:
            opinion = lesson.remembered
        makers = fit_ingredients(
            self.context, look.view, look.fit, look.region, opinion, self.config.balance, look.landmark_fit
        )
        if lesson is not None:
            makers |= lesson.told(makers, look.region)
        makers |= {"mask": mask, "logits": lambda: logits}
        makers |= visibility_ingredients(look.view, look.region, visible)
        if self.context.recogniser is not None:
            inside = lambda: given["mask"] * look.region  # noqa: E731
            makers |= recognition_ingredients(self.context.recogniser, look.view, look.fit, inside, visible)
        given = Ingredients(makers)
        return given

    def validate(self, batch: FaceBatch) -> Mapping[str, Tensor]:
        """Figures of fit and mask, and what both leave unexplained."""
        look = validation_look(batch, self.encoder, self.context)
        logits = self._logits(look, look.view.photo, constant=True)
        energy = energy_figures(look, logits, self.context, weights_of_encoder(self.config.weights))
        return {**look_figures(look, torch.sigmoid(logits), self.context), **energy}

    def pictures(self, batch: FaceBatch) -> Tensor:
        """Photo, rendering over it, mask."""
        look = validation_look(batch, self.encoder, self.context)
        return sheet(look.view.photo, look.shown, look.region, self._mask(look))

    def masks(self, batch: FaceBatch) -> tuple[Look, Tensor]:
        """A validation batch explained, and the segmenter's mask ``(B, 1, S, S)`` in its region."""
        look = validation_look(batch, self.encoder, self.context)
        return look, self._mask(look) * look.region

    def _mask(self, look: Look) -> Tensor:
        return torch.sigmoid(self._logits(look, look.view.photo, constant=True))

    def _weights(self, iteration: int) -> Mapping[str, float]:
        weigh = weights_of_encoder if self.trained_at(iteration) == "encoder" else weights_of_segmenter
        return weigh(self.config.weights)

    def _lesson(self, look: Look, seen: CoveredPhotos) -> CoveredLesson:
        remembered = None
        if self.config.remembered:
            with torch.no_grad():
                remembered = torch.sigmoid(self.judges[FIRST](look.shown, look.view.photo, look.region))
        return CoveredLesson(seen, remembered, self.config.remembered)

    def _logits(self, look: Look, photo: Tensor, constant: bool) -> Tensor:
        segmenter = self.networks["segmenter"]
        with torch.set_grad_enabled(torch.is_grad_enabled() and not constant):
            logits: Tensor = segmenter(look.shown, photo, look.region)
        return logits
