"""What the engine asks of a stage in an iteration."""

from __future__ import annotations

from typing import Any

import torch

from focusfit.training.stage import Stage, StepLosses


def losses_of(stage: Stage, batch: Any, iteration: int) -> StepLosses:
    """Losses of a batch as its data set gave it."""
    if not hasattr(stage, "ahead"):
        return stage.losses(batch, iteration)
    with torch.no_grad():
        presented = stage.ahead(batch, iteration)
    return stage.losses(presented, iteration)
