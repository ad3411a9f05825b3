"""Rendered scans: ``index.csv`` with one npz of true geometry and two masks per photo."""

from __future__ import annotations

import zipfile
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import FocusfitError
from ..shape_protocol import SCAN_PROTOCOL
from .photo import TruePhoto, TrueShape, existing, photo_groups
from .table_file import number, read_table


def holds_scan_faces(folder: Path) -> bool:
    """The folder has this layout."""
    return (folder / "index.csv").is_file()


def read_scan_faces(folder: Path) -> list[TruePhoto]:
    """Read a folder of rendered scans.

    ``index.csv`` has columns ``file``, ``occluder`` (``none`` or its kind) and ``yaw_rad``. Beside each photo lie
    ``NAME.npz`` with ``landmarks68_px (68, 2)``, ``neutral_vertices_mm (V, 3)`` and ``landmarks7_neutral_mm (7, 3)``,
    and the masks ``NAME_visible_skin_mask.png`` and ``NAME_face_region.png``. ``topology.npz`` has
    ``scored_vertices (V,)``, true for the vertices on which shape is measured.

    Raises:
        FocusfitError: the index or an npz file is missing or damaged.
    """
    index = folder / "index.csv"
    rows = read_table(index, ("file", "occluder", "yaw_rad"))
    return [_photo(folder, row["file"], row["occluder"], np.degrees(number(row, "yaw_rad", index))) for row in rows]


def _photo(folder: Path, name: str, occluder: str, yaw_deg: float) -> TruePhoto:
    stem = Path(name).stem
    geometry = folder / f"{stem}.npz"
    has_shape = (folder / "topology.npz").is_file()
    return TruePhoto(
        name,
        photo_groups(occluder, yaw_deg),
        occluder != "none",
        visible=existing(folder / f"{stem}_visible_skin_mask.png"),
        face=existing(folder / f"{stem}_face_region.png"),
        landmarks=_array(geometry, "landmarks68_px").astype(np.float64) if geometry.is_file() else None,
        shape=partial(_shape, geometry, folder / "topology.npz") if has_shape and geometry.is_file() else None,
    )


def _shape(geometry: Path, topology: Path) -> TrueShape:
    scored = _array(topology, "scored_vertices").astype(bool)
    points = _array(geometry, "neutral_vertices_mm").astype(np.float64)
    return TrueShape(points[scored], _array(geometry, "landmarks7_neutral_mm").astype(np.float64), SCAN_PROTOCOL)


def _array(path: Path, name: str) -> NDArray[np.generic]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            return stored[name]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise FocusfitError(f"no readable array {name!r} ({error})", file=path) from error
