"""How a stage is trained: everything about the loop, nothing about the losses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import TrainingError

Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
Accelerator = Literal["auto", "cpu", "gpu"]


@dataclass(frozen=True)
class EngineConfig:
    """Settings of the training loop.

    Attributes:
        iterations: after which the stage is done, counted over all its networks.
        batch_size: photos an iteration and process; N processes take N times as many together.
        workers: processes that load photos, for each training process; 0 loads in the training process itself.
        seed: of the order of photos, of their augmentation and of whatever else is random.
        accelerator: where to train; ``auto`` takes a GPU where there is one.
        devices: processes on this machine, one a GPU. Under ``torchrun`` or ``fabric run`` theirs counts.
        precision: of the networks; losses and rendering always run in 32 bits.
        compiled: whether the networks' parts are compiled (``torch.compile``; needs a C++ compiler): minutes at the
            start for faster iterations, by half for small networks in 32 bits on a CPU.
        captured: whether losses and gradients are recorded as a CUDA graph and replayed: on one GPU, in 32 bits or
            ``bf16-mixed``. It saves the host's launches, which take longer than the GPU's work.
        checkpoint_every: iterations between checkpoints.
        keep_last: how many of the latest checkpoints stay, beside the best.
        validate_every: iterations between validations; there is one before the first iteration and one at the end.
        pictures_every: iterations between picture sheets.
        pictures: how many validation photos, the first ones, a sheet shows.
        log_every: iterations between rows of the log; a row has means over the iterations since the last.
        ema: decay of the weights' exponential moving average (0.999, say), which is then what is validated and
            handed on; None trains without one.
        clip: largest norm of a network's gradient, longer ones are scaled down to it; None leaves them.
        freeze_batch_norm: whether batch normalisation keeps its running statistics while training.
        best_figure: validation figure whose best value's checkpoint is kept; None keeps none. Step 4 and adaptation
            then hand the best networks on and not the last.
        best_is: which end of the figure is good.
        explosion: a loss or gradient norm this many times its largest recent value is not stepped along.
        skip_limit: so many skipped iterations in the last thousand end the run, with the photos' names.
    """

    iterations: int = 30_000
    batch_size: int = 32
    workers: int = 2
    seed: int = 0
    accelerator: Accelerator = "auto"
    devices: int = 1
    precision: Precision = "32-true"
    compiled: bool = False
    captured: bool = True
    checkpoint_every: int = 1000
    keep_last: int = 3
    validate_every: int = 1000
    pictures_every: int = 1000
    pictures: int = 8
    log_every: int = 50
    ema: float | None = None
    clip: float | None = None
    freeze_batch_norm: bool = False
    best_figure: str | None = None
    best_is: Literal["lowest", "highest"] = "lowest"
    explosion: float = 100.0
    skip_limit: int = 20

    def __post_init__(self) -> None:
        positive = ("batch_size", "devices", "checkpoint_every", "keep_last", "validate_every", "pictures_every")
        for name in (*positive, "log_every", "skip_limit"):
            if getattr(self, name) < 1:
                raise TrainingError(f"{name} is {getattr(self, name)}", remedy="It must be at least 1.")
        for name in ("iterations", "workers", "seed", "pictures"):
            if getattr(self, name) < 0:
                raise TrainingError(f"{name} is {getattr(self, name)}", remedy="It must not be negative.")
        if self.ema is not None and not 0.0 < self.ema < 1.0:
            raise TrainingError(f"ema is {self.ema}", remedy="A decay lies between 0 and 1, such as 0.999.")
        if self.clip is not None and not self.clip > 0.0:
            raise TrainingError(f"clip is {self.clip}", remedy="The largest gradient norm must be above 0.")
        if not self.explosion > 1.0:
            raise TrainingError(f"explosion is {self.explosion}", remedy="The factor must be above 1.")
