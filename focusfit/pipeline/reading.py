"""Photos decoded and searched for faces ahead of the fitting, delivered in order."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..detection.face import DetectedFace, FaceDetector
from ..detection.photo import Photo, read_photo
from ..errors import FocusfitError

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class SearchedPhoto:
    """A photo and the faces found in it.

    Attributes:
        index: its place in the run, from zero.
        path: where it is.
        photo: its pixels; None if it could not be read.
        faces: largest first.
        reason: why there is no face to fit; empty if there is one.
        decode_ms: time for reading.
        detect_ms: time for detection.
    """

    index: int
    path: Path
    photo: Photo | None
    faces: tuple[DetectedFace, ...]
    reason: str
    decode_ms: float
    detect_ms: float


def search_photos(paths: Sequence[Path], detector: FaceDetector, workers: int) -> Generator[SearchedPhoto, None, None]:
    """Read and search photos in ``workers`` threads, at most ``2 * workers`` photos ahead of the consumer.

    The order is that of ``paths`` whatever finishes first. Decoding runs side by side; detection, one photo at a time:
    its interpreter holds one set of buffers.
    """
    detecting = threading.Lock()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="read")
    ahead: deque[Future[SearchedPhoto]] = deque()
    jobs = enumerate(paths)
    try:
        while True:
            for index, path in islice(jobs, 2 * workers - len(ahead)):
                ahead.append(pool.submit(_search, index, path, detector, detecting))
            if not ahead:
                return
            yield ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _search(index: int, path: Path, detector: FaceDetector, detecting: threading.Lock) -> SearchedPhoto:
    start = time.perf_counter()
    photo: Photo | None = None
    faces: tuple[DetectedFace, ...] = ()
    reason, decoded = "", start
    try:
        photo = read_photo(path)
        decoded = time.perf_counter()
        with detecting:
            detection_start = time.perf_counter()
            faces = tuple(detector.detect(photo))
        reason = "" if faces else "no face was found"
    except Exception as error:
        reason, detection_start = explain(error), decoded
    end = time.perf_counter()
    detect_ms = 1e3 * (end - detection_start) if photo else 0.0
    return SearchedPhoto(index, path, photo, faces, reason, 1e3 * ((decoded if photo else end) - start), detect_ms)


def explain(error: Exception) -> str:
    """An error as one line for the manifest; one that nobody foresaw is logged with its traceback."""
    if isinstance(error, FocusfitError):
        text = error.cause if error.remedy is None else f"{error.cause}. {error.remedy}"
    else:
        log.debug("unforeseen error", exc_info=error)
        text = f"unforeseen {type(error).__name__}: {error}"
    return " ".join(text.split())
