"""Step 2's files: a photo's crop, the fitted rendering over black, and the pixels that the fit explains.

``X_org.png``, ``X_raster.png`` and ``X_mask.png``, as in the reference but without loss, one frame for all three: what
Step 2 saw is what Step 3 trains on, pixel by pixel. ``train_landmarks.csv`` and ``val_landmarks.csv`` say which are for
what, with the landmarks in that frame. ``X_visible_skin_mask.png`` is there where the truth is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from ..errors import PhotoError, TrainingError
from .face_batch import FaceItem
from .photos.listing import ListedFace, Split, read_table

PHOTO, RENDERING, LABEL, TRUTH = "_org.png", "_raster.png", "_mask.png", "_visible_skin_mask.png"

Picture = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class PseudoLabel:
    """One face of Step 2, S x S pixels.

    Attributes:
        photo: ``(S, S, 3)`` RGB.
        rendering: ``(S, S, 3)`` RGB, black outside the face.
        label: ``(S, S)`` 255 where the fit explains the photo.
        visible_face: ``(S, S)`` the truth where it is known.
    """

    photo: Picture
    rendering: Picture
    label: Picture
    visible_face: Picture | None = None


def label_stem(name: str) -> str:
    """A face's name, as data sets have it, to that of its files.

    Folders stay, and so do suffixes that may tell two photos apart (``a.jpg``, ``a.png``) but the reference's ``.jpg``.
    """
    path, _, number = name.partition("#")
    stem = path[: -len(".jpg")] if path.lower().endswith(".jpg") else path.replace(".", "_")
    return f"{stem}_face{number}" if number else stem


def write_pseudo_label(folder: Path, name: str, face: PseudoLabel) -> Path:
    """Write a face's files; returns the photo's.

    Raises:
        TrainingError: the disk cannot be written.
    """
    stem = folder / label_stem(name)
    pictures = {PHOTO: face.photo, RENDERING: face.rendering, LABEL: face.label, TRUTH: face.visible_face}
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        for suffix, picture in pictures.items():
            if picture is not None:
                stem.with_name(stem.name + suffix).write_bytes(_png(picture))
    except OSError as error:
        raise TrainingError(f"cannot be written ({error.strerror or error})", file=folder) from error
    return stem.with_name(stem.name + PHOTO)


class PseudoLabelledFaces(Dataset[FaceItem]):
    """The faces of one of Step 2's tables.

    Args:
        folder: of the files.
        split: ``train`` or ``val``.

    Raises:
        TrainingError: Step 2 has not been run for that folder.
        LandmarkError: the table cannot be read.
    """

    def __init__(self, folder: Path, split: Split) -> None:
        table = folder / f"{split}_landmarks.csv"
        if not table.is_file():
            raise TrainingError("has no pseudo labels", file=folder, remedy="Run step 2 first (it writes this folder).")
        self.faces: tuple[ListedFace, ...] = read_table(folder, table).faces

    def __len__(self) -> int:
        return len(self.faces)

    def __getitem__(self, index: int) -> FaceItem:
        """Item ``index``; an index with an attribute ``seed`` hands that on for the augmentation.

        Raises:
            PhotoError: one of its files is missing or of another size.
        """
        face = self.faces[index]
        stem = str(face.path).removesuffix(PHOTO)
        photo, rendering = (_read(Path(stem + suffix), cv2.IMREAD_COLOR) for suffix in (PHOTO, RENDERING))
        label, truth = _read(Path(stem + LABEL), cv2.IMREAD_GRAYSCALE), Path(stem + TRUTH)
        for picture, suffix in ((rendering, RENDERING), (label, LABEL)):
            if picture.shape[:2] != photo.shape[:2]:
                raise PhotoError("has another size than its photo", file=stem + suffix, remedy="Run step 2 again.")
        height, width = label.shape
        return FaceItem(
            name=face.name,
            seed=getattr(index, "seed", int(index)),
            photo=photo,
            landmarks=face.landmarks.astype(np.float32),
            bounds=np.array([0, 0, width - 1, height - 1], np.float32),
            visible_face=_read(truth, cv2.IMREAD_GRAYSCALE) if truth.is_file() else None,
            rendering=rendering,
            label=label,
        )


def _png(picture: Picture) -> bytes:
    stored = picture if picture.ndim == 2 else picture[..., ::-1]  # OpenCV writes blue first
    done, encoded = cv2.imencode(".png", np.ascontiguousarray(stored), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    assert done
    return encoded.tobytes()


def _read(path: Path, mode: int) -> Picture:
    try:
        picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), mode)
    except (OSError, cv2.error):
        picture = None
    if picture is None:
        raise PhotoError("is missing or no picture", file=path, remedy="Run step 2 again.")
    return np.ascontiguousarray(picture if picture.ndim == 2 else picture[..., ::-1], dtype=np.uint8)
