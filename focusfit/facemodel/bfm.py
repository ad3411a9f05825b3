"""Basel Face Models as morphable models."""

from __future__ import annotations

import os
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ..assets.cache import cache_dir
from ..assets.download import file_sha256
from .bfm_file import BfmFile, open_bfm
from .bfm_landmarks import find_landmarks
from .front_crop import MeshPart, front_crop, outward
from .landmark_regions import regions_around
from .morphable import MorphableModel, SurfacePoints
from .symmetry import mirror_map

_MIDLINE = (8, 27, 28, 29, 30, 33, 51, 57, 62, 66)
_CROP_VERSION = 1  # of the rule in `front_crop`; part of the cached file's name


def read_bfm(
    path: str | Path,
    landmarks: Path | None = None,
    identity: int = 80,
    expression: int = 64,
    albedo: int = 80,
    crop: bool = True,
) -> MorphableModel:
    """Read a Basel Face Model (2017, 2019 or another of that layout).

    With the file's means m and orthonormal bases B scaled by the square roots of their variances,
    geometry = m_shape + B_shape a + m_expression + B_expression d and albedo = m_color + B_color b (Gerig et al.,
    "Morphable Face Models - An Open Framework", 2018). Leaving d out gives the neutral face m_shape + B_shape a.

    The file's axes are ours (x to the subject's left, y up, z out of the face, mm). The origin is moved to the mean
    y and z of the cropped mean shape, also where ``crop`` is False, so that both lie alike; x stays.

    Args:
        path: of the h5 file.
        landmarks: table of the 68 iBUG points on this mesh; by default `<stem>.landmarks68.csv` or `.txt` beside the
            file, else what is known of the published meshes, else the file's own named points.
        identity: modes to keep, or as many as the file has; only these are read.
        expression: the same for expressions.
        albedo: the same for colours.
        crop: keep only what a camera in front of the face can see (`front_crop`), else the file's whole mesh with its
            own vertex numbers.

    Raises:
        FaceModelError: the file is missing, damaged, of another layout, or no face in millimetres.
        LandmarkError: the landmark table does not fit.
    """
    path = Path(path)
    with open_bfm(path) as file:
        shape = file.mean("shape").astype(np.float64)
        points68 = find_landmarks(file, shape, landmarks)
        triangles = outward(shape, file.triangles())
        digest = file_sha256(path)
        face = _cached_crop(digest, shape, triangles, points68)
        origin = _origin(shape, face)
        part = face if crop else MeshPart(np.arange(file.vertex_count), triangles)
        return _assemble(file, digest, part, points68, origin, (identity, expression, albedo))


def bfm_origin(path: str | Path, landmarks: Path | None = None) -> NDArray[np.float64]:
    """Where the origin of :func:`read_bfm`'s frame lies in the file's: ``(3,)`` mm.

    Raises:
        FaceModelError: as there.
        LandmarkError: as there.
    """
    path = Path(path)
    with open_bfm(path) as file:
        shape = file.mean("shape").astype(np.float64)
        points68 = find_landmarks(file, shape, landmarks)
        return _origin(shape, _cached_crop(file_sha256(path), shape, outward(shape, file.triangles()), points68))


def _origin(shape: NDArray[np.float64], face: MeshPart) -> NDArray[np.float64]:
    return np.array([0.0, *shape[face.vertices, 1:].mean(axis=0)])


def _assemble(
    file: BfmFile,
    digest: str,
    part: MeshPart,
    landmarks: NDArray[np.int64],
    origin: NDArray[np.float64],
    counts: tuple[int, int, int],
) -> MorphableModel:
    """Read the modes of the part's vertices and put everything into our frame."""
    identity = file.component("shape", counts[0], part.vertices)
    expression = file.component("expression", counts[1], part.vertices)
    colour = file.component("color", counts[2], part.vertices)
    scale = np.float32(1 / 255 if colour.mean.max() > 2 else 1)  # some conversions store 0 to 255
    mean = (identity.mean + expression.mean - origin).astype(np.float32)
    index = np.searchsorted(part.vertices, landmarks)
    neutral = identity.mean.astype(np.float64) - origin
    mirror = mirror_map(neutral, float(np.median(neutral[index[list(_MIDLINE)], 0])))
    regions = regions_around(neutral, neutral[index])
    return MorphableModel(
        name=file.name,
        sha256=digest,
        shape_mean=torch.from_numpy(mean),
        identity_basis=torch.from_numpy(identity.basis),
        expression_basis=torch.from_numpy(expression.basis),
        albedo_mean=torch.from_numpy(colour.mean * scale),
        albedo_basis=torch.from_numpy(colour.basis * scale),
        triangles=torch.from_numpy(part.triangles),
        landmarks={"ibug68": SurfacePoints.at_vertices(torch.from_numpy(index))},
        mirror=None if mirror is None else torch.from_numpy(mirror),
        regions={name: torch.from_numpy(mask) for name, mask in regions.items()},
        neutral_offset=torch.from_numpy(-expression.mean),
    )


def _cached_crop(
    digest: str, shape: NDArray[np.float64], triangles: NDArray[np.int64], landmarks: NDArray[np.int64]
) -> MeshPart:
    """The face's part of the mesh, from the user's cache where it is there."""
    points = sha256(landmarks.tobytes()).hexdigest()[:8]
    path = cache_dir() / "face_crops" / f"{digest}-{points}-v{_CROP_VERSION}.npz"
    part = _load(path)
    if part is None or not _fits(part, len(shape), landmarks):
        part = front_crop(shape, triangles, landmarks)
        _store(path, part)
    return part


def _load(path: Path) -> MeshPart | None:
    """A stored crop; None where there is none or it is damaged, as it can be made anew."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return MeshPart(stored["vertices"].astype(np.int64), stored["triangles"].astype(np.int64))
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def _fits(part: MeshPart, vertex_count: int, landmarks: NDArray[np.int64]) -> bool:
    inside = len(part.vertices) > 0 and part.vertices[0] >= 0 and part.vertices[-1] < vertex_count
    return bool(
        inside
        and (np.diff(part.vertices) > 0).all()
        and part.triangles.min() >= 0
        and part.triangles.max() < len(part.vertices)
        and np.isin(landmarks, part.vertices).all()
    )


def _store(path: Path, part: MeshPart) -> None:
    """Write atomically; a cache that cannot be written costs a second on the next start, no more."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            fresh = Path(folder) / "crop.npz"
            np.savez_compressed(
                fresh, vertices=part.vertices.astype(np.int32), triangles=part.triangles.astype(np.int32)
            )
            os.replace(fresh, path)
    except OSError:
        return
