"""Reading arrays from npz files, and nothing else from them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import FocusfitError


def read_array(path: Path, name: str) -> NDArray[np.float64]:
    """One array of numbers of an npz file.

    Raises:
        FocusfitError: the file or the array is missing or damaged, or holds numbers that are not finite.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            array = stored[name].astype(np.float64)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise FocusfitError(f"no readable array {name!r} ({error})", file=path) from error
    if not np.isfinite(array).all():
        raise FocusfitError(f"array {name!r} has numbers that are not finite", file=path)
    return array


def holds_array(path: Path, name: str) -> bool:
    """The file is there and has such an array."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return name in stored
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return False
