"""Making a folder of photos with several processes."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ....errors import FocusfitError
from ..anatomy import Anatomy
from ..config import SyntheticConfig
from ..world import SyntheticWorld
from .photo_files import photo_name, read_row, write_photo
from .settings import keep_settings
from .sheet import TILES, write_sheet
from .tables import write_tables

PHOTOS = "Dataset"
"""Name of the folder of the photos."""

CHUNK = 16
"""Photos that a process makes at a time; a multiple of the photos per person where that is possible."""


@dataclass(frozen=True)
class Synthesis:
    """What a run did.

    Attributes:
        photos: in the folder now.
        made: of these, by this run.
        seconds: that it took.
    """

    photos: int
    made: int
    seconds: float


def synthesize(
    config: SyntheticConfig,
    count: int,
    out: Path,
    model: Path | None = None,
    workers: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Synthesis:
    """Write photos 0 to ``count`` of a world with everything that is known about them.

    ``out/Dataset`` gets ``NAME.jpg``, ``NAME_visible_skin_mask.png``, ``NAME_face_region.png`` and ``NAME.npz``, and
    ``topology.npz``, ``people.csv`` and ``index.csv``; ``out`` gets ``train|val|test|all_landmarks.csv``,
    ``synthesis.json`` and two contact sheets. What is there already is kept: a run that was interrupted continues, and
    a larger ``count`` adds photos. Equal settings give equal bytes, whatever the number of processes.

    Args:
        config: of the world.
        count: number of photos.
        out: the folder; made if missing.
        model: open face model; None for the one that ships.
        workers: processes; None for one per core.
        progress: called with the number of photos that are there.

    Raises:
        FocusfitError: the folder was made with other settings, or a process was killed.
    """
    started = time.perf_counter()
    if count < 1:
        raise FocusfitError(f"{count} photos were asked for", remedy="Give 1 or more.")
    world = SyntheticWorld(config, model)
    folder = out / PHOTOS
    folder.mkdir(parents=True, exist_ok=True)
    keep_settings(out, config, world.anatomy.sha256)
    _write_topology(folder / "topology.npz", world.anatomy)
    missing = [index for index in range(count) if not (folder / photo_name(index)).is_file()]
    done = count - len(missing)
    progress(done)
    for finished in _make(world, folder, missing, _workers(workers, len(missing))):
        done += finished
        progress(done)
    write_tables(out, folder, [read_row(folder, index) for index in range(count)])
    write_sheet(out / "contact_sheet.jpg", [folder / photo_name(index) for index in range(min(count, TILES))])
    return Synthesis(count, len(missing), time.perf_counter() - started)


def _make(world: SyntheticWorld, folder: Path, missing: Sequence[int], workers: int) -> Iterator[int]:
    """Write the missing photos; yields how many more are done."""
    per_person = world.config.photos_per_person
    size = max(CHUNK // per_person, 1) * per_person if per_person <= 4 * CHUNK else CHUNK
    chunks = [missing[start : start + size] for start in range(0, len(missing), size)]
    if workers <= 1:
        for chunk in chunks:
            for index in chunk:
                write_photo(folder, world, index)
            yield len(chunk)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start, (world,)) as pool:
        try:
            waiting: dict[Future[None], int] = {}
            for chunk in chunks:
                if len(waiting) > 2 * workers:
                    yield from _finished(waiting)
                waiting[pool.submit(_write_chunk, folder, chunk)] = len(chunk)
            while waiting:
                yield from _finished(waiting)
        except BrokenProcessPool as error:
            raise FocusfitError(
                "a process that makes photos was killed", remedy="Run it again, it continues; use fewer --workers."
            ) from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _finished(waiting: dict[Future[None], int]) -> Iterator[int]:
    """Wait for one or more chunks and take them out."""
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        count = waiting.pop(future)
        future.result()
        yield count


_world: SyntheticWorld | None = None


def _start(world: SyntheticWorld) -> None:
    """A worker process: one world, one thread."""
    import cv2
    import torch

    global _world
    _world = world
    torch.set_num_threads(1)
    cv2.setNumThreads(1)


def _write_chunk(folder: Path, chunk: Sequence[int]) -> None:
    assert _world is not None
    for index in chunk:
        write_photo(folder, _world, index)


def _workers(wanted: int | None, missing: int) -> int:
    if wanted is not None and wanted < 1:
        raise FocusfitError(f"{wanted} workers", remedy="Give 1 or more.")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(wanted or cores, -(-missing // CHUNK) or 1)


def _write_topology(path: Path, anatomy: Anatomy) -> None:
    if path.exists():
        return
    partial = path.with_name("partial_topology.npz")
    np.savez(
        partial,
        triangles=anatomy.triangles,
        scored_vertices=anatomy.scored_vertices,
        landmarks68_vertices=anatomy.landmark_vertices,
        landmarks68_weights=anatomy.landmark_weights,
    )
    partial.replace(path)
