"""Synthetic faces drawn once and kept: as many epochs as wanted at the price of one.

A folder of shards, each a few plain ``.npy`` files that are mapped into memory; a shard appears whole or not at all, so
that an interrupted drawing goes on.
"""

from __future__ import annotations

import json
import os
import shutil
from bisect import bisect_right
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from ..errors import FocusfitError
from .face_batch import FaceItem

VERSION = 1
SHARD = 500
"""Faces of a shard: what an interruption can cost."""

ARRAYS = ("photo", "visible_face", "face_region", "landmarks", "surface_points", "coefficients", "bounds")
"""What is kept of an item."""

Faces = Dataset[FaceItem]


def draw_faces(
    faces: Faces,
    folder: Path,
    about: dict[str, Any],
    workers: int = 2,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> DrawnFaces:
    """Draw those items of ``faces`` that are not in ``folder`` yet.

    Args:
        faces: items with everything in :data:`ARRAYS`; sent to the processes by pickling.
        folder: of the shards.
        about: what decides the items (seed, settings, face model), plain JSON; a folder with other ones is refused.
        workers: processes.
        progress: called with faces done and faces wanted.

    Raises:
        FocusfitError: the folder holds faces drawn otherwise, or a process was killed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _check_about(folder / "about.json", {**about, "version": VERSION})
    count = len(faces)  # type: ignore[arg-type]
    wanted = [_Shard(folder / f"{first:08d}", first, min(SHARD, count - first)) for first in range(0, count, SHARD)]
    missing = [shard for shard in wanted if not shard.complete]
    done = count - sum(shard.count for shard in missing)
    if missing:
        try:
            with ProcessPoolExecutor(workers, get_context("spawn"), _start, (faces,)) as pool:
                for drawn in pool.map(_draw, missing):
                    done += drawn
                    progress(done, count)
        except BrokenProcessPool as error:
            remedy = "Run it again, it continues; use fewer --workers."
            raise FocusfitError("a process that draws faces was killed", file=folder, remedy=remedy) from error
    return DrawnFaces(folder, count)


class DrawnFaces(Dataset[FaceItem]):
    """Faces of a folder; memory stays flat.

    Args:
        folder: of the shards.
        count: number of items.
        first: number of the face that is item 0.
    """

    def __init__(self, folder: Path, count: int, first: int = 0) -> None:
        self.folder, self.count, self.first = folder, count, first

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, draw: int) -> FaceItem:
        """Item ``draw``; an index with an attribute ``seed`` hands that on for the augmentation."""
        if not 0 <= draw < self.count:
            raise IndexError(draw)
        number = self.first + int(draw)
        starts, shards = self._shards
        shard = bisect_right(starts, number) - 1
        held = {name: np.array(array[number - starts[shard]]) for name, array in shards[shard].items()}
        return FaceItem(name=f"drawn/{number}", seed=getattr(draw, "seed", number), **held)

    def split(self, validation: int) -> tuple[DrawnFaces, DrawnFaces]:
        """All but the last ``validation`` faces, and those."""
        kept = self.count - validation
        return DrawnFaces(self.folder, kept, self.first), DrawnFaces(self.folder, validation, self.first + kept)

    @cached_property
    def _shards(self) -> tuple[list[int], list[dict[str, NDArray[Any]]]]:
        folders = sorted(path for path in self.folder.iterdir() if path.is_dir() and path.name.isdigit())
        arrays = [{name: np.load(path / f"{name}.npy", mmap_mode="r") for name in ARRAYS} for path in folders]
        return [int(path.name) for path in folders], arrays

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder, "count": self.count, "first": self.first}


@dataclass(frozen=True)
class _Shard:
    folder: Path
    first: int
    count: int

    @property
    def complete(self) -> bool:
        photos = self.folder / "photo.npy"
        return photos.exists() and len(np.load(photos, mmap_mode="r")) >= self.count


_worker: dict[str, Faces] = {}


def _start(faces: Faces) -> None:
    torch.set_num_threads(1)
    _worker["faces"] = faces


def _draw(shard: _Shard) -> int:
    write_shard(shard.folder.parent, shard.first, [_worker["faces"][shard.first + row] for row in range(shard.count)])
    return shard.count


def write_shard(folder: Path, first: int, items: Sequence[FaceItem]) -> None:
    """Keep items, with everything in :data:`ARRAYS`, as those from number ``first`` on, all of them or none."""
    shard = folder / f"{first:08d}"
    partial = shard.with_suffix(f".partial{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for name in ARRAYS:
        np.save(partial / f"{name}.npy", np.stack([getattr(item, name) for item in items]))
    shutil.rmtree(shard, ignore_errors=True)
    partial.rename(shard)


def _check_about(path: Path, about: dict[str, Any]) -> None:
    if not path.exists():
        path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    elif json.loads(path.read_text(encoding="utf-8")) != json.loads(json.dumps(about)):
        raise FocusfitError(
            "holds faces that were drawn with other settings", file=path, remedy="Remove the folder, or name another."
        )
