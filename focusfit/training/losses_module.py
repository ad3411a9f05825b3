"""A stage's losses as the one module that Fabric and DDP wrap."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from .stage import Stage, StepLosses


class Step:
    """A batch and its iteration, opaque to Fabric and DDP, which would look into a dataclass and rebuild it."""

    def __init__(self, batch: Any, iteration: int) -> None:
        self.batch, self.iteration = batch, iteration


class LossesOf(nn.Module):
    """The stage's losses as a module that owns just the network which learns: what DDP wraps to share gradients."""

    def __init__(self, stage: Stage, name: str) -> None:
        super().__init__()
        self.network = stage.networks[name]
        self._stage = (stage,)  # in a tuple, so that a stage that is a module itself is not taken for a child
        self.losses: StepLosses

    def forward(self, step: Step) -> Tensor:
        """The total; all of it is in ``losses``."""
        device = next(self.network.parameters()).device
        with torch.autocast(device.type, enabled=False):
            self.losses = self._stage[0].losses(step.batch, step.iteration)
        return self.losses.total
