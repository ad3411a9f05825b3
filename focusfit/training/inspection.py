"""What is done between iterations: log, check of the masks, validation, pictures, checkpoints."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from lightning_fabric import Fabric

from ..errors import TrainingError
from .checkpoints import checkpoint_folders, prune_checkpoints, read_checkpoint, write_checkpoint
from .collapse_guard import CollapseGuard
from .engine_config import EngineConfig
from .feed import TrainingData, ValidationBatches
from .journal import Journal
from .photo_stream import draw_of
from .stage import Stage
from .training_state import TrainingState
from .validation import validate


class Inspection:
    """Looks at a training after every iteration, and does what is due.

    Args:
        stage: what is trained.
        data: on which photos.
        config: what is due when.
        state: of the training; it may be taken back to a checkpoint.
        fabric: launched.
        journal: of the first process, None in others.
        collapse: watches the masks of stages that have some.
        out: folder of the run.
        about: the run's description, kept with checkpoints.
    """

    def __init__(
        self,
        stage: Stage,
        data: TrainingData,
        config: EngineConfig,
        state: TrainingState,
        fabric: Fabric,
        journal: Journal | None,
        collapse: CollapseGuard | None,
        out: Path,
        about: dict[str, Any],
    ) -> None:
        self.stage, self.data, self.config, self.state, self.fabric = stage, data, config, state, fabric
        self.journal, self.collapse, self.out, self.about = journal, collapse, out, about
        self.checkpoints = out / "checkpoints"
        self.validation = ValidationBatches(
            data, config.batch_size, config.workers, fabric.device, config.seed, fabric.global_rank, fabric.world_size
        )
        self._photos, self._waited = 0, 0.0  # since the last row of the log
        self._shown: Any = None

    def count(self, photos: int) -> None:
        """So many photos were trained on."""
        self._photos += photos

    def count_waiting(self, seconds: float) -> None:
        """So long did the training wait for photos."""
        self._waited += seconds

    def look(self, last: bool) -> None:
        """What is due after an iteration: log, mask check, validation, pictures, checkpoint, in this order."""
        iteration, config = self.state.progress.iteration, self.config
        start = time.perf_counter()
        checkpoint_due = last or iteration % config.checkpoint_every == 0
        if iteration and (last or iteration % config.log_every == 0):
            self._log()
            start = time.perf_counter()
        validation_due = last or iteration % config.validate_every == 0
        good = self._masks_are_good(checkpoint_due or validation_due, last)
        if self.state.progress.iteration < iteration:
            return  # masks had collapsed: training is back at a checkpoint, which has all this already
        if validation_due:
            checkpoint_due |= self._validate(good)
        if config.pictures and (last or iteration % config.pictures_every == 0):
            self._show()
        if checkpoint_due and good:
            self._save()
        if self.journal is not None:
            self.journal.advance(iteration)
            self.journal.pause(time.perf_counter() - start)

    def checkpoint_of(self, iteration: int) -> Path:
        """Folder of an iteration's checkpoint."""
        return self.checkpoints / f"iteration_{iteration:08d}"

    def _log(self) -> None:
        iteration = self.state.progress.iteration
        means = self.state.window.means(self.fabric)
        if self.journal is not None:
            for network, values in means.items():
                rates = {group["lr"] for group in self.stage.optimizers[network].param_groups}
                self.journal.losses(iteration, network, values | {"learning_rate": float(max(rates))})
            self.journal.timing(iteration, self._photos, self._waited)
        self._photos, self._waited = 0, 0.0

    def _validate(self, good: bool) -> bool:
        """Whether it was the best so far, which a checkpoint should keep; never while masks are not ``good``."""
        progress, name = self.state.progress, self.config.best_figure
        with self._final_weights():
            progress.figures = dict(validate(self.stage, self.validation, self.fabric))
        if self.journal is not None:
            self.journal.validation(progress.iteration, progress.figures)
        if name is None:
            return False
        if name not in progress.figures:
            known = ", ".join(progress.figures)
            raise TrainingError(f"best_figure is {name!r}", remedy=f"Stage {self.stage.name!r} has: {known}.")
        value = progress.figures[name]
        sign = 1.0 if self.config.best_is == "highest" else -1.0
        better = good and np.isfinite(value) and (progress.best is None or sign * value > sign * progress.best[1])
        if better:
            progress.best = (progress.iteration, value)
        return bool(better)

    def _show(self) -> None:
        if self.journal is None:
            return
        if self._shown is None:
            photos = range(min(self.config.pictures, len(self.data.validation)))  # type: ignore[arg-type]
            items = [self.data.validation[draw_of(index, 0, self.config.seed)] for index in photos]
            self._shown = self.data.collate(items).to(self.fabric.device)
        with self._final_weights():
            self.journal.pictures(self.state.progress.iteration, self.stage.pictures(self._shown))

    def _masks_are_good(self, due_anyway: bool, last: bool) -> bool:
        progress, guard = self.state.progress, self.collapse
        begun = guard is not None and progress.iteration >= guard.begin
        if guard is None or not begun or not (due_anyway or guard.looks_at(progress.iteration)):
            return True
        with self.state.optimisation.standing_still():
            fault = self.fabric.broadcast(guard.fault(guard.check()))
        progress.strikes = 0 if fault is None else progress.strikes + 1
        if fault is None:
            return True
        if self.journal is not None:
            self.journal.event(progress.iteration, "masks", fault)
        if last or progress.strikes >= guard.patience:
            self._return_to_checkpoint(fault, guard.returns)
        return False

    def _return_to_checkpoint(self, fault: str, returns: int) -> None:
        progress = self.state.progress
        collapses = [*progress.collapses, (progress.iteration, fault)]
        folders = self.fabric.broadcast(checkpoint_folders(self.checkpoints))
        if len(collapses) > returns or not folders:
            told = "; ".join(f"at iteration {iteration} {kind}" for iteration, kind in collapses)
            raise TrainingError(
                f"masks collapsed {len(collapses)} times: {told}",
                remedy=f"Compare the sheets in {self.out / 'pictures'} with those of earlier stages; a lower learning "
                "rate or a stronger pull to the photos' own posterior helps.",
            )
        checkpoint = read_checkpoint(folders[0])
        self.state.restore(checkpoint, self.fabric)
        self.state.progress.position = progress.position  # other photos than those on which it collapsed
        self.state.progress.collapses = collapses
        if self.journal is not None:
            self.journal.take_back(checkpoint.iteration)
            self.journal.event(progress.iteration, "collapse", f"{fault}; back to iteration {checkpoint.iteration}")

    def _save(self) -> None:
        progress = self.state.progress
        parts = self.state.parts(self.fabric)
        if self.fabric.global_rank == 0:
            write_checkpoint(self.checkpoints, progress.iteration, parts, self.about)
            best = set() if progress.best is None else {self.checkpoint_of(progress.best[0])}
            prune_checkpoints(self.checkpoints, best, self.config.keep_last)
        self.fabric.barrier()

    @contextlib.contextmanager
    def _final_weights(self) -> Iterator[None]:
        averages = self.state.averages
        with self.state.optimisation.standing_still(), averages.in_place() if averages else contextlib.nullcontext():
            yield
