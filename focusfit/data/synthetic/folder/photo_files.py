"""The files of one photo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..anatomy import NOW_LANDMARKS
from ..photo import SyntheticPhoto
from ..world import SyntheticWorld

JPEG_QUALITY = 96
"""Of the file; the sensor's own compression is in the picture already."""

NOTHING = "none"
"""Occluder of a photo in which nothing hides the face."""


@dataclass(frozen=True)
class PhotoRow:
    """What the tables say about one photo.

    Attributes:
        file: name of the photo.
        person: its number.
        occluder: kind that hides the face, ``none`` for a bare one; several joined by ``+``, nearest last.
        yaw_rad: turn of the head to the image's right.
        hidden: share of the face that is hidden.
        sex: of the person.
        age: of the person, years.
        skin_tone: of the person, 1 to 6.
        landmarks: 68 x, y in pixels.
    """

    file: str
    person: int
    occluder: str
    yaw_rad: float
    hidden: float
    sex: str
    age: float
    skin_tone: int
    landmarks: tuple[float, ...]


def photo_name(index: int) -> str:
    """File name of photo ``index``."""
    return f"{index:06d}.jpg"


def write_photo(folder: Path, world: SyntheticWorld, index: int) -> None:
    """Make photo ``index`` and write its files; the photo itself comes last, so that it vouches for the others."""
    photo = world.photo(index)
    name = photo_name(index)
    stem = Path(name).stem
    _put(folder / f"{stem}.npz", _truth(world, photo))
    _put(folder / f"{stem}_visible_skin_mask.png", _png(photo.visible_face))
    _put(folder / f"{stem}_face_region.png", _png(photo.face_region))
    _put(folder / name, _jpg(photo.rgb))


def read_row(folder: Path, index: int) -> PhotoRow:
    """What was written about photo ``index``."""
    name = photo_name(index)
    with np.load(folder / f"{Path(name).stem}.npz", allow_pickle=False) as stored:
        return PhotoRow(
            file=name,
            person=int(stored["person"]),
            occluder=str(stored["occluder"]),
            yaw_rad=float(stored["yaw_rad"]),
            hidden=float(stored["hidden"]),
            sex=str(stored["sex"]),
            age=float(stored["age"]),
            skin_tone=int(stored["skin_tone"]),
            landmarks=tuple(stored["landmarks68_px"].ravel().tolist()),
        )


def _truth(world: SyntheticWorld, photo: SyntheticPhoto) -> bytes:
    import io

    person = world.person(photo.person)
    region = max(float(photo.face_region.sum()), 1.0)
    buffer = io.BytesIO()
    np.savez(
        buffer,
        landmarks68_px=photo.landmarks,
        neutral_vertices_mm=photo.neutral_vertices,
        landmarks7_neutral_mm=world.anatomy.landmarks(photo.neutral_vertices)[list(NOW_LANDMARKS)],
        posed_vertices_mm=photo.posed_vertices,
        identity=photo.identity,
        expression=photo.expression,
        albedo=photo.albedo,
        light=photo.light,
        rotation=photo.rotation,
        translation_mm=photo.translation,
        focal_px=np.float32(photo.focal),
        centre_px=photo.centre,
        yaw_rad=np.float32(_yaw(photo.rotation)),
        hidden=np.float32(1 - float(photo.visible_face.sum()) / region),
        occluder=np.array("+".join(photo.occluders) or NOTHING),
        person=np.int64(photo.person),
        sex=np.array(person.sex),
        age=np.float32(person.age),
        skin_tone=np.int64(person.skin_tone),
    )
    return buffer.getvalue()


def _yaw(rotation: NDArray) -> float:
    """Angle between the direction of the nose, seen from above, and the direction to the camera."""
    matrix, _ = cv2.Rodrigues(rotation.astype(np.float64))
    return float(np.arctan2(matrix[0, 2], matrix[2, 2]))


def _png(mask: NDArray[np.uint8]) -> bytes:
    return cv2.imencode(".png", mask, (cv2.IMWRITE_PNG_COMPRESSION, 1))[1].tobytes()


def _jpg(rgb: NDArray[np.uint8]) -> bytes:
    colours = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", colours, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))[1].tobytes()


def _put(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
