"""Fits written in the background; their rows come back in order."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from ..export.doubts import doubts
from ..export.face_folder import write_face
from ..export.manifest import FAILED, OK, ManifestRow
from ..export.naming import FolderNames, printable
from ..export.photo_masks import FacePictures
from ..export.report_card import report_card
from .fitting import FaceJob
from .reading import explain


@dataclass(frozen=True, eq=False)
class Written:
    """What became of one job.

    Attributes:
        row: of the manifest.
        last: it is the last row of its photo.
        times: milliseconds by stage.
        pictures: for the contact sheet; None if nothing was written.
        card: for the report; None if nothing was written or the report has no room.
    """

    row: ManifestRow
    last: bool
    times: dict[str, float]
    pictures: FacePictures | None = None
    card: str | None = None


class Writer:
    """A pool of threads with a bounded queue.

    Args:
        out: the run's folder.
        names: of the faces' folders.
        workers: threads.
        waiting: jobs that may wait before :meth:`put` blocks.
    """

    def __init__(self, out: Path, names: FolderNames, workers: int, waiting: int) -> None:
        self._out, self._names, self._most = out, names, waiting
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="write")
        self._queue: deque[Future[Written]] = deque()

    def put(self, job: FaceJob, with_card: bool) -> Iterator[Written]:
        """Queue a job; yields what had to be finished before there was room, in order."""
        while len(self._queue) >= self._most or (self._queue and self._queue[0].done()):
            yield self._queue.popleft().result()
        folder = self._names.folder(job.source.index, job.number - 1) if job.reconstruction else ""
        self._queue.append(self._pool.submit(_write, job, self._out, folder, with_card))

    def rest(self) -> Iterator[Written]:
        """Wait for what is left, in order."""
        while self._queue:
            yield self._queue.popleft().result()

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)


def _write(job: FaceJob, out: Path, folder: str, with_card: bool) -> Written:
    source, fit = job.source, job.reconstruction
    row = ManifestRow(printable(str(source.path)), job.number, "", FAILED, job.reason, len(source.faces))
    times = {"fit": job.fit_ms} if job.face else {}
    if job.number <= 1:
        times |= {"decode": source.decode_ms, "detect": source.detect_ms}
    if fit is None or source.photo is None:
        return Written(row, job.last, times)
    start = time.perf_counter()
    try:
        pictures = write_face(fit, source.photo, out / folder)
        row = replace(
            row,
            folder=folder,
            status=OK,
            occluded="yes" if fit.occluded else "no",
            occluded_fraction=float(fit.occluded_fraction),
            confidence=float(fit.confidence),
            doubts="; ".join(doubts(fit)),
        )
        card = report_card(row, fit, pictures) if with_card else None
    except Exception as error:
        return Written(replace(row, reason=explain(error)), job.last, times)
    times["write"] = 1e3 * (time.perf_counter() - start)
    return Written(row, job.last, times, pictures, card)
