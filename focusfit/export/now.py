"""A submission for the NoW benchmark: one neutral mesh and seven points per photo."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import FocusfitError


@dataclass(frozen=True)
class SubmissionSummary:
    """What became of the list's photos.

    Attributes:
        written: photos with a mesh.
        missing: photos without a reconstruction.
    """

    written: tuple[str, ...]
    missing: tuple[str, ...]


def write_submission(photos: Sequence[PurePosixPath], folders: Sequence[Path | None], out: Path) -> SubmissionSummary:
    """Copy each photo's ``neutral.obj`` and ``landmarks7.txt`` to ``PERSON/CHALLENGE/PHOTO.obj`` and ``.txt``.

    Args:
        photos: the list's photos.
        folders: for each its reconstruction's folder, there or not; None where there is none.
        out: folder to write to.

    Raises:
        FocusfitError: the folder cannot be written.
    """
    written, missing = [], []
    try:
        for photo, folder in zip(photos, folders, strict=True):
            sources = [] if folder is None else [folder / "neutral.obj", folder / "landmarks7.txt"]
            if not sources or not all(source.is_file() for source in sources):
                missing.append(str(photo))
                continue
            target = out / photo
            target.parent.mkdir(parents=True, exist_ok=True)
            for source, suffix in zip(sources, (".obj", ".txt"), strict=True):
                shutil.copyfile(source, target.with_suffix(suffix))
            written.append(str(photo))
    except OSError as error:
        raise FocusfitError(f"cannot be written ({error.strerror or error})", file=out) from error
    return SubmissionSummary(tuple(written), tuple(missing))
