"""Photos become batches on the device: in worker processes, ahead of the iteration that wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from .photo_stream import PhotoDraw, PhotoStream, draw_of


@dataclass(frozen=True)
class TrainingData:
    """What a stage is trained and validated on.

    A batch is any object with ``.to(device)`` (which should copy with ``non_blocking=True``); it may have ``names``,
    the photos' names for reports of guards, and ``pin_memory()``, which returns the batch in page-locked memory.

    Attributes:
        training: map-style data set with a length, asked for ``training[draw]`` with a :class:`PhotoDraw`.
        validation: the same; always asked in order with the draws of epoch 0, so that its photos never change.
        collate: list of items to a batch; a function of a module, since worker processes run it.
    """

    training: Dataset[Any]
    validation: Dataset[Any]
    collate: Callable[[list[Any]], Any]


class Feed:
    """The training batches from a position on, each on the device when asked for."""

    def __init__(self, data: TrainingData, stream: PhotoStream, workers: int, device: torch.device) -> None:
        self.device = device
        loader = DataLoader(
            data.training,
            batch_sampler=stream,
            collate_fn=data.collate,
            generator=torch.Generator().manual_seed(stream.seed),  # else the global one would move at every start
            **_worker_options(workers, device),
        )
        self._batches: Iterator[Any] | None = iter(loader)

    def next(self) -> Any:
        """The next batch, on the device."""
        if self._batches is None:
            raise ValueError("the feed is closed")
        return next(self._batches).to(self.device)

    def close(self) -> None:
        """Let the worker processes go."""
        self._batches = None


class ValidationBatches:
    """This process's share of the validation photos, in order, with the indices of each batch."""

    def __init__(
        self,
        data: TrainingData,
        batch_size: int,
        workers: int,
        device: torch.device,
        seed: int,
        process: int = 0,
        processes: int = 1,
    ) -> None:
        photos = len(data.validation)  # type: ignore[arg-type]
        batches = [range(first, min(first + batch_size, photos)) for first in range(0, photos, batch_size)]
        self.draws = [[draw_of(index, 0, seed) for index in batch] for batch in batches[process::processes]]
        self.device = device
        self._loader = DataLoader(
            data.validation,
            batch_sampler=self.draws,
            collate_fn=data.collate,
            generator=torch.Generator().manual_seed(seed),
            **_worker_options(workers, device),
        )

    def __iter__(self) -> Iterator[tuple[Sequence[PhotoDraw], Any]]:
        for draws, batch in zip(self.draws, self._loader, strict=True):
            yield draws, batch.to(self.device)


def _worker_options(workers: int, device: torch.device) -> dict[str, Any]:
    options: dict[str, Any] = {"num_workers": workers, "pin_memory": device.type == "cuda"}
    return options | ({"persistent_workers": True, "prefetch_factor": 2} if workers else {})
