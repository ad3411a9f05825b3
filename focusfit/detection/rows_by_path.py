"""Which rows of a table are a photo's, wherever the table was written."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

Row = TypeVar("Row")

Parts = tuple[str, ...]


class RowsByPath(Generic[Row]):
    """Rows of a table, each of which names a photo by its file name, with folders or without.

    Args:
        with_suffix: ``a.jpg`` and ``a.png`` are two photos.
    """

    def __init__(self, with_suffix: bool = True) -> None:
        self._with_suffix = with_suffix
        self._rows: dict[Parts, list[Row]] = {}
        self._named: dict[str, dict[Parts, str]] = {}  # by file name: the paths that end in it, as they were written
        self._folders: set[Parts] = set()

    def add(self, name: str, row: Row) -> None:
        """Append a row for the photo of that name."""
        parts = self._parts(name)
        self._rows.setdefault(parts, []).append(row)
        self._named.setdefault(parts[-1], {})[parts] = name
        self._folders.add(parts[:-1])

    def of(self, photo: Path) -> list[Row]:
        """The photo's rows, in order; none if there are none.

        These are the rows whose name is the end of the photo's path, those with the most folders if there are several
        kinds. If none is, the table may come from another machine: then those whose name ends most like the path are
        taken, unless they are of several folders, or known to mean another photo.
        """
        path = os.path.abspath(photo)
        parts = self._parts(path)
        ends = (parts[start:] for start in range(len(parts)))
        fitting = next((end for end in ends if end in self._rows), None)
        return self._rows[fitting] if fitting else self._from_elsewhere(Path(path), parts)

    def _from_elsewhere(self, photo: Path, parts: Parts) -> list[Row]:
        named = self._named.get(parts[-1], {})
        alike = {each: _common_end(each, parts) for each in named}
        most = max(alike.values(), default=0)
        nearest = [each for each in named if alike[each] == most]
        if len(nearest) != 1 or self._means_folders_here(photo, parts, named[nearest[0]]):
            return []
        return self._rows[nearest[0]]

    def _means_folders_here(self, photo: Path, parts: Parts, name: str) -> bool:
        """The table knows the photo's folder, or what the row names is there, in another folder."""
        folder = parts[:-1]
        if any(folder[start:] in self._folders for start in range(len(folder))):
            return True
        return any(_is_another_file(above / _as_posix(name).lstrip("/"), photo) for above in photo.parents)

    def _parts(self, name: str) -> Parts:
        path = PurePosixPath(_as_posix(name).lstrip("/"))
        return (path if self._with_suffix else path.with_name(path.stem) if path.name else path).parts or ("",)


def _as_posix(name: str) -> str:
    return name.replace("\\", "/")


def _is_another_file(path: Path, photo: Path) -> bool:
    return os.path.isfile(path) and not (os.path.exists(photo) and os.path.samefile(path, photo))


def _common_end(one: Parts, other: Parts) -> int:
    """How many parts at their ends are the same."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((count for count, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
