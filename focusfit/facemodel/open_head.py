"""What surrounds the open model's face: skull, ears, neck and trunk, in one ``.npz`` of plain arrays."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..errors import FaceModelError

Array = NDArray[np.float32]

SHIPPED_HEAD = Path(__file__).parent / "data" / "open_head.npz"
SCHEMA = "focusfit-open-head-1"
ZIP_TIME = (2020, 1, 1, 0, 0, 0)
"""Fixed time stamp, so that equal content gives equal bytes."""

REBUILD = "Rebuild it with `focusfit model build`."
FIELDS = ("bend", "scalp", "garment", "ears")

ANCHORS = 8
"""Face vertices that each vertex of the head follows."""

REACH = 32.0
"""mm over which the head follows what the face does beyond its identity modes: expression, asymmetry, detail."""


@dataclass(frozen=True, eq=False)
class OpenHead:
    """The head without its face, in the face model's frame (mm).

    The mesh ends some millimetres behind the face's outer edge; there its vertices are the face's own.

    Attributes:
        mean: ``(V, 3)`` of the mean person.
        basis: ``(V, 3, K)`` mm.
        mixing: ``(K, Ki)`` from the face model's identity coefficients to weights of the basis.
        triangles: ``(F, 3)`` counter-clockwise from outside.
        face_vertex: ``(V,)`` the same vertex of the face model's mesh, -1 where the face has none.
        bend: ``(V,)`` 0 where the skin turns with the skull, 1 where it stays with the trunk.
        scalp: ``(V,)`` about mm inside the hairline, negative on bare skin.
        garment: ``(V,)`` about mm below a round neckline, negative above it.
        ears: ``(V,)`` 1 on the ears.
    """

    mean: Array
    basis: Array
    mixing: Array
    triangles: NDArray[np.int64]
    face_vertex: NDArray[np.int64]
    bend: Array
    scalp: Array
    garment: Array
    ears: Array

    @cached_property
    def _following(self) -> _Following:
        shared = np.flatnonzero(self.face_vertex >= 0)
        distance, nearest = cKDTree(self.mean[shared]).query(self.mean, ANCHORS)
        rows = np.flatnonzero(distance[:, 0] < 2.5 * REACH)
        distance, nearest = distance[rows], nearest[rows]
        weights = np.exp(-0.5 * ((distance - distance[:, :1]) / (0.35 * distance[:, :1] + 2.0)) ** 2)
        weights *= np.exp(-0.5 * (distance[:, :1] / REACH) ** 2) / weights.sum(1, keepdims=True)
        exact = distance[:, 0] < 1e-6
        weights[exact] = 0
        weights[exact, 0] = 1
        place = np.arange(len(rows)).repeat(ANCHORS)
        matrix = sp.csr_matrix((weights.ravel(), (place, nearest.ravel())), shape=(len(rows), len(shared)))
        return _Following(shared, rows, matrix.astype(np.float32))

    @cached_property
    def _flat_basis(self) -> Array:
        return np.ascontiguousarray(self.basis.reshape(-1, self.basis.shape[2]).T)

    def shape(self, identity: Array) -> Array:
        """``(V, 3)`` mm of a person, by identity alone; a face still has to be :meth:`joined` to it.

        Args:
            identity: ``(Ki,)`` of the face model, in standard deviations.
        """
        offsets = (self.mixing @ identity) @ self._flat_basis
        return np.asarray(self.mean + offsets.reshape(self.mean.shape), np.float32)

    def joined(self, shape: Array, face: Array) -> Array:
        """``(V, 3)`` mm: the head follows a face to its edge, without a gap.

        Args:
            shape: ``(V, 3)`` of :meth:`shape`.
            face: ``(N, 3)`` mm, the face's vertices in the model's frame, expression and all included.
        """
        f = self._following
        joined = shape.copy()
        joined[f.rows] += f.weights @ (face[self.face_vertex[f.shared]] - shape[f.shared])
        return joined


@dataclass(frozen=True, eq=False)
class _Following:
    """How the head follows the face.

    Attributes:
        shared: ``(S,)`` vertices of the head that are the face's as well.
        rows: ``(R,)`` vertices that follow some of them.
        weights: ``(R, S)`` sparse, how much.
    """

    shared: NDArray[np.intp]
    rows: NDArray[np.intp]
    weights: sp.csr_matrix


def write_open_head(path: str | Path, head: OpenHead) -> None:
    """Write a head; equal arrays give equal bytes."""
    half, single, whole = np.float16, np.float32, np.int32
    arrays: dict[str, NDArray] = {
        "schema": np.array(SCHEMA),
        "mean": head.mean.astype(single),
        "basis": head.basis.astype(half),
        "mixing": head.mixing.astype(single),
        "triangles": head.triangles.astype(whole),
        "face_vertex": head.face_vertex.astype(whole),
        **{name: getattr(head, name).astype(half) for name in FIELDS},
    }
    target = Path(path)
    partial = target.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for key, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(array, order="C"), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{key}.npy", ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue())
    partial.replace(target)


def read_open_head(path: str | Path | None = None) -> OpenHead:
    """Read a head.

    Args:
        path: the file; None for the one that ships, which surrounds the shipped face model.

    Raises:
        FaceModelError: the file is missing, damaged, or of another kind.
    """
    path = SHIPPED_HEAD if path is None else Path(path)
    arrays = _load(path)
    if str(arrays.get("schema")) != SCHEMA:
        raise FaceModelError(f"is no open head of schema {SCHEMA!r}", file=path, remedy=REBUILD)
    names = ("mean", "basis", "mixing", "triangles", "face_vertex", *FIELDS)
    missing = [key for key in names if key not in arrays]
    if missing:
        raise FaceModelError(f"lacks the arrays {', '.join(missing)}", file=path, remedy=REBUILD)
    count, triangles = len(arrays["mean"]), arrays["triangles"].astype(np.int64)
    if any(len(arrays[key]) != count for key in ("basis", "face_vertex", *FIELDS)):
        raise FaceModelError(f"holds arrays of other lengths than its {count} vertices", file=path, remedy=REBUILD)
    if triangles.min() < 0 or triangles.max() >= count:
        raise FaceModelError(f"has triangles beyond its {count} vertices", file=path, remedy=REBUILD)
    return OpenHead(
        triangles=triangles,
        face_vertex=arrays["face_vertex"].astype(np.int64),
        **{key: arrays[key].astype(np.float32) for key in ("mean", "basis", "mixing", *FIELDS)},
    )


def _load(path: Path) -> dict[str, NDArray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except FileNotFoundError as error:
        raise FaceModelError("does not exist", file=path, remedy=REBUILD) from error
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise FaceModelError(f"is not a readable head file ({error})", file=path, remedy=REBUILD) from error
