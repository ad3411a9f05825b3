from __future__ import annotations

import csv

import pytest
import torch

from focusfit.errors import TrainingError
from focusfit.training.engine import train
from focusfit.training.step_guard import StepGuard
from tests.training.toy_stage import ToyStage, config, crops, weights


def calm(guard: StepGuard, count: int, network: str = "encoder") -> None:
    for index in range(count):
        assert guard.fault(network, -1.0 - 0.01 * (index % 5), 2.0) is None


def test_numbers_that_are_none_are_faults_at_once():
    guard = StepGuard(100.0, 20)
    assert guard.fault("encoder", float("nan"), 1.0) == "the loss of encoder is nan"
    assert guard.fault("encoder", float("inf"), 1.0) == "the loss of encoder is inf"
    assert guard.fault("encoder", 1.0, float("nan")) == "the gradient of encoder has norm nan"


def test_explosions_are_told_from_what_is_usual_for_the_network():
    guard = StepGuard(100.0, 20)
    assert guard.fault("encoder", 1e6, 1e6) is None  # nothing to compare with
    guard = StepGuard(100.0, 20)
    calm(guard, 30)
    assert guard.fault("encoder", -90.0, 150.0) is None
    calm(guard, 100)
    assert "loss of encoder is 200, of late at most 1.04" in guard.fault("encoder", 200.0, 2.0)
    assert "gradient norm of encoder is 300, of late at most 2" in guard.fault("encoder", -1.0, 300.0)
    assert guard.fault("segmenter", 200.0, 300.0) is None
    calm(guard, 1)  # a fault was not taken for usual


def test_a_state_is_taken_back():
    guard, fresh = StepGuard(100.0, 3), StepGuard(100.0, 3)
    calm(guard, 30)
    guard.skip(5, "nan", ["a"])
    guard.skip(6, "nan", ["a"])
    fresh.load_state_dict(guard.state_dict())
    assert fresh.fault("encoder", 200.0, 2.0)
    with pytest.raises(TrainingError, match="3 of the last 7 iterations"):
        fresh.skip(7, "nan", ["b"])


def test_old_skips_are_forgotten():
    guard = StepGuard(100.0, 3)
    for iteration in (1, 2, 1100, 1101, 2102, 2103):
        guard.skip(iteration, "nan", [])
    with pytest.raises(TrainingError, match="without names"):
        guard.skip(2104, "nan", [])


def test_a_broken_photo_is_skipped_and_named(tmp_path):
    stage = ToyStage()
    result = train(stage, crops(12, broken=(5,)), config(iterations=12), tmp_path)  # in four of twelve iterations
    assert result.iteration == 12
    assert all(value.isfinite().all() for value in weights(stage).values())
    with (tmp_path / "events.csv").open() as lines:
        events = list(csv.DictReader(lines))
    assert len(events) == 4
    for event in events:
        assert event["event"] == "skipped"
        assert "is nan; photos: " in event["detail"]
        assert "crop5.png" in event["detail"]


def test_too_many_end_the_training_with_the_photo_in_most_of_them_first(tmp_path):
    with pytest.raises(TrainingError) as caught:
        train(ToyStage(), crops(12, broken=(5,)), config(iterations=40, skip_limit=5), tmp_path)
    cause, remedy = str(caught.value).split("Photos in them: ")
    assert "5 of the last 1" in cause
    assert "the loss of" in cause
    assert remedy.startswith("crop5.png (5x), crop")
    assert "Look at the photos named most often" in remedy


def test_an_exploding_step_changes_nothing(tmp_path):
    class Exploding(ToyStage):
        def losses(self, batch, iteration):
            losses = super().losses(batch, iteration)
            if iteration == 50:  # the sharpener's thirtieth turn
                self.before = weights(self)
                return type(losses)(losses.total * 1e8, losses.terms, losses.figures)
            return losses

    stage = Exploding()
    train(stage, crops(), config(iterations=51, ema=None), tmp_path)
    after = weights(stage)
    learned = [name for name in after if "running" not in name and "num_batches" not in name]
    assert all(torch.equal(stage.before[name], after[name]) for name in learned)
    with (tmp_path / "events.csv").open() as lines:
        (event,) = csv.DictReader(lines)
    assert event["iteration"] == "51"
    assert "the loss of sharpener is" in event["detail"]
