"""Killed at any moment, also within the writing of a checkpoint, a training goes on to the very same weights."""

from __future__ import annotations

import multiprocessing
import random
import signal
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.training.toy_stage import run_in_process

ITERATIONS = 60
FINAL = f"checkpoints/iteration_{ITERATIONS:08d}"


@pytest.fixture(scope="module")
def nursery() -> ForkServerContext:
    """Starts processes that have torch loaded already."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        pytest.skip("this system cannot fork")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.training.toy_stage"])
    return context


@pytest.fixture(scope="module")
def unharmed(nursery: ForkServerContext, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unharmed")
    process = nursery.Process(target=run_in_process, args=(out, ITERATIONS, 3))
    process.start()
    process.join(120)
    assert process.exitcode == 0
    return out


def being_written(out: Path) -> bool:
    return any((out / "checkpoints").glob(".unfinished-*"))


def kill(nursery: ForkServerContext, out: Path, rng: random.Random, while_writing: bool) -> bool:
    """Whether the training could be killed before it was done."""
    process = nursery.Process(target=run_in_process, args=(out, ITERATIONS, 3))
    process.start()
    begun = {path.name for path in (out / "checkpoints").glob("iteration_*")}
    while process.is_alive() and not ({path.name for path in (out / "checkpoints").glob("iteration_*")} - begun):
        time.sleep(0.001)  # until this life has written something of its own
    time.sleep(rng.uniform(0.0, 0.3))
    while while_writing and process.is_alive() and not being_written(out):
        pass
    process.kill()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), "a resumed training failed"
    return process.exitcode != 0


def run_with_kills(nursery: ForkServerContext, unharmed: Path, folder: Path, kills: int) -> int:
    """Trainings that are killed ``kills`` times in all; how often it was while a checkpoint was written."""
    rng, killed, unfinished, runs = random.Random(0), 0, 0, 0
    while killed < kills:
        out = folder / str(runs)
        runs += 1
        while killed < kills and kill(nursery, out, rng, while_writing=killed % 2 == 1):
            killed += 1
            unfinished += being_written(out)
        process = nursery.Process(target=run_in_process, args=(out, ITERATIONS, 3))
        process.start()
        process.join(120)
        assert process.exitcode == 0
        for part in ("networks", "averages", "optimizers", "random"):
            one, two = (load_file(each / FINAL / f"{part}.safetensors") for each in (out, unharmed))
            assert one.keys() == two.keys()
            assert all(torch.equal(one[name], two[name]) for name in one), part
        for name in ("losses_sharpener.csv", "losses_judge.csv", "validation.csv"):
            assert (out / name).read_text() == (unharmed / name).read_text()
        assert not being_written(out)
    return unfinished


def test_killed_after_the_last_checkpoint_and_before_it_was_swept(nursery, tmp_path):
    def finish() -> None:
        process = nursery.Process(target=run_in_process, args=(tmp_path, 6, 3))
        process.start()
        process.join(120)
        assert process.exitcode == 0

    finish()
    left = tmp_path / "checkpoints" / ".unfinished-deleted-iteration_00000003-17"
    left.mkdir()
    (left / "networks.safetensors").write_bytes(b"half")
    finish()  # has nothing left to do
    assert not being_written(tmp_path)
    assert (tmp_path / "checkpoints" / "iteration_00000006").is_dir()


def test_killed_three_times(nursery, unharmed, tmp_path):
    run_with_kills(nursery, unharmed, tmp_path, kills=3)


@pytest.mark.slow
def test_killed_twenty_times_and_now_and_then_while_a_checkpoint_is_written(nursery, unharmed, tmp_path):
    assert run_with_kills(nursery, unharmed, tmp_path, kills=20) >= 5
