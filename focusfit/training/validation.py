"""Figures of the whole validation set: means over photos, not over batches, and the same in any number of processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch.distributed
from lightning_fabric import Fabric

from ..errors import TrainingError
from .feed import ValidationBatches
from .stage import Stage


def validate(stage: Stage, batches: ValidationBatches, fabric: Fabric) -> Mapping[str, float]:
    """Mean of each of the stage's figures over all photos that have it: a nan leaves its photo out of that figure.

    Networks must stand still already.

    Raises:
        TrainingError: the stage gave another number of figures than the batch has photos.
    """
    mine: dict[str, dict[int, float]] = {}
    for draws, batch in batches:
        for name, values in stage.validate(batch).items():
            numbers = values.detach().cpu().double().flatten().tolist()
            if len(numbers) != len(draws):
                raise TrainingError(
                    f"validation figure {name!r} of stage {stage.name!r} has {len(numbers)} values for {len(draws)} "
                    "photos",
                    remedy="It must have one a photo.",
                )
            mine.setdefault(name, {}).update(zip(map(int, draws), numbers, strict=True))
    everyones = gathered(mine, fabric)
    means = {}
    for name in dict.fromkeys(name for part in everyones for name in part):
        by_photo = {index: value for part in everyones for index, value in part.get(name, {}).items()}
        ordered = np.array([by_photo[index] for index in sorted(by_photo)])  # one order, so one rounding
        known = ordered[~np.isnan(ordered)]
        means[name] = float(known.mean()) if len(known) else float("nan")
    return means


def gathered(mine: Any, fabric: Fabric) -> list[Any]:
    """What each process has, in the order of their ranks, for all of them."""
    if fabric.world_size == 1:
        return [mine]
    parts: list[Any] = [None] * fabric.world_size
    torch.distributed.all_gather_object(parts, mine)
    return parts
