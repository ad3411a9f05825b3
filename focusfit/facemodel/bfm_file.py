"""The h5 layout of the Basel Face Models: checked, and read no further than asked.

``shape``, ``expression`` and ``color`` are statismo models: ``<group>/model/mean (3V,)`` (x, y, z interleaved),
``pcaBasis (3V, K)``, ``pcaVariance (K,)``; ``shape/representer/cells (3, F)`` holds 0-based triangles and
``metadata/landmarks/json`` a few named points on the mean.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from ..errors import FaceModelError

Float32 = NDArray[np.float32]

FILE_NAMES = ("model2017-1_bfm_nomouth.h5", "model2017-1_face12_nomouth.h5")
"""The Basel Face Model 2017: the whole head, and its face alone."""

REQUEST_PAGE = "https://faces.dmi.unibas.ch/bfm/bfm2017.html"
"""Where a person asks for the files; nobody else may pass them on."""

FOLDER = "basel_3DMM"
"""Where the files are looked for, below the folder that the program runs in."""

REMEDY = (
    f"Request {FILE_NAMES[0]} or {FILE_NAMES[1]} at {REQUEST_PAGE} and put it into {FOLDER}/, or name your copy "
    "with --model; without it, the open face model does the job."
)

KNOWN_SIZES = {
    53149: "bfm2017",
    28588: "bfm2017-face12",
    47439: "bfm2019",
    27657: "bfm2019-face12",
    58203: "bfm2019-head",
}
"""Vertex counts of the published files and our names for them."""

_ROWS = 30_000  # read at a time, so that no second copy of a basis is ever in memory


@dataclass(frozen=True, eq=False)
class Component:
    """One statismo model: ``mean (V, 3)``, ``basis (V, 3, K)`` already scaled to one standard deviation."""

    mean: Float32
    basis: Float32


class BfmFile:
    """An open file whose layout has been checked.

    Attributes:
        path: of the file.
        vertex_count: V.
    """

    def __init__(self, path: Path, h5: h5py.File) -> None:
        self.path = path
        self._h5 = h5
        self.vertex_count = self._checked_vertex_count()

    @property
    def name(self) -> str:
        """Which of the published models it is by its size, else the file's stem."""
        return KNOWN_SIZES.get(self.vertex_count, self.path.stem)

    def triangles(self) -> NDArray[np.int64]:
        """``(F, 3)`` vertex indices, in the file's order and orientation."""
        cells = self._dataset("shape/representer/cells")
        if cells.ndim != 2 or 3 not in cells.shape or cells.size == 0:
            raise self._error(f"'shape/representer/cells' has the shape {cells.shape} instead of (3, F)")
        values = np.asarray(cells, dtype=np.float64)  # some writers store indices as floats
        values = values.T if cells.shape[0] == 3 else values
        if not np.isfinite(values).all() or values.min() < 0 or values.max() >= self.vertex_count:
            raise self._error(f"'shape/representer/cells' names vertices outside 0 to {self.vertex_count - 1}")
        return values.astype(np.int64)

    def mean(self, group: str) -> Float32:
        """``(V, 3)``: the mean of ``shape``, ``expression`` or ``color``."""
        key = f"{group}/model/mean"
        mean = np.asarray(self._dataset(key), dtype=np.float32).reshape(-1)
        if mean.size != 3 * self.vertex_count:
            raise self._error(f"'{key}' holds {mean.size} numbers instead of 3 x {self.vertex_count}")
        return self._finite(mean, key).reshape(-1, 3)

    def component(self, group: str, count: int, vertices: NDArray[np.int64]) -> Component:
        """The leading ``count`` modes (or as many as there are) of the chosen vertices."""
        deviation = self._deviation(group, count)
        key = f"{group}/model/pcaBasis"
        stored = self._dataset(key)
        if stored.ndim != 2 or stored.shape[0] != 3 * self.vertex_count or stored.shape[1] < len(deviation):
            expected = f"({3 * self.vertex_count}, {len(deviation)} or more)"
            raise self._error(f"'{key}' has the shape {stored.shape} instead of {expected}")
        basis = np.empty((len(vertices), 3, len(deviation)), np.float32)
        wanted = np.full(self.vertex_count, -1)
        wanted[vertices] = np.arange(len(vertices))
        for start in range(0, self.vertex_count, _ROWS):
            stop = min(start + _ROWS, self.vertex_count)
            rows = stored[3 * start : 3 * stop, : len(deviation)].reshape(stop - start, 3, -1)
            target = wanted[start:stop]
            basis[target[target >= 0]] = rows[target >= 0] * deviation
        return Component(self.mean(group)[vertices], self._finite(basis, key))

    def named_points(self) -> dict[str, NDArray[np.float64]]:
        """The file's own landmarks on the mean, ``(3,)`` mm each, by name; empty where it has none."""
        if "metadata/landmarks/json" not in self._h5:
            return {}
        text = _text(self._h5["metadata/landmarks/json"][()])
        try:
            stored = json.loads(text)
            pairs = stored.items() if isinstance(stored, dict) else [(p["id"], p["coordinates"]) for p in stored]
            points = {str(name): np.asarray(xyz, dtype=np.float64) for name, xyz in pairs}
        except (ValueError, TypeError, KeyError) as error:
            raise self._error(f"'metadata/landmarks/json' is no list of named points ({error})") from error
        return {name: xyz for name, xyz in points.items() if xyz.shape == (3,) and np.isfinite(xyz).all()}

    def _deviation(self, group: str, count: int) -> Float32:
        key = f"{group}/model/pcaVariance"
        variance = np.asarray(self._dataset(key), dtype=np.float64).reshape(-1)[:count]
        if variance.size == 0 or not np.isfinite(variance).all() or variance.min() <= 0:
            raise self._error(f"'{key}' has modes without variance among the first {count}")
        return np.sqrt(variance).astype(np.float32)

    def _checked_vertex_count(self) -> int:
        groups = [name for name in ("shape", "expression", "color") if f"{name}/model/mean" not in self._h5]
        if groups:
            held = ", ".join(f"'{key}'" for key in list(self._h5)[:6]) or "nothing"
            raise self._error(f"is no Basel Face Model: it lacks '{groups[0]}/model/mean' (it holds {held})")
        size = self._dataset("shape/model/mean").size
        if size == 0 or size % 3:
            raise self._error(f"'shape/model/mean' holds {size} numbers, which is not three for each vertex")
        return size // 3

    def _dataset(self, key: str) -> h5py.Dataset:
        found = self._h5.get(key)
        if not isinstance(found, h5py.Dataset):
            raise self._error(f"lacks '{key}'")
        if found.dtype.kind not in "fiu":
            raise self._error(f"'{key}' holds no numbers")
        return found

    def _finite(self, values: Float32, key: str) -> Float32:
        if not np.isfinite(values).all():
            raise self._error(f"'{key}' holds values that are not finite")
        return values

    def _error(self, cause: str) -> FaceModelError:
        return FaceModelError(cause, file=self.path, remedy=REMEDY)


@contextmanager
def open_bfm(path: Path) -> Iterator[BfmFile]:
    """Open and check a file.

    Raises:
        FaceModelError: it is missing, no h5 file, cut short, or of another layout.
    """
    if not path.is_file():
        raise FaceModelError("there is no such file", file=path, remedy=REMEDY)
    try:
        path.open("rb").close()
    except OSError as error:
        raise FaceModelError(f"cannot be read ({error.strerror})", file=path, remedy=REMEDY) from error
    if not h5py.is_hdf5(path):
        raise FaceModelError("is no HDF5 file", file=path, remedy=REMEDY)
    try:
        with h5py.File(path, "r") as h5:
            yield BfmFile(path, h5)
    except (OSError, RuntimeError, KeyError) as error:  # what h5py raises where a file ends too early
        cause = f"is damaged or cut short ({str(error).splitlines()[0]})"
        raise FaceModelError(cause, file=path, remedy="Download it again. " + REMEDY) from error


def _text(stored: object) -> str:
    """A string however the writer stored it: scalar, array of one, or bytes as numbers."""
    value = np.asarray(stored).reshape(-1)
    if value.dtype.kind in "iu":
        return value.astype(np.uint8).tobytes().decode("utf-8", "replace")
    first = value[0] if value.size else b""
    return first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)


def find_bfm(folder: Path = Path(FOLDER)) -> Path | None:
    """The user's Basel model: one of `FILE_NAMES`, else any other h5 file in ``folder``."""
    named = [folder / name for name in FILE_NAMES]
    return next((path for path in (*named, *sorted(folder.glob("*.h5"))) if path.is_file()), None)
