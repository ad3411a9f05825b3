"""One iteration: losses, gradients of the one network that learns, and its optimiser's step."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import clip_grads_with_norm_, get_total_norm

from .captured_step import Backward, CapturedStep
from .engine_config import EngineConfig
from .fabric import run_in_precision, share_buffers, use_synchronized_batch_norm
from .losses_module import LossesOf, Step
from .stage import Stage, StepLosses


@dataclass(frozen=True)
class Gradient:
    """What an iteration found before it steps.

    Attributes:
        network: name of the one that learns.
        losses: of this process's batch.
        sizes: total loss and norm of the gradient before clipping, ``(2,)``, over the batches of all processes.
    """

    network: str
    losses: StepLosses
    sizes: Tensor

    @cached_property
    def _numbers(self) -> tuple[float, float]:
        loss, norm = self.sizes.tolist()  # the one wait for the device in an iteration
        return loss, norm

    @property
    def loss(self) -> float:
        """Total, mean over all processes."""
        return self._numbers[0]

    @property
    def norm(self) -> float:
        """Of the gradient of that mean, before clipping."""
        return self._numbers[1]


class Optimisation:
    """A stage's networks on their device, with their gradients shared by all processes.

    Args:
        fabric: launched.
        stage: what is trained; its networks are moved to the device.
        config: clipping and batch normalisation.
    """

    def __init__(self, fabric: Fabric, stage: Stage, config: EngineConfig) -> None:
        self.fabric, self.stage = fabric, stage
        self.clip = config.clip
        self.freeze_batch_norm = config.freeze_batch_norm
        self.judges: Mapping[str, nn.Module] = getattr(stage, "judges", {})
        for network in (*stage.networks.values(), *self.judges.values()):
            if fabric.device.type == "cuda":
                network.to(fabric.device, memory_format=torch.channels_last)
            network.to(fabric.device)
        for judge in self.judges.values():
            judge.eval().requires_grad_(False)
        for network in stage.networks.values():
            use_synchronized_batch_norm(fabric, network)
        if config.compiled:
            for network in (*stage.networks.values(), *self.judges.values()):
                for part in network.children():
                    part.compile()
        if hasattr(stage, "to"):
            stage.to(fabric.device)
        self._learnable = {
            name: [parameter for parameter in network.parameters() if parameter.requires_grad]
            for name, network in stage.networks.items()
        }
        self._modules = {name: LossesOf(stage, name) for name in stage.optimizers}
        self._shared = {name: fabric.setup_module(module) for name, module in self._modules.items()}
        self._optimizers: dict[str, Any] = {
            name: fabric.setup_optimizers(optimizer) for name, optimizer in stage.optimizers.items()
        }
        self._buffers = {name: list(stage.networks[name].buffers()) for name in stage.optimizers}
        self._buffers_before = {name: [each.clone() for each in buffers] for name, buffers in self._buffers.items()}
        self._steps = {name: self._step_of(name, config) for name in self._modules}
        self._learning: str | None = None
        self._schedules_moved = False

    @contextmanager
    def precision(self) -> Iterator[None]:
        """Networks run in the precision of Fabric inside this context."""
        with ExitStack() as undo:
            # a judge is asked by its methods; what these call are its parts
            parts = [part for judge in self.judges.values() for part in judge.children()]
            for network in (*self.stage.networks.values(), *parts):
                for handle in run_in_precision(self.fabric, network):
                    undo.callback(handle.remove)
            yield

    def backward(self, batch: Any, iteration: int) -> Gradient:
        """Losses of a batch and their gradient, which waits for :meth:`step` or :meth:`forget`."""
        name = self.stage.trained_at(iteration)
        self._let_learn(name)
        self._copy(self._buffers[name], self._buffers_before[name])
        losses, sizes = self._steps[name](batch, iteration)
        return Gradient(name, losses, sizes)

    def _step_of(self, name: str, config: EngineConfig) -> Backward | CapturedStep:
        backward = partial(self._backward, name)
        alone_on_gpu = self.fabric.device.type == "cuda" and self.fabric.world_size == 1
        if not (config.captured and alone_on_gpu and self.scaler is None):
            return backward
        return CapturedStep(backward, self._optimizers[name].zero_grad)

    def _backward(self, name: str, batch: Any, iteration: int) -> tuple[StepLosses, Tensor]:
        """Losses, and their gradient, clipped; total and norm before that."""
        module = self._shared[name]
        total = module(Step(batch, iteration))
        self.fabric.backward(total, model=module)
        if self.scaler is not None:
            self.scaler.unscale_(self.stage.optimizers[name])
        norm = get_total_norm([each.grad for each in self._learnable[name] if each.grad is not None])
        if self.clip is not None:
            clip_grads_with_norm_(self._learnable[name], self.clip, norm)
        loss = self.fabric.all_reduce(total.detach(), reduce_op="mean")
        assert isinstance(loss, Tensor)
        return self._modules[name].losses, torch.stack([loss.float(), norm.float()])

    def step(self, gradient: Gradient) -> None:
        """Move the network along its gradient."""
        self._optimizers[gradient.network].step()
        self._let_gradients_go(gradient.network)
        if not self.freeze_batch_norm:
            share_buffers(self.fabric, self._buffers[gradient.network])

    def forget(self, gradient: Gradient) -> None:
        """Drop the gradient, and what the batch did to the network's running statistics."""
        self._copy(self._buffers_before[gradient.network], self._buffers[gradient.network])
        self._let_gradients_go(gradient.network)
        if self.scaler is not None:
            self.scaler.update()  # it is told of every gradient, and lowers its factor after one that overflowed

    def _let_gradients_go(self, name: str) -> None:
        step = self._steps[name]
        if isinstance(step, CapturedStep):
            step.let_gradients_go()
        else:
            self._optimizers[name].zero_grad(set_to_none=True)

    @property
    def scaler(self) -> torch.amp.GradScaler | None:
        """What keeps gradients of 16 bit networks within their range; None in other precisions."""
        return getattr(self.fabric.strategy.precision, "scaler", None)

    def overflowed(self, gradient: Gradient) -> bool:
        """Whether the gradient is infinite only because the scaler's factor is still too high for 16 bits."""
        scaled = self.scaler is not None and self.scaler.get_scale() > 1.0
        return scaled and math.isfinite(gradient.loss) and not math.isfinite(gradient.norm)

    def advance_schedules(self) -> None:
        """The end of an iteration, stepped or skipped."""
        with warnings.catch_warnings():
            if not self._schedules_moved:  # a schedule complains when its network has not learned yet
                warnings.filterwarnings("ignore", message="Detected call of `lr_scheduler.step")
            for scheduler in self.stage.schedulers.values():
                scheduler.step()
        self._schedules_moved = True

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """All networks in eval mode and without gradients, for validation and pictures."""
        for network in self.stage.networks.values():
            network.eval()
        self._learning = None
        with torch.no_grad():
            yield

    @staticmethod
    @torch.no_grad()
    def _copy(source: list[Tensor], target: list[Tensor]) -> None:
        for kind in {each.dtype for each in source}:  # torch copies tensors of one kind together, others one by one
            pairs = [(t, s) for t, s in zip(target, source, strict=True) if s.dtype == kind]
            torch._foreach_copy_([t for t, _ in pairs], [s for _, s in pairs])

    def _let_learn(self, name: str) -> None:
        if self._learning == name:
            return
        for other, network in self.stage.networks.items():
            network.train(other == name)
            for parameter in self._learnable[other]:
                parameter.requires_grad_(other == name)
        if self.freeze_batch_norm:
            for module in self.stage.networks[name].modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        self._learning = name
