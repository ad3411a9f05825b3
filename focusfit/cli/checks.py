"""What several commands ask of their arguments before they begin."""

from __future__ import annotations

from pathlib import Path

from ..errors import FocusfitError


def require_workers(workers: int) -> None:
    """Raise FocusfitError unless there is somebody to do the work."""
    if workers < 1:
        raise FocusfitError(f"--workers is {workers}", remedy="Give 1 or more.")


def require_seed(seed: int) -> None:
    """Raise FocusfitError for a seed that numpy does not take."""
    if seed < 0:
        raise FocusfitError(f"--seed is {seed}", remedy="Give 0 or more.")


def require_png(out: Path) -> None:
    """Raise FocusfitError unless ``out`` can be the name of a picture."""
    if out.is_dir() or out.suffix.lower() != ".png":
        raise FocusfitError("is not the name of a picture", file=out, remedy="Name a .png with --out.")
