"""Who is on which photo: ``people.csv`` with the columns ``file`` and ``person``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .photo import TruePhoto, existing
from .table_file import read_table

NAME = "people.csv"


def holds_people(folder: Path) -> bool:
    """The folder says who is on which photo."""
    return (folder / NAME).is_file()


def read_people(folder: Path) -> list[TruePhoto]:
    """Photos of which nothing but the person is known, and true coefficients where ``NAME.npz`` holds them.

    Raises:
        FocusfitError: the table is damaged.
    """
    rows = read_table(folder / NAME, ("file", "person"))
    return [
        TruePhoto(
            row["file"], person=row["person"], coefficients=existing(folder / Path(row["file"]).with_suffix(".npz"))
        )
        for row in rows
    ]


def with_people(photos: list[TruePhoto], folder: Path) -> list[TruePhoto]:
    """The photos with the persons that ``people.csv`` names for them."""
    people = {row["file"]: row["person"] for row in read_table(folder / NAME, ("file", "person"))}
    return [replace(photo, person=people.get(photo.name, photo.person)) for photo in photos]
