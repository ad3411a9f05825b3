"""What the engine asks of a training stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor, nn
from torch.optim import Optimizer


@dataclass(frozen=True)
class StepLosses:
    """The losses of one iteration.

    Attributes:
        total: scalar to be minimised, with its graph.
        terms: every weighted term by name, detached scalars; their sum is ``total``.
        figures: other scalars worth logging (mask area, accepted share ...), detached.
    """

    total: Tensor
    terms: Mapping[str, Tensor]
    figures: Mapping[str, Tensor]


class Stage(Protocol):
    """One stage of training: which networks it holds, and how an iteration goes.

    The engine owns the loop: devices, gradients, optimiser steps, schedules, averaging, checkpoints, logs and guards.
    In mixed precision the networks' own forward passes run in 16 bits and hand out 32; all else stays in 32 bits.
    On one GPU the losses of a network are recorded once as a CUDA graph: what they depend on must be in the batch's
    tensors, and nothing may wait for the device (:mod:`.captured_step`; the engine's ``captured`` turns it off).

    Three more members are looked for, and may be absent: ``judges``, by name the frozen networks that the losses
    consult (a recogniser, say), which the engine moves to the device and runs like the others without saving them;
    ``to(device)``, called once before the first batch, for whatever else the stage keeps (a face model, say); and
    ``ahead(batch, iteration)``, what needs no network that learns (augmentation, say), made while the device is at work
    on the iteration before (:mod:`.ahead`): the losses then get its result, a dataclass, instead of the batch. It runs
    without gradients and takes random numbers from the batch's seeds alone, since it comes before the checkpoint of the
    iteration before; it may be asked twice for one batch. Tensors in its result are whole ones, none of them expanded.

    Attributes:
        name: of the stage, also the name of its folder.
        networks: every network whose weights belong to the stage's result, trained or not.
        optimizers: by name of the network that each one trains.
        schedulers: by the same names; stepped after every iteration.
    """

    name: str
    networks: Mapping[str, nn.Module]
    optimizers: Mapping[str, Optimizer]
    schedulers: Mapping[str, Any]

    def trained_at(self, iteration: int) -> str:
        """Name of the one network that iteration ``iteration`` trains; the others stand still in eval mode."""
        ...

    def losses(self, batch: Any, iteration: int) -> StepLosses:
        """Losses of a batch that is on the device already, or of what ``ahead`` made of it."""
        ...

    def validate(self, batch: Any) -> Mapping[str, Tensor]:
        """Figures of a validation batch, each ``(B,)``: one number a photo, so that means are over photos."""
        ...

    def pictures(self, batch: Any) -> Tensor:
        """``(B, 3, H, W)`` sheet in [0, 1] for people: photo, rendering, mask side by side for each face."""
        ...
