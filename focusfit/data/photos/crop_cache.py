"""Crops on disk: every photo decoded once and warped once, whatever is trained on it how often.

The cache is a folder of shards, each a plain ``.npy`` of crops that is mapped into memory and a ``.json`` that says
what they are. A crop is found by what decides it (the photo file's content, the landmarks, the sizes, this format's
version), so a changed photo gets a new crop and an unchanged one never does. Shards appear whole or not at all, so an
interrupted run goes on with the next one and processes that share a folder share the work.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...detection.crop import CropTransform
from ...detection.photo import read_photo
from ...errors import FocusfitError
from ..canvas import canvas_transform, cut, photo_bounds
from ..face_batch import canvas_margin
from .file_digest import file_digest
from .listing import ListedFace, PhotoProblem

VERSION = 1
"""Of the format and of how a crop is made; crops of another version are not used."""

SHARD = 1024
"""Crops in a shard: what an interruption can cost, and what is in memory while it is made."""


@dataclass(frozen=True, eq=False)
class CachedCrop:
    """A face on its canvas, in the cache.

    Attributes:
        shard: file of crops ``(N, C, C, 3)`` uint8.
        row: of this one.
        landmarks: ``(68, 2)`` float32 canvas pixels.
        bounds: ``(4,)`` as in :class:`focusfit.data.FaceItem`.
        canvas: photo to canvas.
    """

    shard: Path
    row: int
    landmarks: NDArray[np.float32]
    bounds: NDArray[np.float32]
    canvas: CropTransform


@dataclass(frozen=True, eq=False)
class CropCache:
    """The crops of a list of faces.

    Attributes:
        size: side of the networks' view in pixels; canvases have a margin around it.
        faces: those that have a crop.
        crops: theirs, in the same order.
        problems: photos that could not be read, each with its reason.
    """

    size: int
    faces: tuple[ListedFace, ...]
    crops: tuple[CachedCrop, ...]
    problems: tuple[PhotoProblem, ...]


def build_crop_cache(
    faces: Sequence[ListedFace],
    size: int,
    folder: Path,
    workers: int = 2,
    progress: Callable[[int, int], None] | None = None,
    rank: int = 0,
) -> CropCache:
    """Find the faces' crops in ``folder``, and cut those that are not there yet.

    Args:
        faces: the faces.
        size: side of the networks' view.
        folder: of the cache; several data sets and sizes may share one.
        workers: threads that decode and cut.
        progress: called with the new crops cut and their number.
        rank: of this process among those that build the same cache: each starts elsewhere.

    Raises:
        FocusfitError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(max(workers, 1), thread_name_prefix="crop") as pool:
            keys = list(pool.map(lambda face: _key(face, size), faces))
            missing = _missing(keys, faces, dict(read_shards(folder)))
            shards = [missing[first : first + SHARD] for first in range(0, len(missing), SHARD)]
            reasons: dict[str, str] = {}
            turn = rank * len(shards) // 8 if shards else 0
            for number, jobs in enumerate(shards[turn:] + shards[:turn], start=1):
                reasons |= _write_shard(jobs, size, folder, pool)
                if progress is not None:
                    progress(min(number * SHARD, len(missing)), len(missing))
    except OSError as error:
        cause = f"crops cannot be kept there ({error.strerror or error})"
        raise FocusfitError(cause, file=folder, remedy="Make room, or name another folder.") from error
    known = dict(read_shards(folder))
    found = [(face, known[key]) for face, key in zip(faces, keys, strict=True) if key in known]
    problems = [
        PhotoProblem(face.name, reasons.get(key, key.removeprefix(_UNREADABLE)))
        for face, key in zip(faces, keys, strict=True)
        if key not in known
    ]
    return CropCache(size, tuple(f for f, _ in found), tuple(c for _, c in found), tuple(problems))


def read_shards(folder: Path) -> Iterator[tuple[str, CachedCrop]]:
    """Every crop of a cache with its key."""
    for description in sorted(folder.glob("*.json")):
        yield from _read_shard(description)


def _read_shard(description: Path) -> list[tuple[str, CachedCrop]]:
    """A shard's crops; none of one that is damaged, foreign or of another version: they are cut again."""
    crops = description.with_suffix(".npy")
    try:
        content = json.loads(description.read_text(encoding="utf-8"))
        if content["version"] != VERSION or crops.stat().st_size != content["bytes"]:
            return []
        return [(entry["key"], _cached(crops, row, entry, content)) for row, entry in enumerate(content["crops"])]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _cached(crops: Path, row: int, entry: dict[str, Any], content: dict[str, Any]) -> CachedCrop:
    landmarks = np.array(entry["landmarks"], np.float32).reshape(68, 2)
    canvas = CropTransform(entry["scale"], tuple(entry["offset"]), content["canvas"])
    return CachedCrop(crops, row, landmarks, np.array(entry["bounds"], np.float32), canvas)


_UNREADABLE = "unreadable: "


@dataclass(frozen=True, eq=False)
class _Job:
    key: str
    face: ListedFace


def _key(face: ListedFace, size: int) -> str:
    """What decides a crop; for a file that cannot be read, the reason."""
    try:
        content = file_digest(face.path)
    except OSError as error:
        return f"{_UNREADABLE}{face.path} cannot be read ({error.strerror or error})"
    points = np.asarray(face.landmarks, np.float64).tobytes()
    decisive = f"{VERSION} {size} {canvas_margin(size)} {content} ".encode() + points
    return hashlib.blake2b(decisive, digest_size=16).hexdigest()


def _missing(keys: Sequence[str], faces: Sequence[ListedFace], known: dict[str, CachedCrop]) -> list[_Job]:
    jobs = {key: _Job(key, face) for key, face in zip(keys, faces, strict=True) if key not in known}
    return [job for key, job in jobs.items() if not key.startswith(_UNREADABLE)]


def _write_shard(jobs: Sequence[_Job], size: int, folder: Path, pool: ThreadPoolExecutor) -> dict[str, str]:
    """Cut the jobs' crops into one shard, unless another process has; returns the reasons of failures by key."""
    name = hashlib.blake2b(" ".join(job.key for job in jobs).encode(), digest_size=12).hexdigest()
    if _read_shard(folder / f"{name}.json"):
        return {}
    done = list(pool.map(lambda job: _cut(job, size), jobs))
    good = [one for one in done if isinstance(one, _Cut)]
    if good:
        pixels = np.stack([one.pixels for one in good])
        partial = folder / f".{name}.{os.getpid()}.partial"
        with partial.open("wb") as stream:
            np.save(stream, pixels)
        length = partial.stat().st_size
        os.replace(partial, folder / f"{name}.npy")
        description = {"version": VERSION, "canvas": int(pixels.shape[1]), "bytes": length}
        text = json.dumps(description | {"crops": [one.entry for one in good]})
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, folder / f"{name}.json")  # from here on the shard counts
    return {job.key: one for job, one in zip(jobs, done, strict=True) if isinstance(one, str)}


@dataclass(frozen=True, eq=False)
class _Cut:
    pixels: NDArray[np.uint8]
    entry: dict[str, Any]


def _cut(job: _Job, size: int) -> _Cut | str:
    """One crop, or why there is none."""
    try:
        photo = read_photo(job.face.path)
    except FocusfitError as error:
        return str(error)
    canvas = canvas_transform(job.face.landmarks, size)
    entry = {
        "key": job.key,
        "name": job.face.name,
        "landmarks": canvas.to_crop(job.face.landmarks).ravel().round(4).tolist(),
        "bounds": photo_bounds(canvas, photo.size).tolist(),
        "scale": canvas.scale,
        "offset": list(canvas.offset),
    }
    return _Cut(cut(canvas, photo.rgb), entry)
