from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from focusfit.errors import TrainingError
from focusfit.training.checkpoints import read_checkpoint
from focusfit.training.collapse_guard import CollapseGuard, MaskHealth
from focusfit.training.engine import train
from focusfit.training.photo_stream import draw_of
from focusfit.training.stage import StepLosses
from tests.training.toy_stage import CropBatch, ToyStage, collate, config, crops

PUSH = 40
"""Iteration at which the segmenter is pushed into its collapse."""


class Masks(ToyStage):
    """A segmenter that learns which pixels of the astronaut's photo are brighter than half."""

    name = "masks"

    def __init__(self, towards: float = 0.0, pushes: int = 0) -> None:
        torch.manual_seed(0)
        self.networks = {"segmenter": nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1))}
        self.optimizers = {"segmenter": torch.optim.AdamW(self.networks["segmenter"].parameters(), lr=0.02)}
        self.schedulers = {}
        self.towards, self.pushes, self.collapsing = towards, pushes, False
        self.seen = []

    def trained_at(self, iteration: int) -> str:
        return "segmenter"

    def truth(self, batch: CropBatch) -> Tensor:
        return (batch.crops.mean(1, keepdim=True) > 0.5).float()

    def losses(self, batch: CropBatch, iteration: int) -> StepLosses:
        self.seen += batch.names
        logits = self.networks["segmenter"](batch.crops)
        target = self.truth(batch)
        self.collapsing &= iteration >= PUSH
        if iteration == PUSH and self.pushes > 0:
            self.pushes -= 1
            self.collapsing = True
            with torch.no_grad():
                self.networks["segmenter"][2].bias.add_(30.0 * (2.0 * self.towards - 1.0))
        if self.collapsing:
            target = torch.full_like(target, self.towards)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, target)
        return StepLosses(loss, {"mask": loss.detach()}, {})

    def validate(self, batch: CropBatch) -> dict[str, Tensor]:
        mask = self.networks["segmenter"](batch.crops) > 0
        return {"accuracy": (mask == self.truth(batch).bool()).float().mean((1, 2, 3))}

    def pictures(self, batch: CropBatch) -> Tensor:
        return torch.cat([batch.crops, self.networks["segmenter"](batch.crops).sigmoid().expand(-1, 3, -1, -1)], 3)

    def guard(self) -> CollapseGuard:
        validation = crops().validation
        batch = collate([validation[draw_of(index, 0, 0)] for index in range(10)])

        def check() -> MaskHealth:
            assert not torch.is_grad_enabled()
            assert not self.networks["segmenter"].training
            mask, truth = self.networks["segmenter"](batch.crops).sigmoid(), self.truth(batch)
            both, either = torch.minimum(mask, truth), torch.maximum(mask, truth)
            agreement = both.sum((1, 2, 3)) / either.sum((1, 2, 3)).clamp(min=1.0)
            return MaskHealth(mask.mean().item(), agreement.mean().item())

        return CollapseGuard(check, begin=20)


def events(out: Path) -> list[dict[str, str]]:
    with (out / "events.csv").open() as lines:
        return list(csv.DictReader(lines))


LONG = {"iterations": 120, "checkpoint_every": 30, "validate_every": 120, "pictures_every": 120, "log_every": 10}


@pytest.mark.parametrize(("towards", "told"), [(0.0, "all black"), (1.0, "all white")])
def test_a_collapse_is_noticed_within_50_iterations_and_training_recovers(tmp_path, towards, told):
    stage = Masks(towards, pushes=1)
    result = train(stage, crops(), config(**LONG), tmp_path, collapse=stage.guard())
    ((iteration, kind),) = result.collapses
    assert PUSH < iteration <= PUSH + 50
    assert told in kind
    (report,) = [event for event in events(tmp_path) if event["event"] == "collapse"]
    assert report["detail"].endswith("back to iteration 30")
    assert result.iteration == 120
    assert result.figures["accuracy"] > 0.9
    with (tmp_path / "losses_segmenter.csv").open() as lines:
        logged = [int(row["iteration"]) for row in csv.DictReader(lines)]
    assert logged == list(range(10, 121, 10))


def test_masks_far_from_the_posterior_are_noticed(tmp_path):
    stage = Masks(0.0, pushes=1)
    guard = stage.guard()
    wrong = replace(guard, check=lambda: replace(guard.check(), visible_share=0.5))
    result = train(stage, crops(), config(**LONG), tmp_path, collapse=wrong)
    assert "far from the photos' own posterior" in result.collapses[0][1]


def test_no_checkpoint_of_collapsed_masks_is_ever_written(tmp_path):
    stage = Masks(0.0, pushes=1)
    guard = stage.guard()
    often = config(**(LONG | {"checkpoint_every": 7, "keep_last": 100}))
    train(stage, crops(), often, tmp_path, collapse=guard)
    for folder in (tmp_path / "checkpoints").iterdir():
        checkpoint = read_checkpoint(folder)
        stage.networks["segmenter"].load_state_dict(checkpoint.parts["networks"]["segmenter"])
        with torch.no_grad():
            assert checkpoint.iteration < 20 or guard.fault(guard.check()) is None


def test_the_best_is_never_one_of_collapsed_masks(tmp_path):
    """Validation sees a best figure just while masks are under suspicion: nothing is saved or pruned for it."""
    stage = Masks()
    guard = stage.guard()
    looks: list[MaskHealth] = []

    def check() -> MaskHealth:
        looks.append(guard.check())
        return replace(looks[-1], visible_share=0.0) if 60 <= iteration_of(stage) < 66 else looks[-1]

    figures = iter([0.1, 0.2, 0.3, 0.9, 0.4, 0.35, 0.3, 0.2])
    stage.validate = lambda batch: {"accuracy": torch.full((len(batch.names),), next_figure(figures, stage))}
    settings = config(
        **(LONG | {"validate_every": 20, "best_figure": "accuracy", "best_is": "highest", "keep_last": 1})
    )
    result = train(stage, crops(), settings, tmp_path, collapse=replace(guard, check=check))
    assert result.collapses == ()
    assert result.best is not None
    assert read_checkpoint(result.best).iteration == 80


def iteration_of(stage: Masks) -> int:
    """Iterations done, by the photos that were trained on."""
    return len(stage.seen) // 4


def next_figure(figures: Iterator[float], stage: Masks) -> float:
    """One figure a validation, whatever its batches."""
    kept: dict[int, float] = stage.__dict__.setdefault("kept", {})
    if iteration_of(stage) not in kept:
        kept[iteration_of(stage)] = next(figures)
    return kept[iteration_of(stage)]


def test_after_a_return_other_photos_come(tmp_path):
    stage = Masks(0.0, pushes=1)
    result = train(stage, crops(1000), config(**LONG), tmp_path, collapse=stage.guard())
    taken_twice = len(stage.seen) - len(set(stage.seen))
    assert taken_twice == 0
    assert len(stage.seen) == 4 * (120 + result.collapses[0][0] - 30)


def test_a_run_that_is_interrupted_after_a_return_goes_on_with_those_photos(tmp_path):
    whole, again = Masks(0.0, pushes=1), Masks()
    train(whole, crops(1000), config(**LONG), tmp_path / "whole", collapse=whole.guard())
    interrupted = Masks(0.0, pushes=1)
    shorter = config(**(LONG | {"iterations": 90}))
    train(interrupted, crops(1000), shorter, tmp_path / "again", collapse=interrupted.guard())
    with pytest.warns(UserWarning, match=r"iterations 90 \(now 120\)"):
        result = train(again, crops(1000), config(**LONG), tmp_path / "again", collapse=again.guard())
    one, two = (each.networks["segmenter"].state_dict() for each in (whole, again))
    assert all(torch.equal(one[key], two[key]) for key in one)
    assert len(result.collapses) == 1


def test_a_collapse_that_comes_back_ends_the_training_with_a_report(tmp_path):
    stage = Masks(0.0, pushes=3)
    with pytest.raises(TrainingError) as caught:
        train(stage, crops(), config(**LONG), tmp_path, collapse=replace(stage.guard(), returns=2))
    report = str(caught.value)
    assert "masks collapsed 3 times: at iteration 60 masks are all black (visible share 0.0" in report
    assert "pictures" in report
    assert len([event for event in events(tmp_path) if event["event"] == "collapse"]) >= 1


def test_healthy_masks_are_left_alone(tmp_path):
    stage, other = Masks(), Masks()
    train(stage, crops(), config(**LONG), tmp_path / "guarded", collapse=stage.guard())
    train(other, crops(), config(**LONG), tmp_path / "free")
    one, two = (each.networks["segmenter"].state_dict() for each in (stage, other))
    assert all(torch.equal(one[key], two[key]) for key in one)


def test_figures_that_are_not_numbers_count_as_collapsed():
    guard = Masks().guard()
    assert guard.fault(MaskHealth(0.5, 0.9)) is None
    assert "black" in guard.fault(MaskHealth(float("nan"), 0.9))
    assert "far" in guard.fault(MaskHealth(0.5, float("nan")))
