"""Everything that decides how a training goes on: what a checkpoint holds and a resumed run starts from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lightning_fabric import Fabric

from ..errors import CheckpointError
from .averages import WeightAverages
from .checkpoints import Checkpoint
from .loss_window import LossWindow
from .optimisation import Optimisation
from .random_state import random_state, set_random_state
from .resumed import ResumedOptimizer, ResumedScheduler
from .stage import Stage
from .step_guard import StepGuard
from .validation import gathered


@dataclass
class Progress:
    """How far a run is.

    Attributes:
        iteration: iterations done.
        position: photos drawn for them, by all processes; a return to a checkpoint does not take it back.
        figures: of the last validation.
        best: iteration of the best checkpoint and its figure.
        strikes: looks in a row that saw collapsed masks.
        collapses: iteration and kind of every collapse that training returned from.
    """

    iteration: int = 0
    position: int = 0
    figures: dict[str, float] = field(default_factory=dict)
    best: tuple[int, float] | None = None
    strikes: int = 0
    collapses: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class TrainingState:
    """The moving parts of a run.

    Attributes:
        stage: whose networks, optimisers and schedules these are.
        optimisation: has the scaler of 16 bit training.
        averages: of the weights, or None.
        guard: of single iterations.
        window: of the log.
        progress: of the run.
    """

    stage: Stage
    optimisation: Optimisation
    averages: WeightAverages | None
    guard: StepGuard
    window: LossWindow = field(default_factory=LossWindow)
    progress: Progress = field(default_factory=Progress)

    def parts(self, fabric: Fabric) -> dict[str, Any]:
        """States by name for :func:`~.checkpoints.write_checkpoint`; all processes must take part."""
        parts: dict[str, Any] = {
            "networks": {name: each.state_dict() for name, each in self.stage.networks.items()},
            "optimizers": {name: each.state_dict() for name, each in self.stage.optimizers.items()},
            "schedulers": {name: each.state_dict() for name, each in self.stage.schedulers.items()},
            "random": gathered(random_state(fabric.device), fabric),
            "guard": self.guard.state_dict(),
            "window": self.window.state_dict(),
            "progress": dict(vars(self.progress)),
        }
        if self.averages is not None:
            parts["averages"] = self.averages.state_dict()
        if self.optimisation.scaler is not None:
            parts["scaler"] = self.optimisation.scaler.state_dict()
        return parts

    def restore(self, checkpoint: Checkpoint, fabric: Fabric) -> None:
        """Return to a checkpoint's state, in all processes.

        Raises:
            CheckpointError: it belongs to another stage, or to other networks or optimisers.
        """
        if checkpoint.about.get("stage") != self.stage.name:
            raise _foreign(checkpoint, f"belongs to stage {checkpoint.about.get('stage')!r}, not {self.stage.name!r}")
        parts = checkpoint.parts
        _load(checkpoint, "networks", self.stage.networks)
        _load(checkpoint, "optimizers", {name: ResumedOptimizer(each) for name, each in self.stage.optimizers.items()})
        _load(checkpoint, "schedulers", {name: ResumedScheduler(each) for name, each in self.stage.schedulers.items()})
        if self.averages is not None:
            if "averages" not in parts:
                raise _foreign(checkpoint, "has no averaged weights, but the config asks for an ema")
            _attempt(checkpoint, "averages", self.averages.load_state_dict)
        if self.optimisation.scaler is not None and "scaler" in parts:
            self.optimisation.scaler.load_state_dict(parts["scaler"])
        self.guard.load_state_dict(parts["guard"])
        self.window.load_state_dict(parts["window"], fabric.device)
        self.progress = Progress(**parts["progress"])
        if fabric.global_rank < len(parts["random"]):
            set_random_state(parts["random"][fabric.global_rank], fabric.device)


def _load(checkpoint: Checkpoint, part: str, mine: Any) -> None:
    saved = checkpoint.parts.get(part)
    if not isinstance(saved, dict) or saved.keys() != mine.keys():
        theirs = ", ".join(saved) if isinstance(saved, dict) else "none"
        raise _foreign(checkpoint, f"has the {part} {theirs}, this stage has {', '.join(mine)}")
    for name, each in mine.items():
        _attempt(checkpoint, part, each.load_state_dict, name)


def _attempt(checkpoint: Checkpoint, part: str, load: Callable[[Any], Any], name: str | None = None) -> None:
    state = checkpoint.parts[part] if name is None else checkpoint.parts[part][name]
    try:
        load(state)
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = str(error).strip().replace("\n\t", " ")[:300]
        raise _foreign(checkpoint, f"has {part} of another make ({name or part}: {reason})") from error


def _foreign(checkpoint: Checkpoint, cause: str) -> CheckpointError:
    remedy = "Train into another folder, or with the settings that this one was started with."
    return CheckpointError(cause, file=checkpoint.folder, remedy=remedy)
