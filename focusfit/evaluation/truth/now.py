"""The NoW benchmark's folder: a list of photos, one scan and one file of seven points per person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from ...errors import FocusfitError
from ..mesh_file import read_mesh
from ..shape_protocol import NOW_PROTOCOL
from .photo import TruePhoto, TrueShape

LIST = "imagepathsvalidation.txt"
OCCLUSIONS = "multiview_occlusions"


def holds_now(folder: Path) -> bool:
    """The folder has this layout."""
    return (folder / LIST).is_file()


def read_now(folder: Path) -> list[TruePhoto]:
    """Read NoW's validation part.

    ``imagepathsvalidation.txt`` lists photos as ``.../PERSON/CHALLENGE/NAME.jpg``; ``scans/PERSON/*.obj`` is the scan
    and ``scans_lmks_onlypp/PERSON/*.pp`` its points. Photos are grouped by challenge.

    Raises:
        FocusfitError: the list is damaged.
    """
    read = cache(partial(_shape, folder))
    return [_photo(photo, read) for photo in read_photo_list(folder / LIST)]


def read_photo_list(path: Path) -> list[PurePosixPath]:
    """``PERSON/CHALLENGE/PHOTO`` of every line of NoW's list of photos.

    Raises:
        FocusfitError: the file cannot be read, is empty, or a line has fewer parts.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise FocusfitError(f"no readable list of photos ({error})", file=path) from error
    photos = []
    for line in filter(None, (line.strip().replace("\\", "/") for line in text.splitlines())):
        parts = PurePosixPath(line).parts[-3:]
        if len(parts) < 3 or {"..", "/"} & set(parts):  # such a path would lead out of the folder
            raise FocusfitError(f"{line!r} is not PERSON/CHALLENGE/PHOTO", file=path)
        photos.append(PurePosixPath(*parts))
    if not photos:
        raise FocusfitError("lists no photo", file=path)
    return photos


def _photo(path: PurePosixPath, read: Callable[[str], TrueShape]) -> TruePhoto:
    person, challenge, _ = path.parts
    return TruePhoto(str(path), (challenge,), challenge == OCCLUSIONS, shape=partial(read, person), person=person)


def _shape(folder: Path, person: str) -> TrueShape:
    scan = _only(folder / "scans" / person, "*.obj")
    points = read_picked_points(_only(folder / "scans_lmks_onlypp" / person, "*.pp"))
    return TrueShape(read_mesh(scan).vertices, points, NOW_PROTOCOL)


def _only(folder: Path, pattern: str) -> Path:
    found: Iterable[Path] = sorted(folder.glob(pattern))
    first = next(iter(found), None)
    if first is None:
        raise FocusfitError(f"holds no {pattern}", file=folder)
    return first


def read_picked_points(path: Path) -> NDArray[np.float64]:
    """``(7, 3)`` of a MeshLab file of picked points, in the file's order.

    Raises:
        FocusfitError: the file is missing or does not hold seven points.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        points = [
            [float(value) for axis in "xyz" for value in re.findall(rf'\s{axis}\s*=\s*"([^"]*)"', tag)]
            for tag in re.findall(r"<point\b[^>]*>", text)
        ]
        array = np.array(points, np.float64)
    except (OSError, ValueError) as error:
        raise FocusfitError(f"no readable points ({error})", file=path) from error
    if array.shape != (7, 3) or not np.isfinite(array).all():
        raise FocusfitError(f"holds points of shape {array.shape} instead of (7, 3)", file=path)
    return array
