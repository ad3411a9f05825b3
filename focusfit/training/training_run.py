"""From the first iteration, or the last checkpoint, to the last iteration."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .ahead import Ahead
from .averages import WeightAverages
from .checkpoints import latest_checkpoint, read_checkpoint, sweep_unfinished
from .collapse_guard import CollapseGuard
from .engine_config import EngineConfig
from .fabric import start_fabric
from .feed import Feed, TrainingData
from .inspection import Inspection
from .journal import Journal
from .optimisation import Gradient, Optimisation
from .photo_stream import PhotoStream
from .random_state import seed_everything
from .run_description import changes_since, describe_run
from .stage import Stage
from .step_guard import StepGuard
from .training_state import TrainingState
from .validation import gathered


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
        self.fabric = fabric = start_fabric(config)
        self.about = describe_run(stage, data, config, settings, fabric.world_size)
        optimisation = Optimisation(fabric, stage, config)
        learning = {name: stage.networks[name] for name in stage.optimizers}
        averages = None if config.ema is None else WeightAverages(learning, config.ema)
        self.state = TrainingState(stage, optimisation, averages, StepGuard(config.explosion, config.skip_limit))
        self.journal: Journal | None = None
        self.feed: Feed | None = None

    def run(self) -> TrainingResult:
        """All iterations that are left; the averaged weights are in the networks afterwards."""
        state, config = self.state, self.config
        fresh = not self._resume()
        if self.fabric.global_rank == 0:
            self.out.mkdir(parents=True, exist_ok=True)
            (self.out / "run.json").write_text(json.dumps(self.about, indent=1) + "\n", encoding="utf-8")
            self.journal = Journal(self.out, self.stage.name, config.iterations, state.progress.iteration)
        inspection = Inspection(
            self.stage, self.data, config, state, self.fabric, self.journal, self.collapse, self.out, self.about
        )
        with state.optimisation.precision():
            if fresh:
                inspection.look(last=config.iterations == 0)
            if state.progress.iteration < config.iterations:
                self._iterate(inspection)
        if state.averages is not None:
            state.averages.hand_over()
        progress = state.progress
        best = None if progress.best is None else inspection.checkpoint_of(progress.best[0])
        last = inspection.checkpoint_of(progress.iteration)
        return TrainingResult(progress.iteration, progress.figures, last, best, tuple(progress.collapses))

    def close(self) -> None:
        """Let worker processes and files go."""
        if self.feed is not None:
            self.feed.close()
        if self.journal is not None:
            self.journal.close()

    def _resume(self) -> bool:
        folder = None
        if self.fabric.global_rank == 0:
            found = latest_checkpoint(self.out / "checkpoints")
            sweep_unfinished(self.out / "checkpoints")  # a run that is done already writes, and prunes, no more
            folder = None if found is None else found.folder
        folder = self.fabric.broadcast(folder)
        if folder is None:
            seed_everything(self.config.seed + self.fabric.global_rank)
            return False
        checkpoint = read_checkpoint(folder)
        # for processes that the checkpoint has no random numbers of
        seed_everything(self.config.seed + self.fabric.global_rank + 1_000_003 * checkpoint.iteration)
        self.state.restore(checkpoint, self.fabric)
        if self.fabric.global_rank == 0 and (changes := changes_since(checkpoint.about, self.about)):
            warnings.warn(f"{folder} was written with {changes}; training goes on with today's", stacklevel=4)
        return True

    def _iterate(self, inspection: Inspection) -> None:
        state, progress, config = self.state, self.state.progress, self.config
        together = config.batch_size * self.fabric.world_size
        stream = PhotoStream(
            len(self.data.training),  # type: ignore[arg-type]
            config.batch_size,
            config.seed,
            self.fabric.global_rank,
            self.fabric.world_size,
            progress.position,
        )
        feed = self.feed = Feed(self.data, stream, config.workers, self.fabric.device)

        def fetch() -> Any:
            start = time.perf_counter()
            batch = feed.next()
            inspection.count_waiting(time.perf_counter() - start)
            return batch

        ahead = Ahead(self.stage, fetch, self.fabric.device)
        upcoming = None
        while (progress := state.progress).iteration < config.iterations:
            iteration = progress.iteration
            # kept until `_step` has waited for the device, which reads it from another stream than made it
            present = ahead.next(iteration) if upcoming is None else upcoming
            gradient = state.optimisation.backward(ahead.presented(present, iteration), iteration)
            # made while the device still works on the gradient
            upcoming = ahead.next(iteration + 1) if iteration + 1 < config.iterations else None
            self._step(gradient, present.batch)
            progress.iteration += 1
            progress.position += together
            inspection.count(together)
            inspection.look(last=progress.iteration == config.iterations)

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
