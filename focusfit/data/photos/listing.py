"""Which photos a folder of training photos means, and where the faces in them are."""

from __future__ import annotations

import csv
import os
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...detection.landmark_csv import read_usable_rows
from ...detection.photo_list import list_photos
from ...errors import LandmarkError, PhotoError

Split = Literal["train", "val", "test", "all"]

PHOTO_FOLDER = "Dataset"
"""Where the reference keeps the photos, inside the folder that holds the landmark tables."""

HELD_OUT = 0.05
"""Share of the photos that become validation photos where no table says which."""


@dataclass(frozen=True, eq=False)
class ListedFace:
    """A face that a table, or a detector, says is in a photo.

    Attributes:
        name: unique in its list: the photo's path below the photo folder, ``#2`` ... added for further faces.
        path: of the photo.
        landmarks: ``(68, 2)`` iBUG points in photo pixels.
    """

    name: str
    path: Path
    landmarks: NDArray[np.float64]


@dataclass(frozen=True)
class PhotoProblem:
    """A photo, or a row of a table, that is left out."""

    name: str
    reason: str


@dataclass(frozen=True)
class FaceList:
    """The usable faces, and what was left out for which reason."""

    faces: tuple[ListedFace, ...]
    problems: tuple[PhotoProblem, ...]


def photo_folder(img_path: Path) -> Path:
    """The folder of the photos: ``img_path`` itself, or the ``Dataset`` in it.

    Raises:
        PhotoError: there is no such folder.
    """
    folder = img_path / PHOTO_FOLDER if (img_path / PHOTO_FOLDER).is_dir() else img_path
    if not folder.is_dir():
        remedy = f"Give the folder of the photos, or the one that holds {PHOTO_FOLDER}/ and the landmark tables."
        raise PhotoError("is not a folder", file=img_path, remedy=remedy)
    return folder


def find_table(img_path: Path, split: Split) -> Path | None:
    """``<split>_landmarks.csv`` beside the photo folder, or in it; None if there is none."""
    folder = photo_folder(img_path)
    candidates = [place / f"{split}_landmarks.csv" for place in (folder.absolute().parent, folder)]
    return next((table for table in candidates if table.is_file()), None)


def has_table(img_path: Path) -> bool:
    """Whether any landmark table goes with the photos."""
    return any(find_table(img_path, split) for split in _FALLBACKS)


def list_faces(img_path: Path, split: Split) -> FaceList:
    """The faces of a split, from the landmark tables in the reference's layout.

    ``<root>/Dataset/*.jpg`` (folders allowed) with ``<root>/train_landmarks.csv`` and so on. Where a split has no
    table of its own: ``all`` is the union of the tables there are, ``test`` is ``all``, ``train`` is what ``all`` holds
    beyond ``val``, and without ``val`` a few photos of the training table, chosen by their names, validate.

    Raises:
        PhotoError: no such folder.
        LandmarkError: no table holds the split, or a table cannot be read.
    """
    tables = {name: find_table(img_path, name) for name in _FALLBACKS}
    sources = [name for name in _FALLBACKS[split] if tables[name] is not None]
    if not sources:
        places = " or ".join(str(place) for place in (photo_folder(img_path).absolute().parent, photo_folder(img_path)))
        raise LandmarkError(f"no {split}_landmarks.csv in {places}", remedy="Add it, or have the landmarks detected.")
    if split in ("test", "all") and sources[0] != split and "all" not in sources:
        return _joined([_read(img_path, tables[name]) for name in sources])
    listed = _read(img_path, tables[sources[0]])
    if split == "train" and tables["val"] is not None and sources[0] == "all":
        held_out = {face.path for face in _read(img_path, tables["val"]).faces}
        return FaceList(tuple(face for face in listed.faces if face.path not in held_out), listed.problems)
    if (split == "train" and tables["val"] is None) or (split == "val" and sources[0] != "val"):
        return divide(listed, split)
    return listed


_FALLBACKS: dict[Split, tuple[Split, ...]] = {
    "train": ("train", "all"),
    "val": ("val", "train", "all"),
    "test": ("test", "all", "train", "val"),
    "all": ("all", "train", "val", "test"),
}
"""Tables that may hold a split, the best first."""


def _read(img_path: Path, table: Path | None) -> FaceList:
    assert table is not None
    return read_table(photo_folder(img_path), table)


def _joined(lists: Sequence[FaceList]) -> FaceList:
    """One list; the same face in two tables counts once."""
    faces = {(face.name, face.landmarks.tobytes()): face for one in lists for face in one.faces}
    first_names = [ListedFace(face.name.partition("#")[0], face.path, face.landmarks) for face in faces.values()]
    return FaceList(unique_names(first_names), tuple(problem for one in lists for problem in one.problems))


def read_table(folder: Path, table: Path) -> FaceList:
    """The faces of one table whose photos lie in ``folder``.

    Raises:
        LandmarkError: the table cannot be read, or holds no face with 68 points.
    """
    rows, faulty = read_usable_rows(table)
    problems = [PhotoProblem(row.name, str(row.error)) for row in faulty]
    faces = []
    for row in rows:
        path = folder / row.name.replace("\\", "/").lstrip("/")
        if row.landmarks.scheme != "ibug68":
            problems.append(PhotoProblem(row.name, "5 points; training needs 68"))
        elif not path.is_file():
            problems.append(PhotoProblem(row.name, f"{path} does not exist"))
        else:
            faces.append(ListedFace(path.relative_to(folder).as_posix(), path, row.landmarks.points))
    if not faces:
        first = f" ({problems[0].name}: {problems[0].reason})" if problems else ""
        raise LandmarkError(
            f"no row can be used{first}",
            file=table,
            remedy=f"Each row's name must be a photo in {folder}, followed by 68 points.",
        )
    return FaceList(unique_names(faces), tuple(problems))


def divide(listed: FaceList, split: Split) -> FaceList:
    """The training or the validation part of a list; which, a checksum of the name says, so it never changes."""
    marks = [zlib.crc32(face.path.name.encode()) for face in listed.faces]
    if split not in ("train", "val") or len(set(marks)) < 2:
        return listed  # a single photo is both
    limit = sorted(set(marks))[max(1, round(HELD_OUT * len(set(marks)))) - 1]
    chosen = [face for face, mark in zip(listed.faces, marks, strict=True) if (mark <= limit) == (split == "val")]
    return FaceList(tuple(chosen), listed.problems)


def unique_names(faces: Iterable[ListedFace]) -> tuple[ListedFace, ...]:
    """The faces, those of one photo numbered from the second on."""
    seen: Counter[str] = Counter()
    named = []
    for face in faces:
        seen[face.name] += 1
        number = seen[face.name]
        named.append(face if number == 1 else ListedFace(f"{face.name}#{number}", face.path, face.landmarks))
    return tuple(named)


def photos_below(folder: Path) -> list[Path]:
    """All photos in a folder and its subfolders, sorted by path.

    True masks that lie beside them are none, nor are the pictures in a subfolder with results of this program.
    """
    folders = [folder]
    for place, names, _ in os.walk(folder):
        names[:] = [name for name in names if not _holds_results(Path(place, name))]
        folders += [Path(place, name) for name in names]
    return sorted(path for each in folders for path in list_photos([each]) if path != each)


def _holds_results(folder: Path) -> bool:
    """Whether a training or a reconstruction was written to it."""
    config, manifest = folder / "config.yaml", folder / "manifest.csv"
    if (folder / "coefficients.json").is_file() or (manifest.is_file() and (folder / "contact_sheet.png").is_file()):
        return True
    return config.is_file() and config.read_bytes().startswith(b"preset:")


def write_problems(problems: Sequence[PhotoProblem], path: Path) -> None:
    """A csv of what was left out: ``photo,reason``; written also when nothing was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["photo", "reason"])
        writer.writerows((problem.name, problem.reason) for problem in problems)
