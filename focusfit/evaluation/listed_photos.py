"""What a run's ``manifest.csv`` says about each photo."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from ..errors import FocusfitError


@dataclass(frozen=True)
class ListedPhoto:
    """A photo of a run.

    Attributes:
        path: as it was named.
        folder: of its largest face; empty where the run gave none.
    """

    path: Path
    folder: str


def read_manifest(path: Path) -> list[ListedPhoto]:
    """The photos of a run, those that failed included; none if there is no manifest.

    Raises:
        FocusfitError: the manifest is damaged.
    """
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        return [ListedPhoto(Path(row["photo"]), row["folder"] or "") for row in rows if row["face"] in ("0", "1")]
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise FocusfitError(f"no readable manifest ({error})", file=path) from error


def find_photo(listed: list[ListedPhoto], photo: str) -> ListedPhoto | None:
    """The photo of that name; one that differs from it in the extension alone, if there is none.

    Args:
        listed: a run's photos.
        photo: a file name, with the folders above where names repeat.
    """
    path = Path(photo)
    named = [each for each in listed if each.path.parts[-len(path.parts) :] == path.parts]
    if not named:  # the ground truth may not know the photo's extension
        named = [each for each in listed if _bare(each.path)[-len(path.parts) :] == _bare(path)]
    # A name without folders means the uppermost of the photos that bear it.
    return min(named, key=lambda each: len(each.path.parts), default=None)


def _bare(path: Path) -> tuple[str, ...]:
    return (*path.parts[:-1], path.stem)
