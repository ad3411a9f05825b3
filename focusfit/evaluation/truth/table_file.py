"""Reading the csv files of ground truth."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import FocusfitError


def read_table(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Rows of a csv file with a header line that has at least the given columns; blank rows are none.

    Raises:
        FocusfitError: the file cannot be read, lacks a column, has a short row, or one that names no file.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            numbered = [(reader.line_num, row) for row in reader if not _blank(row)]
    except (OSError, ValueError, csv.Error) as error:
        raise FocusfitError(f"no readable table ({error})", file=path) from error
    if not numbered:
        raise FocusfitError("lists no photo", file=path)
    for number, row in numbered:
        absent = [column for column in columns if row.get(column) is None]
        if absent:
            raise FocusfitError(f"line {number} has no column {absent[0]!r}", file=path)
        if "file" in columns and not row["file"].strip():
            raise FocusfitError(f"line {number} names no file", file=path, remedy="Name it, or remove the line.")
    return [row for _, row in numbered]


def _blank(row: dict[str, str]) -> bool:
    """Nothing but separators and spaces, as spreadsheets leave behind."""
    return not any(isinstance(cell, str) and cell.strip() for cell in row.values())


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
