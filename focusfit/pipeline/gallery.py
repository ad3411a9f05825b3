"""From a list of photos to a gallery of their first faces."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from ..detection.face import FaceDetector
from ..export.gallery import Gallery
from ..export.naming import printable
from .fitting import FaceFitter, FaceJob, batches, face_jobs, fit_batch
from .reading import explain, search_photos
from .run import RunSummary

BATCH = 8
"""Faces fitted together."""


@dataclass(frozen=True, eq=False)
class GalleryRun:
    """What a gallery came from.

    Attributes:
        gallery: the faces.
        summary: counts and times; photos after the last face that was wanted are not looked at and not counted.
        problems: photos and faces that gave nothing, each with its reason.
    """

    gallery: Gallery
    summary: RunSummary = field(default_factory=RunSummary)
    problems: list[tuple[Path, str]] = field(default_factory=list)


def fill_gallery(
    paths: Sequence[Path],
    fitter: FaceFitter,
    detector: FaceDetector,
    gallery: Gallery,
    most_faces: int,
    workers: int = 2,
    progress: Callable[[RunSummary], None] = lambda summary: None,
) -> GalleryRun:
    """Reconstruct faces photo by photo, the largest of each first, until there are enough.

    Args:
        paths: the photos.
        fitter: fits batches of faces.
        detector: finds them.
        gallery: where they go.
        most_faces: how many are enough.
        workers: threads that read photos.
        progress: called after every face and every failure.
    """
    run, start = GalleryRun(gallery), time.perf_counter()
    summary, gave = run.summary, dict[int, bool]()
    with closing(search_photos(paths, detector, workers)) as searched:
        for batch in batches(_first(face_jobs(searched, None), most_faces), BATCH):
            for job in fit_batch(batch, fitter):
                reason = _add(job, gallery)
                if reason:
                    run.problems.append((job.source.path, reason))
                    summary.faces_failed += job.face is not None
                gave[job.source.index] = gave.get(job.source.index, False) or not reason
                summary.photos, summary.photos_failed = len(gave), len(gave) - sum(gave.values())
                summary.faces, summary.seconds = len(gallery), time.perf_counter() - start
                progress(summary)
    return run


def _first(jobs: Iterable[FaceJob], most_faces: int) -> Iterator[FaceJob]:
    """Jobs up to the last face that is wanted."""
    for job in jobs:
        yield job
        most_faces -= job.face is not None
        if not most_faces:
            return


def _add(job: FaceJob, gallery: Gallery) -> str:
    """Put a face into the gallery; returns why not, if not."""
    source, fit = job.source, job.reconstruction
    if fit is None or source.photo is None:
        return job.reason
    which = f", face {job.number}" if len(source.faces) > 1 else ""
    try:
        gallery.add(f"{printable(source.path.name)}{which}: {fit.occluded_fraction:.0%} hidden", fit, source.photo)
    except Exception as error:
        return explain(error)
    return ""
