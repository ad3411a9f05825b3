"""Landmarks of photos that come without any: detected once, then read from a table beside the run."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ...detection.face import FaceDetector
from ...detection.photo import Photo, read_photo
from ...errors import FocusfitError, PhotoError
from .file_digest import file_digest
from .listing import FaceList, ListedFace, PhotoProblem, photo_folder, photos_below, unique_names

_POINTS = 68
_HEADER = ["content", "detector", "reason", *(f"{axis}{k}" for k in range(_POINTS) for axis in "xy")]
_READ_AHEAD = 8

Loaded = TypeVar("Loaded")


@dataclass(frozen=True, eq=False)
class _Answer:
    """What the detector said about a content: points ``(68, 2)``, or the reason why there are none."""

    points: NDArray[np.float64] | None
    reason: str


class DetectedLandmarks:
    """A growing table of detections, by what the photo files hold.

    Photos may be renamed, moved and copied; one whose content changes is looked at again. Rows are added as photos are
    done, so that an interrupted search goes on where it was.

    Args:
        table: csv file; made when the first row is written.
        detector: made when the first unknown photo comes up.
        name: of the detector; rows of another one are not used.
    """

    def __init__(self, table: Path, detector: Callable[[], FaceDetector], name: str) -> None:
        self.table, self.name = table, name
        self._make_detector = detector
        self._detector: FaceDetector | None = None
        self._known = dict(_read_answers(table, name))

    def list_faces(
        self, img_path: Path, workers: int = 2, progress: Callable[[int, int], None] | None = None
    ) -> FaceList:
        """The largest face of every photo below the photo folder.

        Args:
            img_path: as in :func:`focusfit.data.photos.list_faces`.
            workers: threads that read photos ahead of the detector.
            progress: called with the photos done and their number.

        Raises:
            PhotoError: no such folder, no photo in it, or no face in any of them.
        """
        folder = photo_folder(img_path)
        paths = photos_below(folder)
        faces, problems = [], []
        for done, (path, answer) in enumerate(self._answers(paths, workers), start=1):
            name = path.relative_to(folder).as_posix()
            if answer.points is None:
                problems.append(PhotoProblem(name, answer.reason))
            else:
                faces.append(ListedFace(name, path, answer.points))
            if progress is not None:
                progress(done, len(paths))
        if not faces:
            cause = f"no face in any of {len(paths)} photos" if paths else "holds no photo"
            first = f" ({problems[0].name}: {problems[0].reason})" if problems else ""
            raise PhotoError(cause + first, file=folder, remedy="Give another folder, or a landmark table.")
        return FaceList(unique_names(faces), tuple(problems))

    def _answers(self, paths: Sequence[Path], workers: int) -> Iterator[tuple[Path, _Answer]]:
        with ThreadPoolExecutor(max(workers, 1), thread_name_prefix="read") as pool:
            for path, loaded in _ahead(pool, self._load, paths):
                yield path, self._answer(loaded)

    def _load(self, path: Path) -> tuple[str, Photo | None] | FocusfitError:
        """Content key, and the photo if its landmarks are not known yet."""
        try:
            content = file_digest(path)
            return content, None if content in self._known else read_photo(path)
        except OSError as error:
            return PhotoError(f"cannot be read ({error.strerror or error})", file=path)
        except FocusfitError as error:
            return error

    def _answer(self, loaded: tuple[str, Photo | None] | FocusfitError) -> _Answer:
        if isinstance(loaded, FocusfitError):
            return _Answer(None, str(loaded))  # of no use later: it may be readable then
        content, photo = loaded
        if content not in self._known:
            assert photo is not None
            self._known[content] = self._detect(photo)
            self._append(content, self._known[content])
        return self._known[content]

    def _detect(self, photo: Photo) -> _Answer:
        if self._detector is None:
            self._detector = self._make_detector()
        try:
            faces = self._detector.detect(photo)
        except PhotoError as error:
            return _Answer(None, error.cause)
        found = next((face.landmarks["ibug68"] for face in faces if "ibug68" in face.landmarks), None)
        return _Answer(None, "no face found") if found is None else _Answer(found.points, "")

    def _append(self, content: str, answer: _Answer) -> None:
        self.table.parent.mkdir(parents=True, exist_ok=True)
        new = not self.table.exists()
        points = [] if answer.points is None else [f"{value:.3f}" for value in answer.points.ravel()]
        with self.table.open("a", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            if new:
                writer.writerow(_HEADER)
            writer.writerow([content, self.name, answer.reason, *points])


def _ahead(
    pool: ThreadPoolExecutor, load: Callable[[Path], Loaded], paths: Iterable[Path]
) -> Iterator[tuple[Path, Loaded]]:
    """Paths with what was loaded for them, in order, a few ahead."""
    rest = iter(paths)
    waiting = [(path, pool.submit(load, path)) for path in islice(rest, _READ_AHEAD)]
    while waiting:
        path, future = waiting.pop(0)
        yield path, future.result()
        waiting += [(path, pool.submit(load, path)) for path in islice(rest, 1)]


def _read_answers(table: Path, detector: str) -> Iterator[tuple[str, _Answer]]:
    """Rows of a former run."""
    if not table.is_file():
        return
    written = table.read_bytes()
    if not written.endswith(b"\n"):  # killed while it wrote: the last row is not whole
        table.write_bytes(written[: written.rfind(b"\n") + 1])
    with table.open(newline="", encoding="utf-8") as stream:
        for cells in csv.reader(stream):
            if len(cells) < 3 or cells[1] != detector:
                continue
            try:
                points = np.array([float(cell) for cell in cells[3:]])
            except ValueError:
                continue
            if len(points) == 2 * _POINTS:
                yield cells[0], _Answer(points.reshape(-1, 2), "")
            elif cells[2]:
                yield cells[0], _Answer(None, cells[2])


def write_landmark_table(faces: Sequence[ListedFace], path: Path) -> None:
    """The faces as a table of 137 columns without a header, as landmark tables are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        for face in faces:
            writer.writerow([face.name.partition("#")[0], *(f"{value:.3f}" for value in face.landmarks.ravel())])
