"""The demonstration: seven people, and the same people with things before their faces."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .data.occluders import OCCLUDERS, occlude
from .detection import FaceDetector, read_photo
from .errors import FocusfitError

NOTHING = "nothing"
"""Kind of the untouched photos."""


@dataclass(frozen=True)
class DemoPhoto:
    """A photo of the demonstration.

    Attributes:
        path: the photo.
        kind: what was painted over its faces; :data:`NOTHING` for the original.
        covered: picture of the photo's size, 255 where something was painted; None for the original.
    """

    path: Path
    kind: str
    covered: Path | None


@dataclass(frozen=True)
class MaskScore:
    """How well one kind of occluder was found, over all faces.

    Attributes:
        kind: of occluder.
        faces: number of faces reconstructed.
        covered: share of the faces' regions that is truly covered.
        iou: intersection over union of the found and the painted occluder, inside the faces' regions.
        accuracy: share of the regions' pixels that are classified rightly.
    """

    kind: str
    faces: int
    covered: float
    iou: float
    accuracy: float


def make_photos(folder: Path, detector: FaceDetector) -> list[DemoPhoto]:
    """Write the demonstration's photos: two originals, and each with every kind of occluder over all its faces.

    Everything comes from packages that are installed anyway.

    Raises:
        FocusfitError: insightface's photo is not where it should be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "covered").mkdir(exist_ok=True)
    photos = []
    for path in (_astronaut(folder), _people(folder)):
        photo = read_photo(path)
        points = [face.landmarks["ibug68"].points for face in detector.detect(photo)]
        photos.append(DemoPhoto(path, NOTHING, None))
        for kind in OCCLUDERS:
            rgb, covered = photo.rgb, np.zeros(photo.rgb.shape[:2], np.uint8)
            for number, landmarks in enumerate(points):
                painted = occlude(rgb, landmarks, kind, seed=number)
                rgb, covered = painted.rgb, np.maximum(covered, painted.covered)
            name = f"{path.stem}_{kind}.png"
            _save(folder / name, rgb)
            _save(folder / "covered" / name, covered)
            photos.append(DemoPhoto(folder / name, kind, folder / "covered" / name))
    return photos


def score_masks(photos: Sequence[DemoPhoto], out: Path) -> list[MaskScore]:
    """Compare the masks in a finished output folder with what was painted."""
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["status"] == "ok"]
    scores = []
    for kind in (NOTHING, *OCCLUDERS):
        wanted = {str(photo.path): photo for photo in photos if photo.kind == kind}
        counts = [_confusion(out / row["folder"], wanted[row["photo"]]) for row in rows if row["photo"] in wanted]
        both, found, painted, region = np.sum(counts, axis=0) if counts else np.zeros(4)
        region = max(region, 1)
        union = found + painted - both
        iou = both / union if kind != NOTHING and union else float("nan")
        scores.append(MaskScore(kind, len(counts), painted / region, iou, 1 - (union - both) / region))
    return scores


def _confusion(folder: Path, photo: DemoPhoto) -> tuple[int, int, int, int]:
    """Pixels of the region: found and painted, found, painted, all."""
    region = _load(folder / "face_region.png") > 127
    found = region & (_load(folder / "mask.png") <= 127)
    painted = region & (_load(photo.covered) > 127) if photo.covered else np.zeros_like(region)
    return int((found & painted).sum()), int(found.sum()), int(painted.sum()), int(region.sum())


def _astronaut(folder: Path) -> Path:
    from skimage import data

    _save(folder / "astronaut.png", data.astronaut())
    return folder / "astronaut.png"


def _people(folder: Path) -> Path:
    # Found without importing insightface, which takes seconds.
    package = find_spec("insightface")
    source = Path(package.origin).parent / "data" / "images" / "t1.jpg" if package and package.origin else None
    if source is None or not source.is_file():
        raise FocusfitError("insightface's photo t1.jpg is missing", remedy="Install insightface again.")
    shutil.copyfile(source, folder / "people.jpg")
    return folder / "people.jpg"


def _save(path: Path, picture: NDArray[np.uint8]) -> None:
    ordered = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
    path.write_bytes(cv2.imencode(".png", ordered)[1].tobytes())


def _load(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)
