from __future__ import annotations

import csv
import json
import random
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from focusfit.errors import CheckpointError, TrainingError
from focusfit.training.engine import EngineConfig, train
from focusfit.training.feed import TrainingData
from focusfit.training.photo_stream import draw_of
from tests.training.toy_stage import MomentumStage, ToyStage, collate, config, crops, weights


def rows(path: Path) -> list[dict[str, str]]:
    with path.open() as lines:
        return list(csv.DictReader(lines))


def same(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    return one.keys() == two.keys() and all(torch.equal(one[key], two[key]) for key in one)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[Path, dict[str, torch.Tensor], object]:
    """A run that nobody interrupted: folder, final weights, result."""
    out, stage = tmp_path_factory.mktemp("whole"), ToyStage()
    result = train(stage, crops(), config(), out, settings={"preset": "toy"})
    return out, weights(stage), result


class ToyOnTheWay(ToyStage):
    """Stops by itself after some iterations, as a process that is told to."""

    def __init__(self, iterations: int) -> None:
        super().__init__(ticket=77)  # other weights, which resuming must not keep
        self.left = iterations

    def losses(self, batch, iteration):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().losses(batch, iteration)


class ToyFromTheStart(ToyOnTheWay):
    def __init__(self, iterations: int) -> None:
        ToyStage.__init__(self)
        self.left = iterations


@pytest.mark.parametrize("workers", [0, 1])
def test_an_interrupted_run_ends_with_the_same_bits_and_the_same_logs(tmp_path, whole, workers):
    folder, expected, result = whole
    settings = config(workers=workers)
    data = crops()
    with pytest.raises(KeyboardInterrupt):
        train(ToyFromTheStart(7), data, settings, tmp_path, settings={"preset": "toy"})
    for iterations in (4, 9):  # from 5 to beyond 5, then from 5 to beyond 10
        random.seed(iterations)  # whatever the new process was seeded with
        torch.manual_seed(iterations)
        np.random.seed(iterations)  # noqa: NPY002
        with pytest.raises(KeyboardInterrupt):
            train(ToyOnTheWay(iterations), data, settings, tmp_path, settings={"preset": "toy"})
    stage = ToyStage(ticket=78)
    again = train(stage, data, settings, tmp_path, settings={"preset": "toy"})
    assert same(weights(stage), expected)
    assert again.figures == result.figures
    for name in ("losses_sharpener.csv", "losses_judge.csv", "validation.csv"):
        assert (tmp_path / name).read_text() == (folder / name).read_text()
    last = "checkpoints/iteration_00000020"
    for part in ("networks", "optimizers", "averages", "random"):
        one, two = (load_file(each / last / f"{part}.safetensors") for each in (tmp_path, folder))
        assert same(one, two), part


def test_a_finished_run_is_only_read(tmp_path, whole):
    folder, expected, result = whole
    stage = ToyStage(ticket=9)
    assert train(stage, crops(), config(), folder, settings={"preset": "toy"}) == result
    assert same(weights(stage), expected)
    assert stage.seen == []


def test_training_learns_and_hands_the_averages_over(whole):
    folder, expected, result = whole
    table = rows(folder / "validation.csv")
    assert [int(row["iteration"]) for row in table] == [0, 10, 20]
    assert float(table[-1]["error"]) < 0.8 * float(table[0]["error"])
    assert float(table[-1]["error"]) == pytest.approx(result.figures["error"], rel=1e-8)
    averages = load_file(result.checkpoint / "averages.safetensors")
    name = "judge.1.weight"
    assert torch.equal(expected[name], averages[f"averages.averages.{name}"])
    latest = load_file(result.checkpoint / "networks.safetensors")
    assert not torch.equal(expected[name], latest[f"networks.{name}"])


def test_validation_means_are_over_all_photos_in_eval_mode(tmp_path):
    stage, data = ToyStage(), crops()
    result = train(stage, data, config(iterations=3, ema=None), tmp_path)  # all of them the sharpener's, with dropout
    for network in stage.networks.values():
        network.eval()
    batch = collate([data.validation[draw_of(index, 0, 3)] for index in range(10)])  # batches are 4, 4 and 2
    with torch.no_grad():
        figures = stage.validate(batch)
    for name, values in figures.items():
        assert result.figures[name] == pytest.approx(values.mean().item(), rel=1e-5)


def test_each_row_of_the_log_is_a_mean_over_its_iterations(tmp_path):
    single, four = tmp_path / "single", tmp_path / "four"
    for out, every in ((single, 1), (four, 4)):
        train(ToyStage(), crops(), config(iterations=8, log_every=every), out)
    for network in ("sharpener", "judge"):
        ones = rows(single / f"losses_{network}.csv")
        for row in rows(four / f"losses_{network}.csv"):
            last = int(row["iteration"])
            mine = [one for one in ones if last - 4 < int(one["iteration"]) <= last]
            assert mine
            for name in ("total", "brightness", "gradient_norm"):
                mean = np.mean([float(one[name]) for one in mine])
                assert float(row[name]) == pytest.approx(mean, rel=1e-5)
    shares = [float(row["sharp"]) + float(row["smooth"]) for row in rows(single / "losses_sharpener.csv")]
    totals = [float(row["total"]) for row in rows(single / "losses_sharpener.csv")]
    assert shares == pytest.approx(totals, rel=1e-5)


def test_every_photo_is_trained_on_once_an_epoch(tmp_path):
    stage = ToyStage()
    train(stage, crops(12), config(iterations=9), tmp_path)  # 9 x 4 = 3 epochs of 12
    epochs = [sorted(stage.seen[first : first + 12]) for first in (0, 12, 24)]
    assert epochs == [sorted(f"crop{index}.png" for index in range(12))] * 3


def test_only_the_network_of_the_turn_learns(tmp_path):
    stage = ToyStage()
    before = weights(stage)
    train(stage, crops(), config(iterations=3, ema=None), tmp_path)  # the sharpener's turn
    after = weights(stage)
    for name in before:
        assert torch.equal(before[name], after[name]) == name.startswith("judge"), name


def test_batch_norm_can_be_frozen(tmp_path):
    for frozen in (True, False):
        stage = ToyStage()
        start = stage.networks["sharpener"][1].running_mean.clone()
        weight = stage.networks["sharpener"][1].weight.detach().clone()
        train(stage, crops(), config(iterations=3, ema=None, freeze_batch_norm=frozen), tmp_path / str(frozen))
        assert torch.equal(start, stage.networks["sharpener"][1].running_mean) == frozen
        assert not torch.equal(weight, stage.networks["sharpener"][1].weight)


def test_gradients_are_clipped(tmp_path):
    moved = {}
    for clip in (None, 1e-6):
        stage = MomentumStage()  # plain gradient descent for the judge, turns 4 and 5
        before = weights(stage)["judge.1.weight"]
        train(stage, crops(), config(iterations=5, ema=None, clip=clip), tmp_path / str(clip))
        moved[clip] = (weights(stage)["judge.1.weight"] - before).norm().item()
    assert moved[1e-6] < 1e-7 < moved[None]


def test_best_checkpoint_stays(tmp_path):
    settings = config(iterations=30, keep_last=1, validate_every=3, best_figure="error", best_is="highest")
    result = train(ToyStage(), crops(), settings, tmp_path)
    table = rows(tmp_path / "validation.csv")
    best = max(table, key=lambda row: float(row["error"]))
    assert result.best == tmp_path / "checkpoints" / f"iteration_{int(best['iteration']):08d}"
    kept = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
    assert kept == sorted({result.best.name, "iteration_00000030"})
    with pytest.raises(TrainingError, match="Stage 'toy' has: error, colour_error"):
        train(ToyStage(), crops(), config(best_figure="beauty"), tmp_path / "other")


def test_pictures_scalars_and_settings_are_written(whole):
    folder, _, _ = whole
    sheet = Image.open(folder / "pictures" / "iteration_00000020.png")
    assert sheet.size == (2 * 16, 3 * 16)
    assert np.asarray(sheet).std() > 10
    board = EventAccumulator(str(folder / "tensorboard")).Reload()
    scalars = board.Scalars("sharpener/total")
    assert [event.step for event in scalars] == [4, 8, 12, 16, 20]
    logged = [float(row["total"]) for row in rows(folder / "losses_sharpener.csv")]
    assert [event.value for event in scalars] == pytest.approx(logged, rel=1e-6)
    assert [event.step for event in board.Scalars("validation/error")] == [0, 10, 20]
    assert len(board.Images("faces")) == 2
    run = json.loads((folder / "run.json").read_text())
    assert (run["stage"], run["settings"], run["config"]["batch_size"]) == ("toy", {"preset": "toy"}, 4)
    assert {"focusfit", "torch", "numpy", "python"} <= run["versions"].keys()


def test_sixteen_bits_are_for_networks_alone(tmp_path):
    class Watching(ToyStage):
        def losses(self, batch, iteration):
            inner = []
            hook = self.networks["sharpener"][0].register_forward_hook(lambda m, i, output: inner.append(output.dtype))
            assert self.sharpened(batch).dtype == torch.float32
            hook.remove()
            assert inner == [torch.bfloat16]
            assert (batch.crops[0, 0] @ batch.crops[0, 1]).dtype == torch.float32
            return super().losses(batch, iteration)

    stage = Watching()
    result = train(stage, crops(), config(precision="bf16-mixed"), tmp_path)
    table = rows(tmp_path / "validation.csv")
    assert result.figures["error"] < 0.8 * float(table[0]["error"])
    assert {value.dtype for value in weights(stage).values()} == {torch.float32, torch.int64}
    assert not stage.networks["sharpener"]._forward_hooks


def test_checkpoints_of_other_stages_and_networks_are_refused(tmp_path, whole):
    folder, _, _ = whole

    class Other(ToyStage):
        name = "other"

    class Wider(ToyStage):
        def __init__(self):
            super().__init__()
            self.networks["judge"] = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(768, 5))
            self.optimizers["judge"] = torch.optim.Adadelta(self.networks["judge"].parameters())
            self.schedulers.pop("judge")

    class Fewer(ToyStage):
        def __init__(self):
            super().__init__()
            for each in (self.networks, self.optimizers, self.schedulers):
                each.pop("judge")

    class Unscheduled(ToyStage):
        def __init__(self):
            super().__init__()
            self.schedulers.pop("judge")

    for stage, cause in (
        (Other(), "belongs to stage 'toy', not 'other'"),
        (Wider(), "has networks of another make .judge"),
        (Fewer(), "has the networks sharpener, judge, this stage has sharpener"),
        (Unscheduled(), "has the schedulers sharpener, judge, this stage has sharpener"),
        (MomentumStage(), "has optimizers of another make .judge: another kind of optimiser"),
    ):
        with pytest.raises(CheckpointError, match=cause) as caught:
            train(stage, crops(), config(), folder)
        assert "Train into another folder" in str(caught.value)


def test_a_damaged_checkpoint_costs_only_the_iterations_since_the_one_before(tmp_path, whole):
    _, expected, _ = whole
    train(ToyStage(), crops(), config(), tmp_path)
    (tmp_path / "checkpoints" / "iteration_00000020" / "networks.safetensors").write_bytes(b"")
    stage = ToyStage(ticket=4)
    with pytest.warns(UserWarning, match="checkpoint left out"):
        train(stage, crops(), config(), tmp_path)
    assert same(weights(stage), expected)


def test_other_settings_of_a_resumed_run_are_told(tmp_path):
    train(ToyStage(), crops(), config(iterations=2), tmp_path)
    with pytest.warns(UserWarning, match=r"iteration_00000002 was written with iterations 2 \(now 3\); training"):
        train(ToyStage(), crops(), config(iterations=3), tmp_path)


def test_what_cannot_be_trained_is_said(tmp_path):
    data = crops()
    with pytest.raises(TrainingError, match="there are no training photos for stage 'toy'"):
        train(ToyStage(), TrainingData(crops(0).training, data.validation, collate), config(), tmp_path)
    with pytest.raises(TrainingError, match="batch_size is 0"):
        EngineConfig(batch_size=0)
    with pytest.raises(TrainingError, match=r"ema is 1\.5"):
        EngineConfig(ema=1.5)
    if not torch.cuda.is_available():
        with pytest.raises(TrainingError, match="1 x gpu in 32-true cannot start"):
            train(ToyStage(), data, replace(config(), accelerator="gpu"), tmp_path)


@pytest.mark.skipif(shutil.which("g++") is None, reason="compiled networks need a C++ compiler")
def test_compiled_networks_learn_the_same(tmp_path, whole):
    _, expected, result = whole
    stage = ToyStage()
    compiled = train(stage, crops(), replace(config(), compiled=True), tmp_path)
    assert compiled.figures == pytest.approx(result.figures, rel=1e-3)
    for name, weight in weights(stage).items():
        torch.testing.assert_close(weight, expected[name], rtol=1e-2, atol=1e-4)
