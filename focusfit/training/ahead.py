"""Batches made ready while the device is still at work on the one before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch

from .stage import Stage


@dataclass(frozen=True)
class Upcoming:
    """A batch that waits for its iteration.

    Attributes:
        batch: as the data set gave it, on the device.
        presented: what the stage's losses get.
        iteration: for which that was made.
    """

    batch: Any
    presented: Any
    iteration: int


class Ahead:
    """Asks a stage for what it makes of photos alone (its member ``ahead``), on a CUDA stream of its own.

    What is made there is not to be let go before the host has waited for the iteration that it was made for.

    Args:
        stage: which may have no such member; its losses then get the batch itself.
        fetch: brings the next batch to the device.
        device: of the training.
    """

    def __init__(self, stage: Stage, fetch: Callable[[], Any], device: torch.device) -> None:
        self._present: Callable[[Any, int], Any] = getattr(stage, "ahead", lambda batch, iteration: batch)
        self._fetch = fetch
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None

    def next(self, iteration: int) -> Upcoming:
        """The next batch, for an iteration that may be to come; the device may still be at work on it."""
        aside = nullcontext() if self._stream is None else torch.cuda.stream(self._stream)
        with aside, torch.no_grad():
            batch = self._fetch()
            return Upcoming(batch, self._present(batch, iteration), iteration)

    def presented(self, upcoming: Upcoming, iteration: int) -> Any:
        """What the losses of ``iteration`` get: made anew where training has gone back to another one."""
        if self._stream is not None:
            torch.cuda.current_stream().wait_stream(self._stream)
        if upcoming.iteration == iteration:
            return upcoming.presented
        with torch.no_grad():
            return self._present(upcoming.batch, iteration)
