from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from focusfit.errors import CheckpointError
from focusfit.training import checkpoints
from focusfit.training.checkpoints import (
    checkpoint_folders,
    latest_checkpoint,
    prune_checkpoints,
    read_checkpoint,
    write_checkpoint,
)


def write(root: Path, iteration: int) -> Path:
    parts = {"networks": {"weight": torch.full((5,), float(iteration))}, "progress": {"iteration": iteration}}
    return write_checkpoint(root, iteration, parts, {"stage": "test"})


def test_what_was_written_is_read(tmp_path):
    folder = write(tmp_path, 12)
    found = read_checkpoint(folder)
    assert (found.iteration, found.about, found.parts["progress"]) == (12, {"stage": "test"}, {"iteration": 12})
    assert found.parts["networks"]["weight"].tolist() == [12.0] * 5
    assert sorted(path.name for path in folder.iterdir()) == ["checkpoint.json", "networks.safetensors", "state.json"]
    assert [path.name for path in tmp_path.iterdir()] == ["iteration_00000012"]


@pytest.mark.parametrize("member", ["networks.safetensors", "state.json", "checkpoint.json"])
@pytest.mark.parametrize("damage", ["cut", "changed", "deleted"])
def test_a_damaged_one_is_named_and_the_one_before_is_taken(tmp_path, member, damage):
    write(tmp_path, 10)
    file = write(tmp_path, 20) / member
    content = file.read_bytes()
    if damage == "deleted":
        file.unlink()
    else:
        half = len(content) // 2
        file.write_bytes(content[:half] + (b"" if damage == "cut" else b"?" + content[half:]))
    with pytest.raises(CheckpointError, match="Delete this folder") as caught:
        read_checkpoint(tmp_path / "iteration_00000020")
    assert "iteration_00000020" in str(caught.value.file)
    with pytest.warns(UserWarning, match="checkpoint left out.*iteration_00000020"):
        found = latest_checkpoint(tmp_path)
    assert found.iteration == 10


def test_a_checkpoint_that_cannot_be_trusted_anywhere_ends_in_an_error(tmp_path):
    (write(tmp_path, 1) / "state.json").unlink()
    with pytest.warns(UserWarning, match="left out"), pytest.raises(CheckpointError, match="none of 1 checkpoints"):
        latest_checkpoint(tmp_path)


def test_foreign_folders_are_told_apart(tmp_path):
    (tmp_path / "iteration_00000003").mkdir()
    (tmp_path / "iteration_00000003" / "checkpoint.json").write_text('{"schema": "another"}')
    with pytest.raises(CheckpointError, match="is not a checkpoint of focusfit"):
        read_checkpoint(tmp_path / "iteration_00000003")
    folder = write(tmp_path, 4)
    head = json.loads((folder / "checkpoint.json").read_text())
    (folder / "checkpoint.json").write_text(json.dumps(head | {"schema_version": 99}))
    with pytest.raises(CheckpointError, match="has version 99"):
        read_checkpoint(folder)


def test_nothing_there_is_no_checkpoint(tmp_path):
    assert latest_checkpoint(tmp_path / "absent") is None
    (tmp_path / ".unfinished-iteration_00000001-17").mkdir()
    (tmp_path / "notes").mkdir()
    assert latest_checkpoint(tmp_path) is None


def test_the_last_and_the_best_stay(tmp_path):
    for iteration in (1, 2, 3, 4, 100_000_000):
        write(tmp_path, iteration)
    (tmp_path / ".unfinished-iteration_00000001-17").mkdir()
    prune_checkpoints(tmp_path, {tmp_path / "iteration_00000001"}, keep_last=2)
    names = ["iteration_100000000", "iteration_00000004", "iteration_00000001"]
    assert [path.name for path in checkpoint_folders(tmp_path)] == names
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("call", ["save_file", "_write_json", "_sha256", "_flush"])
def test_a_failure_at_any_point_of_writing_leaves_the_old_ones(tmp_path, monkeypatch, call):
    write(tmp_path, 1)

    def full_disk(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints, call, full_disk)
    with pytest.raises(CheckpointError, match=r"No space left on device.*disk is full"):
        write(tmp_path, 2)
    monkeypatch.undo()
    assert latest_checkpoint(tmp_path).iteration == 1
    assert write(tmp_path, 2).is_dir()  # what was left behind is not in the way


def test_every_file_is_flushed_before_the_folder_gets_its_name(tmp_path, monkeypatch):
    told: list[str] = []
    flush, rename = os.fsync, Path.rename

    def told_flush(handle: int) -> None:
        told.append(os.readlink(f"/proc/self/fd/{handle}"))
        flush(handle)

    def told_rename(old: Path, new: Path) -> Path:
        told.append(f"rename {new.name}")
        return rename(old, new)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("open files cannot be named on this system")
    monkeypatch.setattr(os, "fsync", told_flush)
    monkeypatch.setattr(Path, "rename", told_rename)
    write(tmp_path, 6)
    names = [Path(each).name for each in told]
    assert set(names[:3]) == {"networks.safetensors", "state.json", "checkpoint.json"}
    assert names[-2:] == ["rename iteration_00000006", tmp_path.name]
    assert ".unfinished" in names[3]


def test_no_file_of_training_pickles():
    folder = Path(checkpoints.__file__).parent
    for path in folder.rglob("*.py"):
        text = path.read_text()
        for word in ("torch.save", "torch.load", "import pickle", "joblib"):
            assert word not in text, f"{path.name} has {word}"


def test_reading_runs_no_code_of_the_checkpoint(tmp_path):
    folder = write(tmp_path, 5)
    program = f"""
import pickle
def refuse(*a, **k): raise AssertionError("unpickled")
pickle.loads = pickle.load = pickle.Unpickler = refuse
from pathlib import Path
from focusfit.training.checkpoints import read_checkpoint
print(read_checkpoint(Path({str(folder)!r})).iteration)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "5\n", done.stderr
