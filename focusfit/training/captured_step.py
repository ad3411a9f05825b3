"""An iteration's gradient as one CUDA graph: thousands of small kernels for the price of one launch.

On a GPU of today the host takes longer to launch the kernels of a step than the device to run them. A graph is recorded
once and replayed with other photos; what the host does in between (which terms, which shapes) must not change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import torch
from torch import Tensor

from ..errors import TrainingError
from .stage import StepLosses

WARM_UP = 3
"""Iterations before a graph is recorded: libraries choose their algorithms, kernels are compiled."""

Backward = Callable[[Any, int], "tuple[StepLosses, Tensor]"]


class CapturedStep:
    """Losses and gradients of one network, recorded at the fourth call and replayed from then on.

    Batches are to be dataclasses of tensors and of such dataclasses; others are never recorded. One that is not like
    the one that was recorded (it happens to hold no synthetic face, say) is launched kernel by kernel; if those after
    it are neither, a new graph is recorded. Gradients stay where they were recorded: nobody may set them to None.

    Args:
        backward: fills the gradients for a batch at an iteration; returns the losses, and total and norm ``(2,)``. It
            waits for the device nowhere, and does the same at every iteration.
        zero_grad: of the network's optimiser; told whether gradients are to be None or numbers.
    """

    def __init__(self, backward: Backward, zero_grad: Callable[[bool], None]) -> None:
        self._backward, self._zero_grad = backward, zero_grad
        self._unlike = 0
        self._stream = torch.cuda.Stream()
        self._calls = 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._batch: Any = None
        self._recorded: tuple[StepLosses, Tensor]

    def __call__(self, batch: Any, iteration: int) -> tuple[StepLosses, Tensor]:
        """What ``backward(batch, iteration)`` returns.

        Raises:
            TrainingError: the iteration waits for the device somewhere.
        """
        self._calls += 1
        if self._calls <= WARM_UP or not is_dataclass(batch):  # of other batches nobody knows the tensors
            return self._on_side_stream(batch, iteration)
        if self._graph is not None and not _copy(batch, self._batch):
            self._unlike += 1
            if self._unlike <= WARM_UP:
                self._zero_grad(False)
                return self._on_side_stream(batch, iteration)
            self._graph = None
        self._unlike = 0
        if self._graph is None:
            self._graph = self._record(batch, iteration)
        self._graph.replay()
        losses, sizes = self._recorded
        # the next replay writes to the same places
        each = [losses.total, *losses.terms.values(), *losses.figures.values()]
        numbers = torch.stack([value.detach().float() for value in each])
        total, *rest = numbers.unbind()
        terms = dict(zip(losses.terms, rest[: len(losses.terms)], strict=True))
        figures = dict(zip(losses.figures, rest[len(losses.terms) :], strict=True))
        return StepLosses(total, terms, figures), sizes.clone()

    def let_gradients_go(self) -> None:
        """Set gradients to None, unless they have their places."""
        if self._graph is None:
            self._zero_grad(True)

    def _on_side_stream(self, batch: Any, iteration: int) -> tuple[StepLosses, Tensor]:
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            losses, sizes = self._backward(batch, iteration)
        torch.cuda.current_stream().wait_stream(self._stream)
        return StepLosses(losses.total.detach(), losses.terms, losses.figures), sizes

    def _record(self, batch: Any, iteration: int) -> torch.cuda.CUDAGraph:
        self._zero_grad(True)
        self._batch = batch
        graph = torch.cuda.CUDAGraph()
        try:
            # other threads, which page-lock the next batches say, may go on meanwhile
            with torch.cuda.graph(graph, stream=self._stream, capture_error_mode="thread_local"):
                self._recorded = self._backward(batch, iteration)
        except RuntimeError as error:
            raise TrainingError(
                f"an iteration cannot be recorded as a CUDA graph ({error})",
                remedy="Train with the engine's setting captured=false.",
            ) from error
        return graph


def _copy(source: Any, target: Any) -> bool:
    """Copy every tensor of a batch into another one; False where they do not go together."""
    sources, targets = _tensors(source), _tensors(target)
    if [(each.shape, each.dtype) for each in sources] != [(each.shape, each.dtype) for each in targets]:
        return False
    for one, other in zip(sources, targets, strict=True):
        other.copy_(one)
    return True


def _tensors(batch: Any) -> list[Tensor]:
    found: list[Tensor] = []
    for each in fields(batch):
        value = getattr(batch, each.name)
        if isinstance(value, Tensor):
            found.append(value)
        elif is_dataclass(value):
            found += _tensors(value)
    return found
