"""Two small networks that learn something from a real photo, for tests of the training engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from skimage import data
from torch import Tensor, nn
from torch.optim import SGD, Adadelta, AdamW, Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, MultiStepLR
from torch.utils.data import Dataset

from focusfit.training.engine import EngineConfig, TrainingData
from focusfit.training.photo_stream import PhotoDraw
from focusfit.training.stage import StepLosses

SIZE = 16


@cache
def photo() -> np.ndarray:
    return data.astronaut().astype(np.float32) / 255.0


@dataclass(frozen=True)
class CropBatch:
    names: tuple[str, ...]
    seeds: tuple[int, ...]
    crops: Tensor

    def to(self, device: torch.device) -> CropBatch:
        return CropBatch(self.names, self.seeds, self.crops.to(device, non_blocking=True))


class Crops(Dataset):
    """Crops of the astronaut; a look at one is mirrored and brightened by its own seed."""

    def __init__(self, count: int, broken: tuple[int, ...] = ()) -> None:
        self.count, self.broken = count, broken

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, draw: PhotoDraw) -> tuple[str, int, np.ndarray]:
        rng = np.random.default_rng(draw.seed)
        y, x = np.random.default_rng(int(draw)).integers(0, 512 - SIZE, 2)
        crop = photo()[y : y + SIZE, x : x + SIZE] * rng.uniform(0.8, 1.0)
        crop = crop[:, ::-1] if rng.random() < 0.5 else crop
        if draw in self.broken:
            crop = crop * np.nan
        return f"crop{int(draw)}.png", draw.seed, np.ascontiguousarray(crop.transpose(2, 0, 1), dtype=np.float32)


def collate(items: list[tuple[str, int, np.ndarray]]) -> CropBatch:
    names, seeds, crops = zip(*items, strict=True)
    return CropBatch(names, seeds, torch.from_numpy(np.stack(crops)))


def crops(count: int = 40, broken: tuple[int, ...] = ()) -> TrainingData:
    return TrainingData(Crops(count, broken), Crops(10), collate)


class ToyStage:
    """``sharpener`` repairs blurred crops, ``judge`` tells their mean colour; they learn in turns of three and two."""

    name = "toy"

    def __init__(self, dropout: float = 0.1, batch_norm: bool = True, ticket: int = 0) -> None:
        torch.manual_seed(ticket)
        norm = nn.BatchNorm2d(8) if batch_norm else nn.Identity()
        self.networks: dict[str, nn.Module] = {
            "sharpener": nn.Sequential(
                nn.Conv2d(3, 8, 3, padding=1), norm, nn.ReLU(), nn.Dropout(dropout), nn.Conv2d(8, 3, 3, padding=1)
            ),
            "judge": nn.Sequential(nn.Flatten(), nn.Linear(3 * SIZE * SIZE, 8), nn.ReLU(), nn.Linear(8, 3)),
        }
        self.optimizers: dict[str, Optimizer] = {
            "sharpener": AdamW(self.networks["sharpener"].parameters(), lr=3e-3),
            "judge": Adadelta(self.networks["judge"].parameters(), lr=0.1),
        }
        self.schedulers = {
            "sharpener": CosineAnnealingLR(self.optimizers["sharpener"], 40),
            "judge": MultiStepLR(self.optimizers["judge"], [10, 10, 20]),
        }
        self.seen: list[str] = []

    def trained_at(self, iteration: int) -> str:
        return "sharpener" if iteration % 5 < 3 else "judge"

    def losses(self, batch: CropBatch, iteration: int) -> StepLosses:
        self.seen += batch.names
        if self.trained_at(iteration) == "sharpener":
            sharp = (self.sharpened(batch) - batch.crops).square().mean()
            smooth = 0.01 * sum(p.square().sum() for p in self.networks["sharpener"].parameters())
            terms = {"sharp": sharp, "smooth": smooth}
        else:
            with torch.no_grad():
                shown = self.sharpened(batch)
            terms = {"colour": (self.networks["judge"](shown) - batch.crops.mean((2, 3))).abs().mean()}
        detached = {name: term.detach() for name, term in terms.items()}
        return StepLosses(sum(terms.values()), detached, {"brightness": batch.crops.mean()})

    def sharpened(self, batch: CropBatch) -> Tensor:
        blurred = nn.functional.avg_pool2d(batch.crops, 3, 1, 1)
        return blurred + self.networks["sharpener"](blurred)

    def validate(self, batch: CropBatch) -> Mapping[str, Tensor]:
        shown = self.sharpened(batch)
        return {
            "error": (shown - batch.crops).square().mean((1, 2, 3)),
            "colour_error": (self.networks["judge"](shown) - batch.crops.mean((2, 3))).abs().mean(1),
        }

    def pictures(self, batch: CropBatch) -> Tensor:
        return torch.cat([batch.crops, self.sharpened(batch)], dim=3)


class MomentumStage(ToyStage):
    """The same with another optimiser."""

    def __init__(self) -> None:
        super().__init__()
        self.optimizers["judge"] = SGD(self.networks["judge"].parameters(), lr=0.01, momentum=0.9)
        self.schedulers.pop("judge")


def config(**changes: object) -> EngineConfig:
    usual: dict = {
        "iterations": 20,
        "batch_size": 4,
        "workers": 0,
        "seed": 3,
        "accelerator": "cpu",
        "checkpoint_every": 5,
        "validate_every": 10,
        "pictures_every": 20,
        "pictures": 3,
        "log_every": 4,
        "ema": 0.9,
    }
    return EngineConfig(**(usual | changes))


def weights(stage: ToyStage) -> dict[str, Tensor]:
    return {
        f"{name}.{key}": value.clone()
        for name, network in stage.networks.items()
        for key, value in network.state_dict().items()
    }


def run_in_process(out: Path, iterations: int, checkpoint_every: int) -> None:
    """A whole training with its own processes' settings, for tests that kill it."""
    from focusfit.training.engine import train

    torch.set_num_threads(1)
    train(ToyStage(), crops(), config(iterations=iterations, checkpoint_every=checkpoint_every, keep_last=2), out)
