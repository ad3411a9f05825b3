"""One face's folder, complete or absent."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..detection.photo import Photo
from ..errors import FocusfitError
from ..fitting.reconstruction import Reconstruction
from ..imaging.rotation import rotation_matrix
from .coefficients_file import write_coefficients
from .half_written import partial_path, put_in_place
from .mesh import write_obj
from .photo_masks import FacePictures, face_pictures, photo_masks

NOW_LANDMARKS = (36, 39, 42, 45, 33, 48, 54)
"""The NoW benchmark's seven points among the iBUG 68: eye corners, nose base, mouth corners."""

FILES = (
    "mesh.obj",
    "neutral.obj",
    "landmarks7.txt",
    "landmarks68.csv",
    "mask.png",
    "face_region.png",
    "occlusion.png",
    "overlay.png",
    "rendered.png",
    "coefficients.json",
    "coefficients.npz",
)
"""What every finished folder holds."""


def write_face(reconstruction: Reconstruction, photo: Photo, folder: Path | str) -> FacePictures:
    """Write all files of one face.

    The files are written into a hidden neighbour that is renamed at the end: a folder that bears its final name is
    complete, whenever the program was killed. An older reconstruction of that name is replaced.

    ``mesh.obj`` is the face with its expression, turned as in the photo about the model's origin but not moved: x to
    the image's right, y up, z towards the viewer, mm. Flipping y and z and adding ``translation + (0, 0,
    distance_mm)`` of the coefficients file gives the camera frame. ``neutral.obj`` is the identity alone in the model
    frame. Vertex colours are the albedo.

    Args:
        reconstruction: the fit.
        photo: the photo that was fitted.
        folder: where to; its parent is made.

    Returns:
        The pictures made on the way, for sheets and reports.

    Raises:
        FocusfitError: something else bears the folder's name, or the disk cannot be written.
    """
    folder = Path(folder)
    if folder.exists() and not (folder / "coefficients.json").is_file():
        raise FocusfitError("exists and is not a reconstruction", file=folder, remedy="Choose another output folder.")
    partial = partial_path(folder)
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        pictures = _write_files(reconstruction, photo, partial)
        put_in_place(partial, folder)
    except OSError as error:
        raise FocusfitError(f"cannot be written ({error.strerror or error})", file=folder) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return pictures


def is_complete(folder: Path) -> bool:
    """The folder holds every file of a face."""
    return all((folder / name).is_file() for name in FILES)


def _write_files(reconstruction: Reconstruction, photo: Photo, folder: Path) -> FacePictures:
    _write_meshes(reconstruction, folder)
    _write_landmarks(reconstruction, folder)
    masks = photo_masks(reconstruction, photo.size)
    write_png(folder / "mask.png", masks.visible)
    write_png(folder / "face_region.png", masks.region)
    write_png(folder / "occlusion.png", masks.occlusion)
    pictures = face_pictures(reconstruction, photo)
    write_png(folder / "overlay.png", pictures.overlay)
    write_png(folder / "rendered.png", pictures.rendered)
    write_coefficients(folder, reconstruction, photo)
    return pictures


def _write_meshes(reconstruction: Reconstruction, folder: Path) -> None:
    triangles = reconstruction.model.triangles.cpu().numpy()
    rotation = rotation_matrix(reconstruction.coefficients.rotation)[0].detach().cpu().numpy()
    posed = reconstruction.vertices @ rotation.T
    write_obj(folder / "mesh.obj", posed, triangles, reconstruction.albedo)
    write_obj(folder / "neutral.obj", reconstruction.neutral, triangles, reconstruction.albedo)


def _write_landmarks(reconstruction: Reconstruction, folder: Path) -> None:
    points = reconstruction.model.landmarks["ibug68"]
    corners = reconstruction.neutral[points.vertices.cpu().numpy()]
    neutral68 = (corners * points.weights.cpu().numpy()[..., None]).sum(1)
    lines = ["{:.5f} {:.5f} {:.5f}".format(*point) for point in neutral68[list(NOW_LANDMARKS)].tolist()]
    (folder / "landmarks7.txt").write_text("\n".join(lines) + "\n", encoding="ascii")
    lines = ["x,y"] + ["{:.3f},{:.3f}".format(*point) for point in reconstruction.landmarks68.tolist()]
    (folder / "landmarks68.csv").write_text("\n".join(lines) + "\n", encoding="ascii")


def write_png(path: Path, picture: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
    """Write a grey, RGB or RGBA picture, fast rather than small.

    Masks are mostly constant: rows are stored as they are (8 bit) or as differences to the left (16 bit), which takes
    a quarter of the time of libpng's choice per row.

    Raises:
        OSError: the file cannot be written.
    """
    row_filter = cv2.IMWRITE_PNG_FILTER_NONE if picture.dtype == np.uint8 else cv2.IMWRITE_PNG_FILTER_SUB
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    if picture.ndim == 2:
        options += [cv2.IMWRITE_PNG_FILTER, row_filter, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
    else:
        order = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
        picture = np.asarray(cv2.cvtColor(picture, order), np.uint8)
    # imencode, because imwrite cannot name every path that the file system can, and only returns False on failure.
    done, encoded = cv2.imencode(".png", picture, options)
    if not done:
        raise OSError(f"{path.name} cannot be encoded")
    path.write_bytes(encoded.tobytes())
