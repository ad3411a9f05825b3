"""A csv file that grows by rows, keyed by their iteration, and can be taken back to an earlier one."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path

KEY = "iteration"


class CsvLog:
    """Rows of one file; a new column makes the file be written anew with it.

    Args:
        path: of the file; what it holds already stays.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._columns, self._rows = _read(path)
        if path.exists():
            self._rewrite()  # without the half row that a killed run may have left

    def append(self, iteration: int, values: Mapping[str, object]) -> None:
        """Add a row; numbers have nine digits, which tell any two 32 bit numbers apart."""
        row = {KEY: str(iteration)} | {name: _shown(value) for name, value in values.items()}
        self._rows.append(row)
        if new := [name for name in row if name not in self._columns]:
            self._columns += new
            self._rewrite()
            return
        with self.path.open("a", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerow([row.get(name, "") for name in self._columns])

    def has(self, iteration: int, values: Mapping[str, object]) -> bool:
        """Whether there is such a row."""
        row = {KEY: str(iteration)} | {name: _shown(value) for name, value in values.items()}
        return any(all(known.get(name, "") == value for name, value in row.items()) for known in self._rows)

    def take_back(self, iteration: int) -> None:
        """Drop the rows after ``iteration``."""
        kept = [row for row in self._rows if int(row[KEY]) <= iteration]
        if len(kept) < len(self._rows):
            self._rows = kept
            self._rewrite()

    def _rewrite(self) -> None:
        fresh = self.path.with_name(self.path.name + ".unfinished")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, self._columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(self._rows)
        os.replace(fresh, self.path)


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    if not path.is_file():
        return [KEY], []
    with path.open(encoding="utf-8", newline="") as stream:
        lines = stream.read()
    whole = lines[: lines.rfind("\n") + 1].splitlines()
    table = list(csv.reader(whole))
    if not table or table[0][:1] != [KEY]:
        return [KEY], []
    rows = [dict(zip(table[0], row, strict=True)) for row in table[1:] if len(row) == len(table[0])]
    return table[0], [row for row in rows if row[KEY].isdigit()]


def _shown(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, float) else str(value)
