"""Which photos are meant by what the user typed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from glob import glob, has_magic
from pathlib import Path

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
"""What counts as a photo in a folder, in any case."""

VISIBLE_MASK, FACE_REGION = "_visible_skin_mask.png", "_face_region.png"
"""What follows a photo's stem in the names of its true masks, beside it."""


def list_photos(inputs: Iterable[str | Path]) -> list[Path]:
    """Photos named by files, folders and glob patterns, each once, in the order given.

    A file that is named is taken whatever its suffix, also when it does not exist, so that it gets its row in the
    results. A folder (not its subfolders) and a pattern without a suffix give what has one of `PHOTO_SUFFIXES` and is
    no true mask of a photo beside it, sorted by name; broken links and folders so named are kept, and fail with their
    reason when read.
    """
    photos: dict[str, Path] = {}
    for entry in inputs:
        for path in _expand(_at_home(Path(entry))):
            photos.setdefault(os.path.abspath(path), path)
    return list(photos.values())


def _at_home(path: Path) -> Path:
    """The path with a leading ``~`` as the shell would have it, unless something bears the name as it was typed."""
    if os.path.lexists(path):
        return path
    try:
        return path.expanduser()
    except RuntimeError:  # no user is called that: a photo's name may begin so
        return path


def _expand(path: Path) -> list[Path]:
    # Those of os.path, since they raise nothing where a folder may not be read: reading the photo says what is wrong.
    if os.path.isdir(path):
        try:
            return sorted(child for child in path.iterdir() if _is_photo(child))
        except OSError:
            return [path]
    if os.path.lexists(path) or not has_magic(str(path)):
        return [path]
    matches = sorted(Path(match) for match in glob(str(path), recursive=True))
    if not path.suffix or has_magic(path.suffix):
        matches = [match for match in matches if _is_photo(match)]
    return [match for match in matches if not os.path.isdir(match)] or [path]


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in PHOTO_SUFFIXES and not path.name.endswith((VISIBLE_MASK, FACE_REGION))
