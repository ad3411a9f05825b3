"""Reading the csv files of ground truth."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import FocusfitError


def read_table(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Rows of a csv file with a header line that has at least the given columns.

    Raises:
        FocusfitError: the file cannot be read, lacks a column, or has a short row.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, ValueError, csv.Error) as error:
        raise FocusfitError(f"no readable table ({error})", file=path) from error
    if not rows:
        raise FocusfitError("lists no photo", file=path)
    for number, row in enumerate(rows, 2):
        absent = [column for column in columns if row.get(column) is None]
        if absent:
            raise FocusfitError(f"line {number} has no column {absent[0]!r}", file=path)
    return rows


def number(row: dict[str, str], column: str, path: Path) -> float:
    """A row's number; nan where the cell is empty or the column is not there.

    Raises:
        FocusfitError: the cell holds something else.
    """
    text = (row.get(column) or "").strip()
    try:
        return float(text) if text else float("nan")
    except ValueError as error:
        raise FocusfitError(f"{text!r} in column {column!r} is not a number", file=path) from error


def points68(row: dict[str, str], path: Path) -> NDArray[np.float64]:
    """``(68, 2)`` from the columns x0, y0 ... x67, y67.

    Raises:
        FocusfitError: a cell is not a finite number.
    """
    points = np.array([[number(row, f"x{k}", path), number(row, f"y{k}", path)] for k in range(68)])
    if not np.isfinite(points).all():
        raise FocusfitError("a landmark's cell is empty or not finite", file=path)
    return points
