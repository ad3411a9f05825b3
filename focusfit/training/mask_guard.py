"""Watches a segmenter's masks on fixed validation faces with known occluders."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.utils.data import Dataset

from ..data.face_batch import FaceBatch, FaceItem, collate
from .collapse_guard import CollapseGuard, MaskHealth
from .stages.joint_em import JointStage
from .stages.posterior import photo_posterior
from .training_faces import occluded_item

WATCHED = 16
"""Faces that are looked at: enough for two steady means, few enough to look every few iterations."""

SETTLING = 50
"""Iterations before the first look; a shorter run is not watched."""


def mask_guard(stage: JointStage, validation: Dataset[FaceItem]) -> CollapseGuard:
    """A guard over the first faces of ``validation``, clean photos with an occluder painted over each."""
    count = min(WATCHED, len(validation))  # type: ignore[arg-type]
    items = [validation[index] for index in range(count)]
    batch = collate([item if _occluded(item) else occluded_item(item, k) for k, item in enumerate(items)])
    return CollapseGuard(lambda: mask_health(stage, batch), begin=SETTLING)


def mask_health(stage: JointStage, batch: FaceBatch) -> MaskHealth:
    """Mask share, and soft IoU of the masks with what the photos themselves and their known occluders say."""
    device = next(stage.encoder.parameters()).device
    look, mask = stage.masks(batch.to(device))
    context, region = stage.context, look.region
    settings = context.settings
    misfit = context.misfit.at(look.fit.rendering)
    expected = photo_posterior(look.view.photo, look.shown, region, misfit, None, settings)
    if look.view.visible_face is not None:
        known = look.view.mask_known[:, None, None, None]
        expected = torch.where(known, torch.minimum(expected, look.view.visible_face), expected)
    share = _sums(mask) / _sums(region).clamp(min=1)
    overlap = _sums(torch.minimum(mask, expected)) / _sums(torch.maximum(mask, expected)).clamp(min=1)
    return MaskHealth(share.mean().item(), overlap.mean().item())


def _sums(picture: Tensor) -> Tensor:
    return picture.sum((1, 2, 3))


def _occluded(item: FaceItem) -> bool:
    """Whether at least a twentieth of a known face is known to be hidden."""
    if item.visible_face is None or item.face_region is None:
        return False
    region = item.face_region > 127
    return bool((item.visible_face[region] < 127).mean() > 0.05) if region.any() else False
