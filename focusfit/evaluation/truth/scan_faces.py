"""Rendered scans: ``index.csv`` with one npz of true geometry and two masks per photo."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .geometry_file import true_landmarks, true_shape
from .photo import TruePhoto, existing, photo_groups
from .table_file import number, read_table


def holds_scan_faces(folder: Path) -> bool:
    """The folder has this layout."""
    return (folder / "index.csv").is_file()


def read_scan_faces(folder: Path) -> list[TruePhoto]:
    """Read a folder of rendered scans.

    ``index.csv`` has columns ``file``, ``occluder`` (``none`` or its kind) and ``yaw_rad``. Beside each photo lie
    ``NAME.npz`` (:mod:`.geometry_file`) and the masks ``NAME_visible_skin_mask.png`` and ``NAME_face_region.png``.

    Raises:
        FocusfitError: the index or an npz file is damaged.
    """
    index = folder / "index.csv"
    rows = read_table(index, ("file", "occluder", "yaw_rad"))
    return [_photo(folder, row["file"], row["occluder"], np.degrees(number(row, "yaw_rad", index))) for row in rows]


def _photo(folder: Path, name: str, occluder: str, yaw_deg: float) -> TruePhoto:
    stem = Path(name).stem
    geometry = folder / f"{stem}.npz"
    return TruePhoto(
        name,
        photo_groups(occluder, yaw_deg),
        occluder != "none",
        visible=existing(folder / f"{stem}_visible_skin_mask.png"),
        face=existing(folder / f"{stem}_face_region.png"),
        landmarks=true_landmarks(geometry),
        shape=true_shape(geometry),
        coefficients=existing(geometry),
    )
