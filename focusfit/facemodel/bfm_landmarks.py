"""Where the 68 iBUG points sit on a Basel-like mesh."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RBFInterpolator
from scipy.spatial import cKDTree

from ..errors import FaceModelError, LandmarkError
from .bfm_file import BfmFile

Points = NDArray[np.float64]
Index = NDArray[np.int64]

BFM2017_IBUG68 = np.array(
    "16678 16817 16480 16254 32170 32866 33302 33598 33765 33949 34239 34693 35398 27717 27536 27137 27249 "  # jaw
    "27998 28747 29133 29336 29503 30188 30352 30557 30947 31682 "  # brows
    "8122 8137 8147 8152 6627 7219 8165 9107 9695 "  # nose
    "2475 4275 5050 5829 4802 3900 10382 11280 12053 14123 12323 11419 "  # eyes
    "5137 5897 7467 8175 8883 10450 11110 9372 8666 8194 7722 7012 "  # lips, outer line
    "5524 7358 8184 9010 10852 8659 8187 7715".split(),  # lips, inner line
    dtype=np.int64,
)
"""Vertices of the 68 points in the whole-head mesh of 2017, as FOCUS (Li et al., CVPR 2023) uses them."""

_SHARED = range(27, 68)
"""Points whose vertices have the same number in the face-only mesh of 2017: it was cut from the head's."""

NAMED_IBUG = {
    "center.chin.tip": 8,
    "right.eyebrow.bend.upper": 19,
    "right.eyebrow.inner_upper": 21,
    "left.eyebrow.inner_upper": 22,
    "left.eyebrow.bend.upper": 24,
    "center.nose.tip": 30,
    "right.nose.wing.tip": 31,
    "center.nose.attachement_to_philtrum": 33,
    "left.nose.wing.tip": 35,
    "right.eye.corner_outer": 36,
    "right.eye.corner_inner": 39,
    "left.eye.corner_inner": 42,
    "left.eye.corner_outer": 45,
    "right.lips.corner": 48,
    "center.lips.upper.outer": 51,
    "left.lips.corner": 54,
    "center.lips.lower.outer": 57,
    "center.lips.upper.inner": 62,
    "center.lips.lower.inner": 66,
}
"""Named points of the Basel files (their spelling) and the iBUG point each stands for."""

_FIRM = (36, 39, 42, 45, 48, 54)
"""Points that everybody puts at the same place: corners of eyes and mouth."""

_AGREEMENT_MM = 8.0
_FEWEST_NAMED = 8


def find_landmarks(file: BfmFile, mean: Points, table: Path | None) -> Index:
    """``(68,)`` vertices of the iBUG points on the file's mean shape ``(V, 3)``.

    In this order: the table that the user names, a table beside the file, the known numbers of the 2017 meshes where
    they agree with the file's own named points, and the open model's points warped onto the named ones.

    Raises:
        LandmarkError: a table of the user's does not fit.
        FaceModelError: nothing says where the points are.
    """
    table = table or _table_beside(file.path)
    if table is not None:
        index = read_landmark_table(table, mean)
        if not plausible(mean[index]):
            raise LandmarkError("its points do not lie like a face's on this model", file=table, remedy=_FORMAT)
        return index
    named = {NAMED_IBUG[name]: xyz for name, xyz in file.named_points().items() if name in NAMED_IBUG}
    known = _known_vertices(file.vertex_count)
    if known and _agree({point: mean[vertex] for point, vertex in known.items()}, named):
        if len(known) == 68:
            return np.array([known[i] for i in range(68)])
        named |= {point: mean[vertex] for point, vertex in known.items()}
    if len(named) < _FEWEST_NAMED:
        raise FaceModelError(
            "does not say where the facial landmarks are",
            file=file.path,
            remedy=f"Put {file.path.stem}.landmarks68.csv beside it. {_FORMAT}",
        )
    index = cKDTree(mean).query(_warped_template(named))[1].astype(np.int64)
    if not plausible(mean[index]):
        raise FaceModelError("its named points do not lie like a face's", file=file.path, remedy=_FORMAT)
    return index


_FORMAT = (
    "A landmark table has 68 lines in iBUG order (x to the subject's left, y up), each a vertex number counted from 0, "
    "or a point x y z in mm on the model's mean; a header line is allowed."
)


def read_landmark_table(path: Path, mean: Points) -> Index:
    """``(68,)`` vertices from a csv or text file of vertex numbers or points.

    Raises:
        LandmarkError: wrong count, not numbers, or outside the mesh.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").replace(",", " ").replace(";", " ").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LandmarkError(f"cannot be read ({error})", file=path, remedy=_FORMAT) from error
    rows = [line.split() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if len(rows) == 69:
        rows = rows[1:]
    if len(rows) != 68 or len({len(row) for row in rows}) != 1 or len(rows[0]) not in (1, 3):
        raise LandmarkError(f"has {len(rows)} rows of another form", file=path, remedy=_FORMAT)
    try:
        values = np.array(rows, dtype=np.float64)
    except ValueError as error:
        raise LandmarkError(f"holds something that is no number ({error})", file=path, remedy=_FORMAT) from error
    if not np.isfinite(values).all():
        raise LandmarkError("holds a number that is not finite", file=path, remedy=_FORMAT)
    if values.shape[1] == 3:
        return cKDTree(mean).query(values)[1].astype(np.int64)
    index = values[:, 0].astype(np.int64)
    if (index != values[:, 0]).any() or index.min() < 0 or index.max() >= len(mean):
        raise LandmarkError(f"names vertices outside 0 to {len(mean) - 1}", file=path, remedy=_FORMAT)
    return index


def plausible(points: Points) -> bool:
    """Whether 68 points ``(68, 3)`` lie like a face's in our frame, in millimetres."""
    width = points[45, 0] - points[36, 0]
    eyes, mouth = points[36:48, 1].mean(), points[48:60, 1].mean()
    upright = eyes > points[33, 1] > mouth > points[8, 1]
    forward = points[30, 2] > max(points[36, 2], points[45, 2], points[48, 2], points[54, 2])
    return bool(50 < width < 140 and upright and forward and points[0, 0] < points[8, 0] < points[16, 0])


def _table_beside(path: Path) -> Path | None:
    candidates = (path.with_name(f"{path.stem}.landmarks68{suffix}") for suffix in (".csv", ".txt"))
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _known_vertices(vertex_count: int) -> dict[int, int]:
    if vertex_count == 53149:
        return dict(enumerate(BFM2017_IBUG68.tolist()))
    if vertex_count == 28588:
        return {point: int(BFM2017_IBUG68[point]) for point in _SHARED}
    return {}


def _agree(known: Mapping[int, Points], named: Mapping[int, Points]) -> bool:
    """Whether the known vertices are near the file's own points, where it has the same ones."""
    both = [i for i in _FIRM if i in known and i in named]
    return all(np.linalg.norm(known[i] - named[i]) < _AGREEMENT_MM for i in both)


def _warped_template(named: Mapping[int, Points]) -> Points:
    """``(68, 3)``: the open model's points under the smoothest warp that carries the given ones to their places."""
    from .load import load_face_model  # here, because loading a Basel file is one of the things that module does

    model = load_face_model()
    template = model.landmarks["ibug68"].of(model.shape_mean).double().numpy()
    chosen = sorted(named)
    source, target = template[chosen], np.stack([named[i] for i in chosen])
    warped = RBFInterpolator(source, target, kernel="linear", degree=1, smoothing=1.0)(template)
    warped[chosen] = target
    return np.asarray(warped)
