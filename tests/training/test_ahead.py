"""What is made of photos before their iteration."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import torch

from focusfit.training.ahead import Ahead
from focusfit.training.engine import train
from tests.training.toy_stage import ToyStage, config, crops, weights


class Doubling:
    """Presents a number as its double in odd iterations."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def ahead(self, batch: int, iteration: int) -> int:
        self.asked.append((batch, iteration))
        assert not torch.is_grad_enabled()
        return batch * (1 + iteration % 2)


def test_a_batch_is_presented_once_for_its_iteration_and_anew_for_another() -> None:
    stage, numbers = Doubling(), count(5)
    ahead = Ahead(stage, lambda: next(numbers), torch.device("cpu"))
    upcoming = ahead.next(3)
    assert (upcoming.batch, upcoming.iteration) == (5, 3)
    assert ahead.presented(upcoming, 3) == 10
    assert stage.asked == [(5, 3)]
    assert ahead.presented(upcoming, 2) == 5  # training went back to a checkpoint
    assert ahead.presented(ahead.next(4), 4) == 6


class Presenting(ToyStage):
    """Asks for its batches ahead of their iterations."""

    def ahead(self, batch, iteration):
        assert not torch.is_grad_enabled()
        self.asked = [*getattr(self, "asked", ()), iteration]
        return batch, iteration

    def losses(self, presented, iteration):
        batch, made_for = presented
        assert made_for == iteration
        return super().losses(batch, iteration)


def test_training_ends_the_same_whether_batches_are_presented_or_not(tmp_path: Path) -> None:
    ends = []
    for stage in (ToyStage(), Presenting()):
        train(stage, crops(), config(), tmp_path / type(stage).__name__)
        ends.append(weights(stage))
    assert stage.asked == list(range(config().iterations))
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())
