"""What the training loop costs beside its networks: photos a second of both, in one run.

    python benchmarks/bench_training.py [--backbone resnet18] [--size 112] [--batch 32] [--iterations 30] [--rounds 3]
        [--accelerator auto] [--precision 32-true] [--workers 1] [--threads 2]

The networks alone go forward and backward over one batch that stays on the device; training adds loading and
augmenting photos in worker processes, losses, clipping, AdamW, averaged weights and the log. Rounds of both alternate,
so that a machine which gets slower or faster meanwhile does so for both. Validation and checkpoints are not counted.

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


@dataclass(frozen=True)
class Workload:
    """What is measured.

    Attributes:
        stage: a new one for every call.
        data: that it trains on.
        networks_alone: makes, for a stage whose networks are on the device, a function that runs them once forward and
            backward over a batch that stays there.
    """

    stage: Callable[[], Stage]
    data: TrainingData
    networks_alone: Callable[[Stage, torch.device], Callable[[], None]]


@dataclass(frozen=True)
class Rates:
    """Photos a second of each round, and the share of training time spent waiting for photos."""

    training: NDArray[np.float64]
    networks: NDArray[np.float64]
    waiting: float

    def __str__(self) -> str:
        shares = 100.0 * self.training / self.networks
        return (
            f"training {np.median(self.training):.1f} photos/s, networks alone {np.median(self.networks):.1f}; "
            f"{np.median(shares):.0f} % (rounds {', '.join(f'{each:.0f}' for each in shares)}; waiting for photos "
            f"{100.0 * self.waiting:.0f} % of the time)"
        )


def compare(workload: Workload, config: EngineConfig, rounds: int) -> Rates:
    """Alternate rounds of both; each has as many iterations as the config says, after some to get warm."""
    training, networks, waiting = [], [], []
    for _ in range(rounds):
        networks.append(_networks_rate(workload, config))
        rate, waited = _training_rate(workload, config)
        training.append(rate)
        waiting.append(waited)
        networks[-1] = 0.5 * (networks[-1] + _networks_rate(workload, config))
    return Rates(np.array(training), np.array(networks), float(np.mean(waiting)))


def _training_rate(workload: Workload, config: EngineConfig) -> tuple[float, float]:
    warm = 5
    total = config.iterations + warm
    never = 10 * total
    quiet = replace(
        config,
        iterations=total,
        log_every=1,
        checkpoint_every=never,
        validate_every=never,
        pictures_every=never,
        pictures=0,
    )
    with tempfile.TemporaryDirectory() as folder:
        train(workload.stage(), workload.data, quiet, Path(folder))
        with (Path(folder) / "timings.csv").open() as lines:
            rows = list(csv.DictReader(lines))[warm:]
    seconds = sum(float(row["seconds"]) for row in rows)
    waited = sum(float(row["seconds"]) * float(row["waiting_share"]) for row in rows)
    return config.iterations * config.batch_size / seconds, waited / seconds


def _networks_rate(workload: Workload, config: EngineConfig) -> float:
    on_gpu = config.accelerator != "cpu" and torch.cuda.is_available()
    device = torch.device("cuda" if on_gpu else "cpu")
    stage = workload.stage()
    for network in stage.networks.values():
        network.to(device)
        if on_gpu:
            network.to(memory_format=torch.channels_last)
    step = workload.networks_alone(stage, device)
    bits = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}.get(config.precision)
    with torch.autocast(device.type, dtype=bits, enabled=bits is not None):
        for _ in range(5):
            step()
        _wait(device)
        start = time.perf_counter()
        for _ in range(config.iterations):
            step()
        _wait(device)
    return config.iterations * config.batch_size / (time.perf_counter() - start)


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

    def networks_alone(stage: Stage, device: torch.device) -> Callable[[], None]:
        network = stage.networks["encoder"].train()
        resident = torch.rand(batch, 3, size, size, device=device)

        def step() -> None:
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
