"""The tables beside the photos."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from .photo_files import PhotoRow

SPLIT_OF_PERSON = {1: "val", 2: "test"}
"""Which table a person's photos go to, by the last digit of its number; all others are for training.

It depends on the person alone, so that a folder that grows never moves a person from one table to another.
"""


INDEX = ("file", "occluder", "yaw_rad", "hidden", "person", "sex", "age", "skin_tone", "split")
"""Columns of ``index.csv``."""


def split_of(person: int) -> str:
    """``train``, ``val`` or ``test``."""
    return SPLIT_OF_PERSON.get(person % 10, "train")


def write_tables(root: Path, photos: Path, rows: Sequence[PhotoRow]) -> None:
    """Landmark tables in ``root``; what evaluation reads beside the ``photos``."""
    for split in ("train", "val", "test"):
        _write(root / f"{split}_landmarks.csv", map(_points, (row for row in rows if split_of(row.person) == split)))
    _write(root / "all_landmarks.csv", map(_points, rows))
    people = [("file", "person"), *((row.file, f"p{row.person:06d}") for row in rows)]
    _write(photos / "people.csv", people)
    _write(photos / "index.csv", [INDEX, *map(_facts, rows)])


def _points(row: PhotoRow) -> Sequence[str]:
    return [row.file, *(f"{value:.2f}" for value in row.landmarks)]


def _facts(row: PhotoRow) -> Sequence[str]:
    numbers = (f"{row.yaw_rad:.4f}", f"{row.hidden:.4f}", f"p{row.person:06d}")
    return [row.file, row.occluder, *numbers, row.sex, f"{row.age:.0f}", str(row.skin_tone), split_of(row.person)]


def _write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text.getvalue(), encoding="utf-8")
    partial.replace(path)
