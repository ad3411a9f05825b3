"""Step 1: the encoder learns to explain photos, from photos and landmarks alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ...data.face_batch import FaceBatch
from ...networks.encoder import FaceEncoder
from ...objectives.registry import Ingredients, weighted_terms
from ..input_config import DataConfig
from ..learning import build_optimizer, build_scheduler
from ..stage import StepLosses
from ..step_config import AutoencoderConfig
from ..weights import weights_of_encoder
from .face_stage import Look, Presented, explained_mask, look_at, look_figures, sheet, training_view, validation_look
from .ingredients import (
    TermContext,
    fit_ingredients,
    landmark_fit_ahead,
    recognition_ingredients,
    require_ingredients,
    visibility_ingredients,
)
from .step_losses import step_losses


class AutoencoderStage:
    """See :class:`focusfit.training.stage.Stage`.

    Args:
        encoder: what is trained.
        context: face model, judge and settings of the terms.
        config: of the step.
        data: how photos are moved and recoloured.
        iterations: of the whole training, for the learning rate's schedule.
    """

    name = "pretrain_mofa"

    def __init__(
        self,
        encoder: FaceEncoder,
        context: TermContext,
        config: AutoencoderConfig,
        data: DataConfig,
        iterations: int,
    ) -> None:
        self.config, self.context, self.data = config, context, data
        self.networks: Mapping[str, nn.Module] = {"encoder": encoder}
        self.judges: Mapping[str, nn.Module] = {} if context.recogniser is None else {"recogniser": context.recogniser}
        optimizer = build_optimizer(encoder, config.encoder)
        self.optimizers: Mapping[str, Optimizer] = {"encoder": optimizer}
        scheduler = build_scheduler(optimizer, config.encoder, iterations)
        self.schedulers: Mapping[str, Any] = {"encoder": scheduler}

    @property
    def encoder(self) -> FaceEncoder:
        """The network."""
        encoder = self.networks["encoder"]
        assert isinstance(encoder, FaceEncoder)
        return encoder

    def to(self, device: torch.device | str) -> None:
        """Move what is neither trained nor a judge."""
        self.context = self.context.to(device)

    def trained_at(self, iteration: int) -> str:
        """The encoder, always."""
        return "encoder"

    def ahead(self, batch: FaceBatch, iteration: int) -> Presented:
        """The photos as they are shown, and the fit of their landmarks."""
        view = training_view(batch, self.encoder.config.size, self.data)
        weights = weights_of_encoder(self.config.weights)
        return Presented(view, landmark_fit_ahead(self.context, view, weights, self.config.logged))

    def losses(self, presented: Presented, iteration: int) -> StepLosses:
        """Weighted terms of the configuration."""
        look = look_at(presented.view, self.encoder, self.context, presented.landmark_fit)
        ingredients = self.ingredients(look)
        weights = weights_of_encoder(self.config.weights)
        require_ingredients(weights, self.config.logged, ingredients, "step 1")
        terms = weighted_terms(weights, ingredients)
        accepted = explained_mask(look, self.context).sum() / look.region.sum().clamp(min=1)
        return step_losses(terms, ingredients, self.config.logged, {"explained_share": accepted})

    def ingredients(self, look: Look) -> Ingredients:
        """What this step's terms are made from."""
        given: Ingredients

        def visible() -> Tensor:
            return look.region if self.config.visible == "region" else given["posterior"]

        makers = fit_ingredients(self.context, look.view, look.fit, look.region, None, landmark_fit=look.landmark_fit)
        makers |= visibility_ingredients(look.view, look.region, visible)
        if self.context.recogniser is not None:
            makers |= recognition_ingredients(self.context.recogniser, look.view, look.fit, visible, visible)
        given = Ingredients(makers)
        return given

    def validate(self, batch: FaceBatch) -> Mapping[str, Tensor]:
        """Figures of the fit, and of the mask that is simply what the fit explains."""
        look = validation_look(batch, self.encoder, self.context)
        return look_figures(look, explained_mask(look, self.context), self.context)

    def pictures(self, batch: FaceBatch) -> Tensor:
        """Photo, rendering over it, explained pixels."""
        look = validation_look(batch, self.encoder, self.context)
        return sheet(look.view.photo, look.shown, look.region, explained_mask(look, self.context))
