"""Landmarks that the user brings along, as a table."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import LandmarkError, PhotoError
from .face import DetectedFace, LandmarkSet
from .photo import Photo
from .rows_by_path import RowsByPath

SCHEMES = {137: "ibug68", 11: "five"}
"""Columns of a row (a name, then x and y of each point) and the scheme of its points."""

_REMEDY = "A row is the photo's file name, then x and y in pixels of 68 points (137 columns) or 5 points (11 columns)."


@dataclass(frozen=True, eq=False)
class LandmarkRow:
    """One face of the table.

    Attributes:
        name: the photo's file name, with folders or without.
        landmarks: its points, all with confidence 1.
    """

    name: str
    landmarks: LandmarkSet


class LandmarkTable:
    """Stands in for a detector where the points are known.

    Args:
        path: a csv file without or with a header line; see `read_landmark_rows`. A photo may have several rows.
        rows: those to use, where the file is read already.
    """

    name = "csv"

    def __init__(self, path: str | Path, rows: Iterable[LandmarkRow] | None = None) -> None:
        self.path = Path(path)
        self._rows: RowsByPath[LandmarkRow] = RowsByPath()
        for row in read_landmark_rows(self.path) if rows is None else rows:
            self._rows.add(row.name, row)

    def detect(self, photo: Photo) -> list[DetectedFace]:
        """The faces whose rows name the photo, with its folders or without (see `RowsByPath.of`), largest first.

        Raises:
            PhotoError: the table has no row for the photo.
        """
        rows = [] if photo.path is None else self._rows.of(photo.path)
        if not rows:
            raise PhotoError(
                f"has no row in the landmark table {self.path}",
                file=photo.path,
                remedy="Add one, or leave the table out to have the face detected.",
            )
        faces = [_face(row.landmarks, self.name) for row in rows]
        return sorted(faces, key=lambda face: -face.area)


def read_landmark_rows(path: Path) -> list[LandmarkRow]:
    """All rows of a landmark table, with 137 columns (68 points) or 11 columns (5 points), integers or decimals.

    A first line without numbers is taken for a header.

    Raises:
        LandmarkError: the file cannot be read, or a row (its number is named) is not of that form.
    """
    rows, faulty = read_usable_rows(path)
    if faulty:
        raise faulty[0].error
    return rows


@dataclass(frozen=True, eq=False)
class FaultyRow:
    """A row that is not of the table's form.

    Attributes:
        name: what its first cell says.
        error: which row it is and what is wrong.
    """

    name: str
    error: LandmarkError


def read_usable_rows(path: Path) -> tuple[list[LandmarkRow], list[FaultyRow]]:
    """Like :func:`read_landmark_rows`, for tables so large that single bad rows must not stop the work.

    Raises:
        LandmarkError: the file cannot be read, or no row at all holds landmarks.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            lines = list(csv.reader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LandmarkError(f"cannot be read ({error})", file=path, remedy=_REMEDY) from error
    rows, faulty = [], []
    for number, cells in enumerate(lines, start=1):
        cells = [cell.strip() for cell in cells]
        if not any(cells) or (number == 1 and _is_header(cells)):
            continue
        try:
            rows.append(_parse(path, number, cells))
        except LandmarkError as error:
            faulty.append(FaultyRow(cells[0], error))
    if not rows:
        raise faulty[0].error if faulty else LandmarkError("holds no row with landmarks", file=path, remedy=_REMEDY)
    return rows, faulty


def _is_header(cells: list[str]) -> bool:
    return not any(_is_number(cell) for cell in cells[1:])


def _parse(path: Path, number: int, cells: list[str]) -> LandmarkRow:
    if cells[-1] == "" and len(cells) - 1 in SCHEMES:
        cells = cells[:-1]  # a comma at the end of the line
    if len(cells) not in SCHEMES:
        raise LandmarkError(f"row {number} has {len(cells)} columns", file=path, remedy=_REMEDY)
    wrong = next((k for k, cell in enumerate(cells[1:], start=2) if not _is_number(cell)), None)
    if wrong is not None:
        cause = f"row {number}, column {wrong} is '{cells[wrong - 1]}', not a number"
        raise LandmarkError(cause, file=path, remedy=_REMEDY)
    points = np.array([float(cell) for cell in cells[1:]]).reshape(-1, 2)
    if np.ptp(points, axis=0).min() <= 0:
        raise LandmarkError(f"row {number} has all its points on one line", file=path, remedy=_REMEDY)
    return LandmarkRow(cells[0], LandmarkSet(SCHEMES[len(cells)], points, np.ones(len(points))))


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _face(landmarks: LandmarkSet, source: str) -> DetectedFace:
    points: NDArray[np.float64] = landmarks.points
    (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
    return DetectedFace((x0, y0, x1, y1), 1.0, {landmarks.scheme: landmarks}, source)
