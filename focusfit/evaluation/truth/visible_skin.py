"""The reference's layout: ``NAME_visible_skin_mask.png`` beside each photo, landmark tables in the folder above."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...detection.landmark_csv import read_landmark_rows, read_usable_rows
from ...detection.rows_by_path import RowsByPath
from ..array_file import holds_array
from .geometry_file import true_landmarks, true_shape
from .photo import TruePhoto, existing, photos_by_stem

Points = RowsByPath[NDArray[np.float64]]

ENDING = "_visible_skin_mask.png"

TABLES = ("all_landmarks.csv", "test_landmarks.csv", "val_landmarks.csv", "train_landmarks.csv")
"""Tables of landmarks without a header line: file name, then x and y of 68 points."""


def holds_visible_skin(folder: Path) -> bool:
    """The folder has this layout."""
    return next(folder.rglob(f"*{ENDING}"), None) is not None


def read_visible_skin(folder: Path, skip_faulty_rows: bool = False) -> list[TruePhoto]:
    """Read the folder of photos, or the one above with the tables.

    What else is known may lie beside: ``NAME_face_region.png`` and ``NAME.npz`` (:mod:`.geometry_file`).

    Args:
        folder: of the photos, or above.
        skip_faulty_rows: rows of the tables that hold no landmarks are left out instead of refused.

    Raises:
        FocusfitError: a table or an npz file is damaged.
    """
    masks = sorted(folder.rglob(f"*{ENDING}"))
    stems = [mask.with_name(mask.name.removesuffix(ENDING)) for mask in masks]
    points = _landmarks({*(stem.parent.parent for stem in stems), folder, folder.parent}, skip_faulty_rows)
    repeated = Counter(stem.name for stem in stems)
    photos = {parent: photos_by_stem(parent) for parent in {stem.parent for stem in stems}}
    paths = [photos[stem.parent].get(stem.name, stem.with_name(stem.name + ".jpg")) for stem in stems]
    return [
        _photo(path, str(path.relative_to(folder)) if repeated[path.stem] > 1 else path.name, points) for path in paths
    ]


def _photo(path: Path, name: str, points: Points) -> TruePhoto:
    geometry = path.with_suffix(".npz")
    in_geometry = holds_array(geometry, "landmarks68_px")
    return TruePhoto(
        name,
        visible=path.with_name(path.stem + ENDING),
        face=existing(path.with_name(path.stem + "_face_region.png")),
        landmarks=true_landmarks(geometry) if in_geometry else next(iter(points.of(path)), None),
        shape=true_shape(geometry),
        coefficients=existing(geometry),
    )


def _landmarks(folders: set[Path], skip_faulty: bool) -> Points:
    """Points of all tables, the first table's first; extensions do not count, as a photo may be missing."""
    points = Points(with_suffix=False)
    for path in (folder / name for name in TABLES for folder in sorted(folders)):
        if path.is_file():
            for row in read_usable_rows(path)[0] if skip_faulty else read_landmark_rows(path):
                if len(row.landmarks.points) == 68:
                    points.add(row.name, row.landmarks.points)
    return points
