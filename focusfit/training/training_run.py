"""From the first iteration, or the last checkpoint, to the last iteration."""

from __future__ import annotations

import contextlib
import json
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import TrainingError
from .ahead import Ahead
from .averages import WeightAverages
from .checkpoints import checkpoint_folders, latest_checkpoint, prune_checkpoints, read_checkpoint, write_checkpoint
from .collapse_guard import CollapseGuard
from .engine_config import EngineConfig
from .fabric import start_fabric
from .feed import Feed, TrainingData, ValidationBatches
from .journal import Journal
from .optimisation import Gradient, Optimisation
from .photo_stream import PhotoStream, draw_of
from .random_state import seed_everything
from .run_description import changes_since, describe_run
from .stage import Stage
from .step_guard import StepGuard
from .training_state import TrainingState
from .validation import gathered, validate


@dataclass(frozen=True)
class TrainingResult:
    """What a training came to; the stage's networks hold the final weights, averaged ones if the config wants those.

    Attributes:
        iteration: iterations done.
        figures: last validation, means over all photos.
        checkpoint: folder of the final checkpoint.
        best: folder of the best one, where the config names a figure for that.
        collapses: iteration and kind of every collapse that training returned from.
    """

    iteration: int
    figures: Mapping[str, float]
    checkpoint: Path
    best: Path | None
    collapses: tuple[tuple[int, str], ...]


class TrainingRun:
    """One call of :func:`~.engine.train`, whose arguments it has."""

    def __init__(
        self,
        stage: Stage,
        data: TrainingData,
        config: EngineConfig,
        out: Path,
        collapse: CollapseGuard | None,
        settings: dict[str, Any],
    ) -> None:
        self.stage, self.data, self.config, self.out, self.collapse = stage, data, config, out, collapse
        self.checkpoints = out / "checkpoints"
        self.fabric = fabric = start_fabric(config)
        self.leads = fabric.global_rank == 0
        self.about = describe_run(stage, data, config, settings, fabric.world_size)
        optimisation = Optimisation(fabric, stage, config)
        learning = {name: stage.networks[name] for name in stage.optimizers}
        averages = None if config.ema is None else WeightAverages(learning, config.ema)
        self.state = TrainingState(stage, optimisation, averages, StepGuard(config.explosion, config.skip_limit))
        self.validation = ValidationBatches(
            data, config.batch_size, config.workers, fabric.device, config.seed, fabric.global_rank, fabric.world_size
        )
        self.journal: Journal | None = None
        self.feed: Feed | None = None
        self.waited = 0.0
        self.unlogged_photos = 0
        self.shown: Any = None

    def run(self) -> TrainingResult:
        """All iterations that are left; the averaged weights are in the networks afterwards."""
        state, config = self.state, self.config
        fresh = not self._resume()
        if self.leads:
            self.out.mkdir(parents=True, exist_ok=True)
            (self.out / "run.json").write_text(json.dumps(self.about, indent=1) + "\n", encoding="utf-8")
            self.journal = Journal(self.out, self.stage.name, config.iterations, state.progress.iteration)
        with state.optimisation.precision():
            if fresh:
                self._look_around(last=config.iterations == 0)
            self._iterate()
        if state.averages is not None:
            state.averages.hand_over()
        progress = state.progress
        best = None if progress.best is None else self._folder(progress.best[0])
        collapses = tuple(progress.collapses)
        return TrainingResult(progress.iteration, progress.figures, self._folder(progress.iteration), best, collapses)

    def close(self) -> None:
        """Let worker processes and files go."""
        if self.feed is not None:
            self.feed.close()
        if self.journal is not None:
            self.journal.close()

    def _resume(self) -> bool:
        folder = None
        if self.leads:
            found = latest_checkpoint(self.checkpoints)
            folder = None if found is None else found.folder
        folder = self.fabric.broadcast(folder)
        if folder is None:
            seed_everything(self.config.seed + self.fabric.global_rank)
            return False
        checkpoint = read_checkpoint(folder)
        # for processes that the checkpoint has no random numbers of
        seed_everything(self.config.seed + self.fabric.global_rank + 1_000_003 * checkpoint.iteration)
        self.state.restore(checkpoint, self.fabric)
        if self.leads and (changes := changes_since(checkpoint.about, self.about)):
            warnings.warn(f"{folder} was written with {changes}; training goes on with today's", stacklevel=4)
        return True

    def _iterate(self) -> None:
        state, progress, config = self.state, self.state.progress, self.config
        if progress.iteration >= config.iterations:
            return
        processes = self.fabric.world_size
        stream = PhotoStream(
            len(self.data.training),  # type: ignore[arg-type]
            config.batch_size,
            config.seed,
            self.fabric.global_rank,
            processes,
            progress.position,
        )
        self.feed = Feed(self.data, stream, config.workers, self.fabric.device)
        ahead = Ahead(self.stage, self._next_batch, self.fabric.device)
        upcoming = ahead.next(progress.iteration)
        while (progress := state.progress).iteration < config.iterations:
            present = upcoming
            presented = ahead.presented(present, progress.iteration)
            gradient = state.optimisation.backward(presented, progress.iteration)
            if progress.iteration + 1 < config.iterations:  # made while the device still works on the gradient
                upcoming = ahead.next(progress.iteration + 1)
            self._step(gradient, present.batch)
            progress.iteration += 1
            progress.position += config.batch_size * processes
            self.unlogged_photos += config.batch_size * processes
            self._look_around(last=progress.iteration == config.iterations)

    def _next_batch(self) -> Any:
        assert self.feed is not None
        start = time.perf_counter()
        batch = self.feed.next()
        self.waited += time.perf_counter() - start
        return batch

    def _step(self, gradient: Gradient, batch: Any) -> None:
        state, iteration = self.state, self.state.progress.iteration + 1
        if state.optimisation.overflowed(gradient):
            state.optimisation.forget(gradient)
        elif fault := state.guard.fault(gradient.network, gradient.loss, gradient.norm):
            state.optimisation.forget(gradient)
            names = [name for part in gathered(list(getattr(batch, "names", ())), self.fabric) for name in part]
            if self.journal is not None:
                self.journal.event(iteration, "skipped", f"{fault}; photos: {', '.join(map(str, names))}")
            state.guard.skip(iteration, fault, names)
        else:
            state.window.add(gradient)
            state.optimisation.step(gradient)
            if state.averages is not None:
                state.averages.update(gradient.network)
        state.optimisation.advance_schedules()

    def _look_around(self, last: bool) -> None:
        """What is due after an iteration: log, mask check, validation, pictures, checkpoint, in this order."""
        iteration, config = self.state.progress.iteration, self.config
        start = time.perf_counter()
        checkpoint_due = last or iteration % config.checkpoint_every == 0
        if iteration and (last or iteration % config.log_every == 0):
            self._log()
            start = time.perf_counter()
        good = self._masks_are_good(checkpoint_due, last)
        if self.state.progress.iteration < iteration:
            return  # masks had collapsed: training is back at a checkpoint, which has all this already
        if last or iteration % config.validate_every == 0:
            checkpoint_due |= self._validate()
        if config.pictures and (last or iteration % config.pictures_every == 0):
            self._show()
        if checkpoint_due and good:
            self._save()
        if self.journal is not None:
            self.journal.advance(iteration)
            self.journal.pause(time.perf_counter() - start)

    def _log(self) -> None:
        iteration = self.state.progress.iteration
        means = self.state.window.means(self.fabric)
        if self.journal is not None:
            for network, values in means.items():
                rates = {group["lr"] for group in self.stage.optimizers[network].param_groups}
                self.journal.losses(iteration, network, values | {"learning_rate": float(max(rates))})
            self.journal.timing(iteration, self.unlogged_photos, self.waited)
        self.unlogged_photos, self.waited = 0, 0.0

    def _validate(self) -> bool:
        """Whether it was the best so far, which a checkpoint should keep."""
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
        better = np.isfinite(value) and (progress.best is None or sign * value > sign * progress.best[1])
        if better:
            progress.best = (progress.iteration, value)
        return bool(better)

    def _show(self) -> None:
        if self.journal is None:
            return
        if self.shown is None:
            photos = range(min(self.config.pictures, len(self.data.validation)))  # type: ignore[arg-type]
            items = [self.data.validation[draw_of(index, 0, self.config.seed)] for index in photos]
            self.shown = self.data.collate(items).to(self.fabric.device)
        with self._final_weights():
            self.journal.pictures(self.state.progress.iteration, self.stage.pictures(self.shown))

    def _masks_are_good(self, checkpoint_due: bool, last: bool) -> bool:
        progress, guard = self.state.progress, self.collapse
        due = guard is not None and progress.iteration >= guard.begin
        if guard is None or not due or not (checkpoint_due or guard.looks_at(progress.iteration)):
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
        if self.leads:
            write_checkpoint(self.checkpoints, progress.iteration, parts, self.about)
            best = set() if progress.best is None else {self._folder(progress.best[0])}
            prune_checkpoints(self.checkpoints, best, self.config.keep_last)
        self.fabric.barrier()

    def _folder(self, iteration: int) -> Path:
        return self.checkpoints / f"iteration_{iteration:08d}"

    @contextlib.contextmanager
    def _final_weights(self) -> Iterator[None]:
        averages = self.state.averages
        with self.state.optimisation.standing_still(), averages.in_place() if averages else contextlib.nullcontext():
            yield
