"""Faces gathered into batches, by their order alone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..detection.face import DetectedFace
from ..detection.photo import Photo
from ..facemodel.morphable import MorphableModel
from ..fitting.reconstruction import Reconstruction
from .reading import SearchedPhoto, explain

BATCH_PIXELS = 60_000_000
"""A batch is closed early when its photos reach this size together, so that memory stays bounded."""


class FaceFitter(Protocol):
    """Fits faces that a detector has found; :class:`focusfit.fitting.fitter.Fitter` is one."""

    model: MorphableModel

    def fit_faces(self, photos: Sequence[Photo], faces: Sequence[DetectedFace]) -> list[Reconstruction]:
        """Fit a batch of faces, given pairwise with their photos."""
        ...


@dataclass(frozen=True, eq=False)
class FaceJob:
    """One face on its way, or a photo that has none (``face`` is then None).

    Attributes:
        source: the photo it belongs to.
        number: 1 for the photo's largest face.
        last: it is the last of its photo.
        face: what was detected.
        reconstruction: the fit, once there is one.
        reason: why there is none.
        fit_ms: this face's share of the batch's time.
    """

    source: SearchedPhoto
    number: int
    last: bool
    face: DetectedFace | None
    reconstruction: Reconstruction | None = None
    reason: str = ""
    fit_ms: float = 0.0


def face_jobs(searched: Iterable[SearchedPhoto], most_faces: int | None) -> Iterator[FaceJob]:
    """A job for every face to fit, and one for every photo without."""
    for source in searched:
        faces = source.faces[:most_faces]
        if not faces:
            yield FaceJob(source, 0, True, None, reason=source.reason)
        for number, face in enumerate(faces, start=1):
            yield FaceJob(source, number, number == len(faces), face)


def batches(jobs: Iterable[FaceJob], size: int) -> Iterator[list[FaceJob]]:
    """Consecutive jobs with ``size`` faces in each batch (fewer where photos are huge).

    What is in a batch depends on nothing but the photos, so that a run can be repeated exactly.
    """
    batch: list[FaceJob] = []
    faces = pixels = 0
    for job in jobs:
        batch.append(job)
        if job.face is not None:
            faces += 1
            pixels += job.source.photo.rgb.size // 3 if job.source.photo and job.number == 1 else 0
        if faces >= size or pixels >= BATCH_PIXELS or (faces == 0 and len(batch) >= size):
            yield batch
            batch, faces, pixels = [], 0, 0
    if batch:
        yield batch


def fit_batch(batch: Sequence[FaceJob], fitter: FaceFitter) -> list[FaceJob]:
    """Fit a batch's faces together; if that fails, each on its own, so that one face cannot spoil the others."""
    todo = [job for job in batch if job.face is not None]
    start = time.perf_counter()
    done = iter(_fit(todo, fitter))
    share = 1e3 * (time.perf_counter() - start) / max(len(todo), 1)
    return [_with_result(job, next(done), share) if job.face is not None else job for job in batch]


def _fit(jobs: Sequence[FaceJob], fitter: FaceFitter) -> list[Reconstruction | str]:
    """For each job its reconstruction, or why there is none."""
    if not jobs:
        return []
    photos = [job.source.photo for job in jobs if job.source.photo is not None]
    faces = [job.face for job in jobs if job.face is not None]
    try:
        return list(fitter.fit_faces(photos, faces))
    except Exception as error:
        if len(jobs) == 1:
            return [explain(error)]
    return [result for job in jobs for result in _fit([job], fitter)]


def _with_result(job: FaceJob, result: Reconstruction | str, fit_ms: float) -> FaceJob:
    fit = None if isinstance(result, str) else result
    reason = result if isinstance(result, str) else ""
    return FaceJob(job.source, job.number, job.last, job.face, fit, reason, fit_ms)
