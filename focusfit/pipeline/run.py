"""From a list of photos to a finished output folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..detection.face import FaceDetector
from ..errors import FocusfitError
from ..export.contact_sheet import ContactSheet
from ..export.face_folder import is_complete
from ..export.half_written import sweep
from ..export.manifest import STAGES, manifest_table, timings_table
from ..export.naming import FolderNames
from ..export.report import Report
from .fitting import FaceFitter, batches, face_jobs, fit_batch
from .reading import search_photos
from .writing import Writer, Written


@dataclass(frozen=True)
class RunOptions:
    """How a run goes.

    Attributes:
        out: folder for the results; made if missing.
        most_faces: faces taken from each photo, the largest first; None for all.
        workers: threads that read, and as many that write.
        batch_size: faces fitted together.
        title: of the report.
    """

    out: Path
    most_faces: int | None = None
    workers: int = 2
    batch_size: int = 8
    title: str = "Reconstructed faces"


@dataclass
class RunSummary:
    """What a run did so far.

    Attributes:
        photos: photos finished.
        photos_failed: of these, photos that gave no face.
        faces: faces written.
        faces_failed: faces found but not written.
        seconds: wall time.
        stage_ms: summed time of each stage; stages overlap, so their sum exceeds the wall time.
    """

    photos: int = 0
    photos_failed: int = 0
    faces: int = 0
    faces_failed: int = 0
    seconds: float = 0.0
    stage_ms: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))


def reconstruct_photos(
    paths: Sequence[Path],
    fitter: FaceFitter,
    detector: FaceDetector,
    options: RunOptions,
    progress: Callable[[RunSummary], None] = lambda summary: None,
) -> RunSummary:
    """Reconstruct every face of every photo into ``options.out``.

    Reading and writing overlap with fitting; the memory needed does not grow with the number of photos. What goes
    wrong with one photo becomes a row of the manifest.

    Args:
        paths: the photos.
        fitter: fits batches of faces.
        detector: finds them.
        options: where to and how.
        progress: called after every face and every failure.

    Returns:
        Counts and times.

    Raises:
        FocusfitError: the output folder cannot be used.
    """
    _prepare(options.out)
    start = time.perf_counter()
    summary, good_photos = RunSummary(), _PhotoCounter()
    sheet, names = ContactSheet(), FolderNames(paths)
    with (
        manifest_table(options.out) as manifest,
        timings_table(options.out) as timings,
        Report(options.out / "report.html", options.title, fitter.model) as report,
        Writer(options.out, names, options.workers, waiting=2 * options.batch_size) as writer,
    ):

        def finish(written: Written) -> None:
            row = written.row
            manifest.add(vars(row))
            timings.add({"photo": row.photo, "face": row.face} | {f"{k}_ms": ms for k, ms in written.times.items()})
            report.add(row, written.card)
            if written.pictures is not None:
                sheet.add(f"{row.folder}: {_verdict(row.occluded_fraction)}", written.pictures)
            good_photos.count(summary, written)
            summary.seconds = time.perf_counter() - start
            progress(summary)

        searched = search_photos(paths, detector, options.workers)
        cards = 0
        for batch in batches(face_jobs(searched, options.most_faces), options.batch_size):
            for job in fit_batch(batch, fitter):
                with_card = job.reconstruction is not None and cards < report.room
                cards += with_card
                for written in writer.put(job, with_card):
                    finish(written)
        for written in writer.rest():
            finish(written)
        sheet.write(options.out / "contact_sheet.png")
        report.finish()
    summary.seconds = time.perf_counter() - start
    return summary


class _PhotoCounter:
    """Counts a photo when its last row arrives, as good if any of its faces was written."""

    def __init__(self) -> None:
        self._good = False

    def count(self, summary: RunSummary, written: Written) -> None:
        row = written.row
        summary.faces += row.ok
        summary.faces_failed += not row.ok and row.face > 0
        self._good = self._good or row.ok
        if written.last:
            summary.photos += 1
            summary.photos_failed += not self._good
            self._good = False
        for stage, milliseconds in written.times.items():
            summary.stage_ms[stage] += milliseconds


def _prepare(out: Path) -> None:
    """Make the folder and sweep out what a killed run left half written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        sweep(out, is_complete)
        (out / "manifest.csv").touch()
    except OSError as error:
        raise FocusfitError(
            f"cannot be used as output folder ({error.strerror or error})",
            file=out,
            remedy="Choose another with --out.",
        ) from error


def _verdict(occluded_fraction: float | None) -> str:
    return f"{100 * (occluded_fraction or 0):.0f} % hidden"
