"""Checkpoints on disk: a folder each, of safetensors and json, whole or not there at all.

``iteration_00001000/`` holds ``NAME.safetensors`` (the tensors of each part of a training's state), ``state.json``
(everything else) and ``checkpoint.json`` (schema, iteration, SHA-256 of the others). It is written under another name,
flushed to the disk, and renamed: whoever finds the name finds all of it. Nothing is ever pickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from ..errors import CheckpointError
from .state_tree import put_together, take_apart

SCHEMA = "focusfit.checkpoint"
SCHEMA_VERSION = 1
MANIFEST = "checkpoint.json"
STATE = "state.json"
NAME = re.compile(r"iteration_(\d{8,})")
UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that was read whole.

    Attributes:
        folder: where it lies.
        iteration: how many iterations were done.
        parts: state of each part of the training, by name.
        about: what was said about it: stage, config, versions, figures. Plain JSON.
    """

    folder: Path
    iteration: int
    parts: Mapping[str, Any]
    about: Mapping[str, Any]


def write_checkpoint(root: Path, iteration: int, parts: Mapping[str, Any], about: Mapping[str, Any]) -> Path:
    """Write one atomically; an older one of the same iteration is replaced.

    Args:
        root: folder of all checkpoints of a run.
        iteration: how many iterations were done.
        parts: nested states by name, see :func:`~.state_tree.take_apart`. Each one's tensors get a file of their own.
        about: JSON to say about it.

    Returns:
        Its folder.

    Raises:
        CheckpointError: a state that cannot be kept, or a folder that cannot be written.
    """
    target = root / f"iteration_{iteration:08d}"
    fresh = root / f"{UNFINISHED}{target.name}-{os.getpid()}"
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        described = {}
        for name, part in parts.items():
            tensors: dict[str, Tensor] = {}
            described[name] = take_apart(part, name, tensors)
            if tensors:
                save_file(tensors, fresh / f"{name}.safetensors")
        _write_json(fresh / STATE, {"parts": described, "about": about})
        members = {path.name: _sha256(path) for path in sorted(fresh.iterdir())}
        head = {"schema": SCHEMA, "schema_version": SCHEMA_VERSION, "iteration": iteration, "sha256": members}
        _write_json(fresh / MANIFEST, head)
        for path in (*fresh.iterdir(), fresh):
            _flush(path)
        if target.exists():
            _remove(target)
        fresh.rename(target)
        _flush(root)
    except (OSError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CheckpointError(
            f"cannot be written ({reason})", file=target, remedy="See whether the disk is full."
        ) from error
    return target


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read one after checking every file of it against its checksum.

    Raises:
        CheckpointError: it is not whole, or was not written by this package's training.
    """
    remedy = "Delete this folder: training then goes on from the checkpoint before it."
    try:
        head = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if not isinstance(head, dict) or head.get("schema") != SCHEMA:
            raise CheckpointError("is not a checkpoint of focusfit", file=folder / MANIFEST, remedy=remedy)
        if head["schema_version"] != SCHEMA_VERSION:
            raise CheckpointError(
                f"has version {head['schema_version']} of the layout, this package reads {SCHEMA_VERSION}",
                file=folder / MANIFEST,
                remedy="Go on with the version of focusfit that wrote it.",
            )
        for name, checksum in head["sha256"].items():
            if _sha256(folder / name) != checksum:
                raise CheckpointError("is not what was written", file=folder / name, remedy=remedy)
        state = json.loads((folder / STATE).read_text(encoding="utf-8"))
        parts = {}
        for name, described in state["parts"].items():
            file = f"{name}.safetensors"
            parts[name] = put_together(described, load_file(folder / file) if file in head["sha256"] else {})
        return Checkpoint(folder, int(head["iteration"]), parts, state["about"])
    except OSError as error:
        where = error.filename or folder
        raise CheckpointError(f"cannot be read ({error.strerror or error})", file=where, remedy=remedy) from error
    except (ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        raise CheckpointError(f"is damaged ({error})", file=folder, remedy=remedy) from error


def checkpoint_folders(root: Path) -> list[Path]:
    """Folders with a checkpoint's name, the latest first; whether they are whole is seen when they are read."""
    found = [path for path in root.iterdir() if NAME.fullmatch(path.name)] if root.is_dir() else []
    return sorted(found, key=lambda path: int(path.name.split("_")[1]), reverse=True)


def latest_checkpoint(root: Path) -> Checkpoint | None:
    """The latest one that is whole; a warning for every later one that is not. None where there is none at all.

    Raises:
        CheckpointError: there are checkpoints, and every one is damaged.
    """
    folders, last_error = checkpoint_folders(root), None
    for folder in folders:
        try:
            return read_checkpoint(folder)
        except CheckpointError as error:
            last_error = error
            warnings.warn(f"checkpoint left out: {error}", stacklevel=2)
    if last_error is not None:
        raise CheckpointError(
            f"none of {len(folders)} checkpoints can be read", file=root, remedy="Move them away to start afresh."
        ) from last_error
    return None


def prune_checkpoints(root: Path, keep: set[Path], keep_last: int) -> None:
    """Delete all but the ``keep_last`` latest and those in ``keep``, and what unfinished writing has left behind."""
    for folder in checkpoint_folders(root)[keep_last:]:
        if folder not in keep:
            _remove(folder)
    sweep_unfinished(root)


def sweep_unfinished(root: Path) -> None:
    """Delete what unfinished writing or deleting has left behind; for a run of which no other process is alive."""
    for left in root.glob(f"{UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)


def _remove(folder: Path) -> None:
    """Rename first, so that nobody takes what is half deleted for a damaged checkpoint."""
    doomed = folder.with_name(f"{UNFINISHED}deleted-{folder.name}-{os.getpid()}")
    folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _flush(path: Path) -> None:
    """Have the system write a file or a folder's list of names to the disk itself."""
    if path.is_dir() and os.name == "nt":
        return  # a folder cannot be opened there
    handle = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
