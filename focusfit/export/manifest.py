"""The run's tables: what became of every photo (`manifest.csv`) and how long it took (`timings.csv`)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any

OK = "ok"
FAILED = "failed"


@dataclass(frozen=True)
class ManifestRow:
    """One face found, or one photo that gave none.

    Attributes:
        photo: the photo as it was named in the input.
        face: 1 for the largest face of the photo, 0 where there is none.
        folder: the face's folder under the output folder; empty where nothing was written.
        status: ``ok`` or ``failed``.
        reason: why it failed, in words; empty if it did not.
        face_count: number of faces found in the photo.
        occluded: ``yes`` or ``no``.
        occluded_fraction: share of the face's region that something hides.
        confidence: in [0, 1].
        doubts: what speaks against trusting the face, in words, with semicolons between.
    """

    photo: str
    face: int
    folder: str
    status: str
    reason: str
    face_count: int = 0
    occluded: str = ""
    occluded_fraction: float | None = None
    confidence: float | None = None
    doubts: str = ""

    @property
    def ok(self) -> bool:
        """The face was written."""
        return self.status == OK


class Table:
    """A csv file that grows row by row; what is written stays if the run is stopped.

    Args:
        path: file to write; an older one is replaced.
        columns: its header.
    """

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self._columns = columns
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(columns)
        self._file.flush()

    def add(self, row: Mapping[str, Any]) -> None:
        """Append a row; floats get four decimals, missing values stay empty."""
        self._writer.writerow([_cell(row.get(column)) for column in self._columns])
        self._file.flush()

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self) -> Table:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def manifest_table(folder: Path) -> Table:
    """``manifest.csv`` in ``folder``; its rows are ``vars(ManifestRow)``."""
    return Table(folder / "manifest.csv", tuple(column.name for column in fields(ManifestRow)))


STAGES = ("decode", "detect", "fit", "write")
"""Stages of ``timings.csv``; decoding and detection are of the whole photo, fitting is a face's share of its batch."""


def timings_table(folder: Path) -> Table:
    """``timings.csv`` in ``folder``: photo, face and milliseconds of each stage."""
    return Table(folder / "timings.csv", ("photo", "face", *(f"{stage}_ms" for stage in STAGES)))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
