"""Step 3: the segmenter learns the pseudo labels of step 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from ...data.augmentation import frame_middle
from ...data.face_batch import FaceBatch
from ...data.framed_faces import FramedFaces
from ...networks.segmenter import FaceSegmenter
from ...objectives.registry import Ingredients, weighted_terms
from ..figures import mask_figures
from ..input_config import DataConfig
from ..learning import build_optimizer, build_scheduler
from ..stage import StepLosses
from ..step_config import SegmenterStepConfig
from ..weights import weights_of_segmenter
from .face_stage import sheet, training_view
from .ingredients import require_ingredients
from .step_losses import step_losses

DARKEST = 0.5 / 255
"""Stored renderings are above this in some colour wherever the face projects, and 0 elsewhere."""


class SegmenterStage:
    """See :class:`focusfit.training.stage.Stage`; batches have ``rendering`` and ``label``.

    Args:
        segmenter: what is trained.
        config: of the step.
        data: how photos are moved and recoloured.
        iterations: of the whole training, for the learning rate's schedule.
    """

    name = "pretrain_unet"

    def __init__(
        self, segmenter: FaceSegmenter, config: SegmenterStepConfig, data: DataConfig, iterations: int
    ) -> None:
        self.config, self.data = config, data
        self.networks: Mapping[str, nn.Module] = {"segmenter": segmenter}
        optimizer = build_optimizer(segmenter, config.segmenter)
        self.optimizers: Mapping[str, Optimizer] = {"segmenter": optimizer}
        scheduler = build_scheduler(optimizer, config.segmenter, iterations)
        self.schedulers: Mapping[str, Any] = {"segmenter": scheduler}

    def trained_at(self, iteration: int) -> str:
        """The segmenter, always."""
        return "segmenter"

    def ahead(self, batch: FaceBatch, iteration: int) -> FramedFaces:
        """The photos as they are shown."""
        return training_view(batch, batch.canvas, self.data)

    def losses(self, view: FramedFaces, iteration: int) -> StepLosses:
        """Weighted terms of the configuration."""
        region = labelled_region(view)
        logits = self._logits(view, region)
        ingredients = label_ingredients(view, region, logits)
        weights = weights_of_segmenter(self.config.weights)
        require_ingredients(weights, self.config.logged, ingredients, "step 3")
        share = (torch.sigmoid(logits.detach()) * region).sum() / region.sum().clamp(min=1)
        return step_losses(weighted_terms(weights, ingredients), ingredients, self.config.logged, {"mask_share": share})

    def validate(self, batch: FaceBatch) -> Mapping[str, Tensor]:
        """Agreement with the labels, and with the truth where it is known."""
        view = frame_middle(batch, batch.canvas)
        region = labelled_region(view)
        mask = torch.sigmoid(self._logits(view, region))
        assert view.label is not None
        everybody = torch.ones_like(view.mask_known)
        agreement = mask_figures(mask, region, view.label, everybody, view.inside)["mask_accuracy"]
        figures = {
            "label_agreement": agreement,
            "mask_share": (mask * region).sum((1, 2, 3)) / region.sum((1, 2, 3)).clamp(min=1),
        }
        if view.visible_face is not None:
            figures |= mask_figures(mask, region, view.visible_face, view.mask_known, view.inside)
        return figures

    def pictures(self, batch: FaceBatch) -> Tensor:
        """Photo, rendering over it, mask, label."""
        view = frame_middle(batch, batch.canvas)
        region = labelled_region(view)
        assert view.rendering is not None
        assert view.label is not None
        mask = torch.sigmoid(self._logits(view, region))
        shown = sheet(view.photo, view.rendering, region, mask)
        return torch.cat([shown, view.label.expand(-1, 3, -1, -1)], dim=3)

    def _logits(self, view: FramedFaces, region: Tensor) -> Tensor:
        assert view.rendering is not None
        logits: Tensor = self.networks["segmenter"](view.rendering, view.photo, region)
        return logits


def labelled_region(view: FramedFaces) -> Tensor:
    """``(B, 1, S, S)`` 1 where the stored rendering shows the face and the photo has pixels."""
    assert view.rendering is not None
    return (view.rendering.amax(1, keepdim=True) > DARKEST).float() * view.inside


def label_ingredients(view: FramedFaces, region: Tensor, logits: Tensor) -> Ingredients:
    """What the terms of this step are made from."""
    label = view.label
    assert label is not None
    unknown = torch.zeros_like(label)
    return Ingredients(
        {
            "photo": lambda: view.photo,
            "rendering": lambda: view.rendering,
            "region": lambda: region,
            "logits": lambda: logits,
            "mask": lambda: torch.sigmoid(logits),
            "pseudo_labels": lambda: label,
            "posterior": lambda: label * region,
            "true_visible": lambda: unknown if view.visible_face is None else view.visible_face,
            "mask_known": lambda: view.mask_known,
        }
    )
