"""What a run shows while it goes and when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ..pipeline.run import RunSummary


def silence_decoders() -> None:
    """Keep OpenCV's remarks about damaged photos off the terminal: the manifest says what matters."""
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@contextmanager
def photo_progress(photos: int) -> Iterator[Callable[[RunSummary], None]]:
    """A bar on stderr with rate and time left; yields the function that a run calls."""
    silence_decoders()
    columns = (
        TextColumn("photos"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("photos", total=photos, rate="")

        def show(summary: RunSummary) -> None:
            rate = f"{summary.faces / max(summary.seconds, 1e-6):.1f} faces/s"
            bar.update(task, completed=summary.photos, rate=rate)

        yield show


@contextmanager
def face_progress(faces: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr; yields a function that takes the number of faces done."""
    columns = (TextColumn("faces"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("faces", total=faces)
        yield lambda done: bar.update(task, completed=done)


def print_summary(summary: RunSummary, out: Path) -> None:
    """Counts, what failed, and where to look, on stdout."""
    print(f"{summary.faces} faces of {summary.photos} photos in {summary.seconds:.1f} s: {out / 'report.html'}")
    if summary.photos_failed or summary.faces_failed:
        print(
            f"{summary.photos_failed} photos gave no face, {summary.faces_failed} faces could not be reconstructed: "
            f"the reasons are in {out / 'manifest.csv'}"
        )


def timings_table(summary: RunSummary) -> Table:
    """Milliseconds of each stage, in total and for a face."""
    table = Table(title="time by stage (stages overlap)")
    table.add_column("stage")
    table.add_column("total, ms", justify="right")
    table.add_column("a face, ms", justify="right")
    faces = max(summary.faces, 1)
    for stage, total in summary.stage_ms.items():
        table.add_row(stage, f"{total:.0f}", f"{total / faces:.1f}")
    table.add_row("wall clock", f"{1e3 * summary.seconds:.0f}", f"{1e3 * summary.seconds / faces:.1f}")
    return table
