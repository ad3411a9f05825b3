"""What the training loop costs beside its networks: photos a second of both, in one run.

    python benchmarks/bench_training.py [--backbone resnet18] [--size 112] [--batch 32] [--iterations 30] [--rounds 3]
        [--accelerator auto] [--precision 32-true] [--workers 1] [--threads 2]

The networks alone go forward and backward over one batch that stays on the device; training adds loading and
augmenting photos in worker processes, losses, clipping, AdamW, averaged weights and the log. Rounds of both alternate,
so that a machine which gets slower or faster meanwhile does so for both. Validation and checkpoints are not counted.
On a GPU the networks alone are measured twice: launched kernel by kernel, as most programs do, and recorded as CUDA
graphs, as training does it; the latter is the least that they can take.

``compare`` takes any stage with its data: :class:`Workload` says what its networks alone are.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from numpy.typing import NDArray
from skimage import data
from torch import Tensor, nn
from torch.utils.data import Dataset

from focusfit.host_memory import keep_freed_memory
from focusfit.training.engine import EngineConfig, TrainingData, train
from focusfit.training.photo_stream import PhotoDraw
from focusfit.training.stage import Stage, StepLosses

LOGGED = 5
"""Iterations between rows of the log, each of which says how long they took; what is timed is a multiple of it."""

NetworksAlone = Callable[[str], None]


@dataclass(frozen=True)
class Workload:
    """What is measured.

    Attributes:
        stage: a new one for every call.
        data: that it trains on.
        networks_alone: makes, for a stage whose networks are on the device, a function that runs those of a turn once
            forward and backward over a batch that stays there; it is told which network learns.
    """

    stage: Callable[[], Stage]
    data: TrainingData
    networks_alone: Callable[[Stage, torch.device], NetworksAlone]


@dataclass(frozen=True)
class Rates:
    """Photos a second of each round, and the share of training time spent waiting for photos.

    ``recorded`` is what the networks alone do as CUDA graphs, None on a CPU.
    """

    training: NDArray[np.float64]
    networks: NDArray[np.float64]
    recorded: NDArray[np.float64] | None
    waiting: float

    def __str__(self) -> str:
        told = f"training {np.median(self.training):.1f} photos/s; {self._share('networks alone', self.networks)}; "
        if self.recorded is not None:
            told += f"{self._share('as CUDA graphs', self.recorded)}; "
        return f"{told}waiting for photos {100.0 * self.waiting:.0f} % of the time"

    def _share(self, what: str, rates: NDArray[np.float64]) -> str:
        shares = 100.0 * self.training / rates
        rounds = ", ".join(f"{each:.0f}" for each in shares)
        return f"{what} {np.median(rates):.1f}, {np.median(shares):.0f} % of it (rounds {rounds})"


def compare(workload: Workload, config: EngineConfig, rounds: int) -> Rates:
    """Alternate rounds of both; each has as many iterations as the config says, after some to get warm."""
    if config.iterations % LOGGED:
        raise ValueError(f"{config.iterations} iterations are no multiple of {LOGGED}, after which they are timed")
    on_gpu = _on_gpu(config)
    training, waiting = [], []
    networks: dict[bool, list[float]] = {recorded: [] for recorded in ([False, True] if on_gpu else [False])}
    for _ in range(rounds):
        before = {recorded: _networks_rate(workload, config, recorded) for recorded in networks}
        rate, waited = _training_rate(workload, config, warm=30 if on_gpu else 5)
        training.append(rate)
        waiting.append(waited)
        for recorded, rates in networks.items():
            rates.append(0.5 * (before[recorded] + _networks_rate(workload, config, recorded)))
    recorded_rates = np.array(networks[True]) if on_gpu else None
    return Rates(np.array(training), np.array(networks[False]), recorded_rates, float(np.mean(waiting)))


def _training_rate(workload: Workload, config: EngineConfig, warm: int) -> tuple[float, float]:
    total = config.iterations + warm
    never = 10 * total
    quiet = replace(
        config,
        iterations=total,
        log_every=LOGGED,
        checkpoint_every=never,
        validate_every=never,
        pictures_every=never,
        pictures=0,
    )
    with tempfile.TemporaryDirectory() as folder:
        train(workload.stage(), workload.data, quiet, Path(folder))
        with (Path(folder) / "timings.csv").open() as lines:
            rows = list(csv.DictReader(lines))[warm // LOGGED :]
    seconds = sum(float(row["seconds"]) for row in rows)
    waited = sum(float(row["seconds"]) * float(row["waiting_share"]) for row in rows)
    return config.iterations * config.batch_size / seconds, waited / seconds


def _networks_rate(workload: Workload, config: EngineConfig, recorded: bool) -> float:
    on_gpu = _on_gpu(config)
    device = torch.device("cuda" if on_gpu else "cpu")
    torch.backends.cudnn.benchmark = on_gpu  # as training has it
    stage = workload.stage()
    for network in (*stage.networks.values(), *getattr(stage, "judges", {}).values()):
        network.to(device)
        if on_gpu:
            network.to(memory_format=torch.channels_last)
    alone = workload.networks_alone(stage, device)
    bits = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}.get(config.precision)

    def step(name: str) -> None:
        with torch.autocast(device.type, dtype=bits, enabled=bits is not None):
            alone(name)

    turns = [stage.trained_at(iteration) for iteration in range(config.iterations)]
    run = _recorded(step, set(turns)) if recorded else step
    for name in turns[:5]:
        run(name)
    _wait(device)
    start = time.perf_counter()
    for name in turns:
        run(name)
    _wait(device)
    return config.iterations * config.batch_size / (time.perf_counter() - start)


def _recorded(step: NetworksAlone, names: set[str]) -> NetworksAlone:
    """The same as CUDA graphs, one for each network that may learn."""
    graphs = {}
    stream = torch.cuda.Stream()
    for name in names:
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                step(name)
        torch.cuda.current_stream().wait_stream(stream)
        graphs[name] = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graphs[name], stream=stream):
            step(name)
    return lambda name: graphs[name].replay()


def _on_gpu(config: EngineConfig) -> bool:
    return config.accelerator != "cpu" and torch.cuda.is_available()


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@dataclass(frozen=True)
class Crops:
    """``(B, 3, S, S)`` crops and their centre's colour ``(B, 3)``."""

    photos: Tensor
    colours: Tensor

    def to(self, device: torch.device) -> Crops:
        """Both there."""
        return Crops(self.photos.to(device, non_blocking=True), self.colours.to(device, non_blocking=True))

    def pin_memory(self) -> Crops:
        """Both in page-locked memory."""
        return Crops(self.photos.pin_memory(), self.colours.pin_memory())


class CropsOfAstronaut(Dataset[tuple[Tensor, Tensor]]):
    """Random crops of one photo, each mirrored, turned and brightened by its own seed."""

    def __init__(self, count: int, size: int) -> None:
        self.count, self.size = count, size
        self.photo = torch.from_numpy(data.astronaut()).permute(2, 0, 1).contiguous()

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, draw: PhotoDraw) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng(draw.seed)
        y, x = rng.integers(0, 512 - self.size, 2)
        crop = self.photo[:, y : y + self.size, x : x + self.size].float() / 255.0 * float(rng.uniform(0.7, 1.0))
        crop = crop.flip(2) if rng.random() < 0.5 else crop
        return crop, crop[:, self.size // 2, self.size // 2]


def _collate(items: list[tuple[Tensor, Tensor]]) -> Crops:
    photos, colours = zip(*items, strict=True)
    return Crops(torch.stack(photos), torch.stack(colours))


class ColourStage:
    """A timm network learns the colour in the middle of a crop."""

    name = "colour"

    def __init__(self, backbone: str) -> None:
        self.networks: Mapping[str, nn.Module] = {"encoder": timm.create_model(backbone, num_classes=3)}
        self.optimizers: Mapping[str, torch.optim.Optimizer] = {
            "encoder": torch.optim.AdamW(self.networks["encoder"].parameters(), lr=1e-4, fused=True)
        }
        self.schedulers: Mapping[str, Any] = {}

    def trained_at(self, iteration: int) -> str:
        """Always the encoder."""
        return "encoder"

    def losses(self, batch: Crops, iteration: int) -> StepLosses:
        """Squared error."""
        loss = (self.networks["encoder"](batch.photos) - batch.colours).square().mean()
        return StepLosses(loss, {"colour": loss.detach()}, {})

    def validate(self, batch: Crops) -> Mapping[str, Tensor]:
        """Absolute error."""
        return {"error": (self.networks["encoder"](batch.photos) - batch.colours).abs().mean(1)}

    def pictures(self, batch: Crops) -> Tensor:
        """The crops."""
        return batch.photos


def colour_workload(backbone: str, size: int, batch: int) -> Workload:
    """The stage above, with the encoder alone to compare with."""

    def networks_alone(stage: Stage, device: torch.device) -> NetworksAlone:
        network = stage.networks["encoder"].train()
        resident = torch.rand(batch, 3, size, size, device=device)

        def step(name: str) -> None:
            network.zero_grad(set_to_none=True)
            network(resident).square().mean().backward()

        return step

    photos = CropsOfAstronaut(10_000, size)
    return Workload(
        lambda: ColourStage(backbone), TrainingData(photos, CropsOfAstronaut(batch, size), _collate), networks_alone
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", default="resnet18")
    parser.add_argument("--size", type=int, default=112)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--iterations", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--accelerator", choices=("auto", "cpu", "gpu"), default="auto")
    parser.add_argument("--precision", choices=("32-true", "bf16-mixed", "16-mixed"), default="32-true")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    keep_freed_memory()  # as the command line does
    torch.set_num_threads(options.threads)
    config = EngineConfig(
        iterations=options.iterations,
        batch_size=options.batch,
        workers=options.workers,
        accelerator=options.accelerator,
        precision=options.precision,
        ema=0.999,
        clip=1.0,
    )
    rates = compare(colour_workload(options.backbone, options.size, options.batch), config, options.rounds)
    print(f"{options.backbone}, {options.size} px, batch {options.batch}, {options.precision}: {rates}")


if __name__ == "__main__":
    main()
