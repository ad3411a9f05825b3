"""A method's results on disk: this program's folders, or one file per photo as other methods write them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import FocusfitError
from .array_file import read_array
from .listed_photos import find_photo, read_manifest
from .mask_file import Mask, is_white, read_mask, require_size
from .mesh_file import Mesh, read_mesh, read_points


@dataclass(frozen=True, eq=False)
class PredictedMask:
    """Where a method sees the face; all arrays have the photo's size ``(H, W)``.

    Attributes:
        soft: probability that the pixel shows visible face.
        hard: the decision, true for visible face.
        region: where the method projects the whole face, hidden parts included.
    """

    soft: Mask
    hard: NDArray[np.bool_]
    region: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class PredictedShape:
    """A neutral face.

    Attributes:
        mesh: its surface.
        landmarks7: ``(7, 3)`` NoW's points on it.
    """

    mesh: Mesh
    landmarks7: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PredictedCoefficients:
    """What a face model needs to make the face.

    Attributes:
        identity: ``(Ki,)``.
        expression: ``(Ke,)``.
    """

    identity: NDArray[np.float64]
    expression: NDArray[np.float64]


class Predictions:
    """A folder of predictions.

    Where a ``manifest.csv`` lists photos, a photo's own folder is the one that it names (of the largest face): other
    folders may be left from earlier runs. Elsewhere it is the one that bears the photo's name without extension.

    Args:
        folder: where the method wrote to.

    Raises:
        FocusfitError: there is no such folder, or its manifest is damaged.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise FocusfitError("is not a folder", file=folder)
        self.folder = folder
        self._listed = read_manifest(folder / "manifest.csv")

    def face_folder(self, photo: str) -> Path | None:
        """The folder of a photo, whether it is there or not; None if the run gave none or did not know the photo.

        Args:
            photo: its file name, with the folders above where names repeat.
        """
        if not self._listed:
            return self.folder / Path(photo).with_suffix("")
        listed = find_photo(self._listed, photo)
        return self.folder / listed.folder if listed and listed.folder else None

    def mask(self, photo: str) -> PredictedMask | None:
        """Read a photo's masks.

        Of a folder: ``mask.png``, ``face_region.png`` and, for probabilities, ``occlusion.png``. Of single files:
        ``NAME_mask.png`` or ``NAME.png``, grey values being probabilities, and ``NAME_face_region.png``, without which
        the region is the whole photo.

        Returns:
            None where there is no prediction.

        Raises:
            FocusfitError: a file is damaged, or sizes differ.
        """
        folder = self.face_folder(photo)
        if folder is None:
            return None
        if (folder / "mask.png").is_file():
            return _folder_mask(folder)
        for name in ("_mask.png", ".png"):
            path = folder.with_name(folder.name + name)
            if path.is_file():
                return _single_mask(path, folder.with_name(folder.name + "_face_region.png"))
        return None

    def landmarks(self, photo: str) -> NDArray[np.float64] | None:
        """Read a photo's points from ``landmarks68.csv`` in its folder, or from ``NAME.csv``: a line ``x,y``, then 68.

        Returns:
            ``(68, 2)`` photo pixels, centres at integers; None where there is no prediction.

        Raises:
            FocusfitError: the file is not as agreed.
        """
        folder = self.face_folder(photo)
        if folder is None:
            return None
        for path in (folder / "landmarks68.csv", folder.with_name(folder.name + ".csv")):
            if path.is_file():
                return _landmark_file(path)
        return None

    def shape(self, photo: str) -> PredictedShape | None:
        """Read a photo's neutral face.

        Of a folder: ``neutral.obj`` and ``landmarks7.txt``. Of single files, as in a NoW submission: ``NAME.obj`` or
        ``NAME.ply`` with ``NAME.txt`` or ``NAME.npy``.

        Returns:
            None where there is no prediction.

        Raises:
            FocusfitError: a file is damaged, or the landmarks are missing.
        """
        folder = self.face_folder(photo)
        if folder is None:
            return None
        if (folder / "neutral.obj").is_file():
            return _shape(folder / "neutral.obj", folder / "landmarks7.txt")
        for suffix in (".obj", ".ply"):
            path = folder.with_name(folder.name + suffix)
            if path.is_file():
                points = [path.with_suffix(".npy"), path.with_suffix(".txt")]
                return _shape(path, next((each for each in points if each.is_file()), points[1]))
        return None

    def coefficients(self, photo: str) -> PredictedCoefficients | None:
        """Read a photo's coefficients from ``coefficients.npz`` in its folder, or from ``NAME.npz``.

        Returns:
            None where there is no prediction.

        Raises:
            FocusfitError: the file is damaged, or lacks ``identity`` or ``expression``.
        """
        folder = self.face_folder(photo)
        if folder is None:
            return None
        for path in (folder / "coefficients.npz", folder.with_name(folder.name + ".npz")):
            if path.is_file():
                return PredictedCoefficients(
                    read_array(path, "identity").ravel(), read_array(path, "expression").ravel()
                )
        return None


def _folder_mask(folder: Path) -> PredictedMask:
    mask = read_mask(folder / "mask.png")
    region_file, occlusion_file = folder / "face_region.png", folder / "occlusion.png"
    region = is_white(require_size(read_mask(region_file), mask.shape, region_file))
    soft = mask
    if occlusion_file.is_file():
        occlusion = require_size(read_mask(occlusion_file), mask.shape, occlusion_file)
        soft = np.where(region, 1 - occlusion, 0).astype(np.float32)
    return PredictedMask(soft, is_white(mask), region)


def _single_mask(path: Path, region_file: Path) -> PredictedMask:
    mask = read_mask(path)
    region = np.ones(mask.shape, bool)
    if region_file.is_file():
        region = is_white(require_size(read_mask(region_file), mask.shape, region_file))
    return PredictedMask(mask, is_white(mask), region)


def _landmark_file(path: Path) -> NDArray[np.float64]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        points = np.array([[float(word) for word in line.split(",")] for line in lines[1:]])
    except (OSError, ValueError) as error:
        raise FocusfitError(f"no readable landmarks ({error})", file=path) from error
    if not lines or lines[0].replace(" ", "") != "x,y" or points.shape != (68, 2) or not np.isfinite(points).all():
        raise FocusfitError("not a line 'x,y' and 68 lines of two finite numbers", file=path)
    return points


def _shape(mesh: Path, landmarks: Path) -> PredictedShape:
    return PredictedShape(read_mesh(mesh), read_points(landmarks, (7, 3)))
