"""Two processes with half the batch each do what one does with the whole."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.training.photo_folder import write_photo_folder
from tests.training.test_steps import TINY

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import os, sys
from dataclasses import replace
from pathlib import Path
import torch
torch.set_num_threads(1)
from focusfit.training.engine import train
from tests.training.toy_stage import ToyStage, config, crops

out, batch_size, iterations = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
rank = os.environ.get("RANK", "0")
stage = ToyStage(dropout=0.0, ticket=int(rank))  # other weights in the second process, which must get the first's
settings = config(iterations=iterations, batch_size=batch_size, log_every=1, workers=1)
settings = replace(settings, freeze_batch_norm=sys.argv[4] == "frozen")
result = train(stage, crops(), settings, out)
(out / f"names{rank}.txt").write_text("\\n".join(stage.seen))
(out / f"statistics{rank}.txt").write_text(repr(stage.networks["sharpener"][1].running_mean.tolist()))
"""
LAUNCHERS = {
    "torchrun": ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"],
    "fabric run": ["-m", "lightning_fabric.cli", "--accelerator", "cpu", "--devices", "2", "--strategy", "ddp"],
}


def launch(
    folder: Path, launcher: list[str], out: Path, batch_size: int, iterations: int = 20, batch_norm: str = "frozen"
) -> None:
    program = folder / "program.py"
    program.write_text(PROGRAM)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LT_", "TORCHELASTIC"))}
    environment = kept | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, *launcher, str(program), str(out), str(batch_size), str(iterations), batch_norm]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]


def table(path: Path) -> list[dict[str, float]]:
    with path.open() as lines:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(lines)]


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    launch(folder, [], folder / "out", batch_size=8)
    return folder / "out"


def assert_like_one(two: Path, one: Path) -> None:
    for name in ("losses_sharpener", "losses_judge", "validation"):
        ours, theirs = table(two / f"{name}.csv"), table(one / f"{name}.csv")
        assert len(ours) == len(theirs) > 2
        for mine, other in zip(ours, theirs, strict=True):
            assert mine == pytest.approx(other, rel=2e-5)
    for part in ("networks", "averages"):
        ours, theirs = (load_file(out / f"checkpoints/iteration_00000020/{part}.safetensors") for out in (two, one))
        for name, value in ours.items():
            torch.testing.assert_close(value, theirs[name], rtol=1e-4, atol=1e-6)


def names(out: Path, rank: int) -> list[str]:
    return (out / f"names{rank}.txt").read_text().splitlines()


@pytest.mark.parametrize("launcher", ["torchrun", pytest.param("fabric run", marks=pytest.mark.slow)])
def test_two_processes_train_like_one_with_the_doubled_batch(tmp_path, one, launcher):
    if sys.platform != "linux":
        pytest.skip("gloo is tried on Linux only")
    two = tmp_path / "two"
    launch(tmp_path, LAUNCHERS[launcher], two, batch_size=4)
    assert_like_one(two, one)
    # 40 photos: five iterations of 2 x 4 are one epoch
    for epoch in range(4):
        drawn = [name for rank in (0, 1) for name in names(two, rank)[20 * epoch : 20 * (epoch + 1)]]
        assert sorted(drawn) == sorted(f"crop{index}.png" for index in range(40))


@pytest.mark.slow
def test_running_statistics_are_the_same_in_both_processes(tmp_path):
    launch(tmp_path, LAUNCHERS["torchrun"], tmp_path / "out", batch_size=4, iterations=3, batch_norm="learning")
    ours, theirs = ((tmp_path / "out" / f"statistics{rank}.txt").read_text() for rank in (0, 1))
    assert ours == theirs
    assert max(map(abs, map(float, ours.strip("[]").split(",")))) > 0.01


@pytest.mark.slow
def test_a_run_of_two_processes_goes_on_with_one_and_back(tmp_path, one):
    if sys.platform != "linux":
        pytest.skip("gloo is tried on Linux only")
    out = tmp_path / "out"
    launch(tmp_path, LAUNCHERS["torchrun"], out, batch_size=4, iterations=5)
    launch(tmp_path, [], out, batch_size=8, iterations=11)
    launch(tmp_path, LAUNCHERS["torchrun"], out, batch_size=4, iterations=20)
    for part in ("networks", "averages"):
        ours, theirs = (load_file(each / f"checkpoints/iteration_00000020/{part}.safetensors") for each in (out, one))
        for name, value in ours.items():
            torch.testing.assert_close(value, theirs[name], rtol=1e-4, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("launcher", [[], LAUNCHERS["torchrun"]])
def test_a_step_in_two_processes_speaks_and_writes_once(tmp_path, open_model, launcher):
    """Without a launcher, Fabric starts the second one itself and says its rank in other words."""
    if sys.platform != "linux":
        pytest.skip("gloo is tried on Linux only")
    photos = write_photo_folder(tmp_path / "photos", open_model)
    changes = (*TINY, "*.engine.accelerator=cpu", "*.engine.devices=2")
    settings = [word for change in changes for word in ("--set", change)]
    command = [sys.executable, *launcher, str(ROOT / "steps" / "step1_pretrain_autoencoder.py")]
    command += ["--img_path", str(photos), "--save_path", str(tmp_path / "saved"), "--preset", "paper"]
    command += ["--iterations-scale", "1e-5", *settings]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LT_", "TORCHELASTIC"))}
    environment = kept | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("enc_net.safetensors") == 1
    run = json.loads((tmp_path / "saved" / "pretrain_mofa" / "run.json").read_text())
    assert run["processes"] == 2
