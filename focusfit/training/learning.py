"""How a network learns: its optimiser and the schedule of its learning rate."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from torch import nn
from torch.optim import Adadelta, AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR

from ..errors import TrainingError


@dataclass(frozen=True)
class Schedule:
    """A factor on the learning rate that changes with the iteration.

    Attributes:
        shape: ``constant``; ``step``: times ``factor`` after every ``every`` iterations; ``cosine``: a linear warm-up,
            then half a cosine down to ``final``; ``one_cycle``: the same, with half a cosine up for warm-up.
        every: iterations between two steps; of ``step`` alone.
        factor: of one step; of ``step`` alone.
        warm_up: share of the iterations in which the rate rises; of ``cosine`` and ``one_cycle``.
        first: factor at the first iteration; of ``cosine`` and ``one_cycle``.
        final: factor at the last iteration; of ``cosine`` and ``one_cycle``.
    """

    shape: Literal["constant", "step", "cosine", "one_cycle"] = "constant"
    every: int = 5000
    factor: float = 0.99
    warm_up: float = 0.05
    first: float = 0.04
    final: float = 0.001

    def __post_init__(self) -> None:
        if self.every < 1:
            raise TrainingError(f"every is {self.every}", remedy="It must be at least 1.")
        if not 0.0 <= self.warm_up < 1.0:
            raise TrainingError(f"warm_up is {self.warm_up}", remedy="A share of the iterations lies in [0, 1).")

    def at(self, iteration: int, iterations: int) -> float:
        """The factor at ``iteration`` of ``iterations``; after the last, that of the last."""
        if self.shape == "constant":
            return 1.0
        if self.shape == "step":
            return self.factor ** (iteration // self.every)
        done = min(iteration / max(iterations - 1, 1), 1.0)
        if done < self.warm_up:
            risen = done / self.warm_up
            risen = risen if self.shape == "cosine" else _half_cosine(risen)
            return self.first + (1.0 - self.first) * risen
        return 1.0 + (self.final - 1.0) * _half_cosine((done - self.warm_up) / (1.0 - self.warm_up))


def _half_cosine(x: float) -> float:
    """0 at 0, 1 at 1, flat at both."""
    return 0.5 - 0.5 * math.cos(math.pi * x)


@dataclass(frozen=True)
class Learning:
    """An optimiser and its schedule.

    Attributes:
        optimizer: by name.
        rate: learning rate, before the schedule's factor.
        weight_decay: of weights with two dimensions or more; biases and normalisations have none.
        schedule: of the rate.
    """

    optimizer: Literal["adadelta", "adamw"] = "adamw"
    rate: float = 1e-3
    weight_decay: float = 0.0
    schedule: Schedule = field(default_factory=Schedule)

    def __post_init__(self) -> None:
        if not self.rate > 0.0:
            raise TrainingError(f"rate is {self.rate}", remedy="A learning rate must be above 0.")

    def rate_at(self, iteration: int, iterations: int) -> float:
        """Learning rate at ``iteration`` of ``iterations``."""
        return self.rate * self.schedule.at(iteration, iterations)


_OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {"adadelta": Adadelta, "adamw": partial(AdamW, fused=True)}


def build_optimizer(network: nn.Module, learning: Learning) -> Optimizer:
    """An optimiser of all parameters of ``network``; Adadelta has torch's constants, as the reference's."""
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": learning.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    kind = _OPTIMIZERS[learning.optimizer]
    return kind([group for group in groups if group["params"]], lr=learning.rate)


def build_scheduler(optimizer: Optimizer, learning: Learning, iterations: int) -> LambdaLR:
    """Steps the learning rate of ``optimizer``, once an iteration."""
    return LambdaLR(optimizer, lambda iteration: learning.schedule.at(iteration, iterations))
