"""What a training writes for people: csv tables, TensorBoard's scalars and images, picture sheets, a progress line."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import torch
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from .csv_log import CsvLog


class Journal:
    """The records of one run, kept by its first process.

    ``losses_NETWORK.csv`` (weighted terms, figures and learning rate of the network that learned), ``validation.csv``
    and ``events.csv`` are the same for the same seed; ``timings.csv`` is not. ``pictures/`` has the sheets.

    Args:
        folder: of the run.
        name: of the stage.
        iterations: of the whole run, for the time left.
        start: iteration that the run goes on from; rows after it are taken back.
    """

    def __init__(self, folder: Path, name: str, iterations: int, start: int) -> None:
        self.folder = folder
        self._tables: dict[str, CsvLog] = {}
        for path in folder.glob("*.csv"):
            if path.stem in ("validation", "timings") or path.stem.startswith("losses_"):
                self._table(path.stem)
        self._events = CsvLog(folder / "events.csv")
        self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=start + 1 if start else None)
        columns = (
            TextColumn(name),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[losses]}"),
        )
        self._console = Console(stderr=True)
        self._bar = Progress(*columns, console=self._console, disable=not self._console.is_terminal)
        self._task = self._bar.add_task(name, total=iterations, completed=start, rate="", losses="")
        self._bar.start()
        self._logged, self._since = start, time.perf_counter()
        self.take_back(start)

    def losses(self, iteration: int, network: str, values: Mapping[str, float]) -> None:
        """Means since the last row, of one network."""
        self._table(f"losses_{network}").append(iteration, values)
        for name, value in values.items():
            self._board.add_scalar(f"{network}/{name}", value, iteration)
        shown = " ".join(f"{name} {value:.4g}" for name, value in list(values.items())[:4])
        self._bar.update(self._task, losses=f"{network}: {shown}")

    def timing(self, iteration: int, photos: int, waited: float) -> None:
        """Photos trained on since the last row; ``waited`` seconds of that time went into getting them."""
        now = time.perf_counter()
        seconds = max(now - self._since, 1e-9)
        rate = photos / seconds
        row = {"seconds": seconds, "photos_per_second": rate, "waiting_share": waited / seconds}
        self._table("timings").append(iteration, row)
        self._board.add_scalar("photos_per_second", rate, iteration)
        self._bar.update(self._task, completed=iteration, rate=f"{rate:.1f} photos/s")
        self._since = now

    def advance(self, iteration: int) -> None:
        """So many iterations are done."""
        self._bar.update(self._task, completed=iteration)

    def pause(self, seconds: float) -> None:
        """Time spent on something else than training, which no rate should count."""
        self._since += seconds

    def validation(self, iteration: int, figures: Mapping[str, float]) -> None:
        """Means over the whole validation set."""
        self._table("validation").append(iteration, figures)
        for name, value in figures.items():
            self._board.add_scalar(f"validation/{name}", value, iteration)
        shown = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
        self._tell(f"iteration {iteration}, validation: {shown}")

    def pictures(self, iteration: int, sheets: Tensor) -> None:
        """A sheet ``(B, 3, H, W)`` in [0, 1], one row a face."""
        image = torch.cat(list(sheets.detach().float().cpu().clamp(0.0, 1.0)), dim=1)
        self._board.add_image("faces", image, iteration)
        path = self.folder / "pictures" / f"iteration_{iteration:08d}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray((image * 255.0).round().byte().permute(1, 2, 0).numpy()).save(path)

    def event(self, iteration: int, event: str, detail: str) -> None:
        """Something that should not happen; also told on stderr. One that is there already is not written twice."""
        row = {"event": event, "detail": detail}
        if not self._events.has(iteration, row):
            self._events.append(iteration, row)
        self._tell(f"iteration {iteration}, {event}: {detail}", style="yellow")

    def take_back(self, iteration: int) -> None:
        """Drop all rows after ``iteration``, but those of events."""
        for table in self._tables.values():
            table.take_back(iteration)

    def close(self) -> None:
        """Write out what is still held."""
        self._bar.stop()
        self._board.close()

    def _tell(self, text: str, style: str | None = None) -> None:
        self._console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)

    def _table(self, name: str) -> CsvLog:
        if name not in self._tables:
            self._tables[name] = CsvLog(self.folder / f"{name}.csv")
        return self._tables[name]
