"""Hidden neighbours under which results are written, and what a killed run leaves of them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

PARTIAL, REPLACED = ".focusfit-partial", ".focusfit-replaced"
"""Ends of their names, which nobody else gives: what is not finished, and the older folder while a new one comes."""

LONGEST = 230
"""Bytes of a name that can be given such an end; file systems stop at 255."""


def partial_path(path: Path) -> Path:
    """Where to write what shall bear the name when it is finished."""
    return _hidden(path, PARTIAL)


def put_in_place(partial: Path, folder: Path) -> None:
    """Give a finished folder its name; an older one goes when the new one is there.

    Raises:
        OSError: it cannot be renamed; the older one is back, then.
    """
    replaced = _hidden(folder, REPLACED)
    shutil.rmtree(replaced, ignore_errors=True)  # of a killed run
    if not folder.exists():
        partial.rename(folder)
        return
    folder.rename(replaced)
    try:
        partial.rename(folder)
    except OSError:
        replaced.rename(folder)
        raise
    shutil.rmtree(replaced, ignore_errors=True)


def sweep(out: Path, is_complete: Callable[[Path], bool]) -> None:
    """Remove what a killed run left in a folder; what it had taken away and not yet replaced is put back.

    Args:
        out: the run's folder.
        is_complete: a face's folder holds all its files.

    Raises:
        OSError: something cannot be removed or renamed.
    """
    for stale in out.glob(f".*{PARTIAL}"):
        _remove(stale)
    for replaced in out.glob(f".*{REPLACED}"):
        folder = out / replaced.name[1 : -len(REPLACED)]
        if not folder.exists() and is_complete(replaced):
            replaced.rename(folder)
        else:
            _remove(replaced)


def _hidden(path: Path, end: str) -> Path:
    name = path.name
    if len(name.encode(errors="surrogateescape")) > LONGEST:
        name = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()
    return path.with_name(f".{name}{end}")


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
