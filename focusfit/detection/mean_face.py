"""A mean face of 68 points, and the pose in which it is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .face import FIVE_POINT_GROUPS

# Millimetres, x to the image's right where the face looks at the viewer, y up, z out of the face; the origin lies
# between the eyes, 63 mm apart. Measured: mean of FaceMesh's answers on frontal faces, made symmetric.
_HALF_JAW = [(-68, -3, -54), (-67, -24, -57), (-65, -38, -54), (-62, -54, -49), (-54, -75, -35), (-43, -89, -19)]
_HALF_JAW += [(-30, -98, -8), (-17, -105, 2)]
_RIGHT_BROW = [(-54, 15, -6), (-48, 20, 1), (-39, 23, 6), (-27, 22, 11), (-13, 19, 14)]
_BRIDGE = [(0, 2, 18), (0, -8, 26), (0, -21, 38), (0, -32, 41)]
_HALF_NOSTRILS = [(-12, -41, 20), (-7, -42, 24)]
_RIGHT_EYE = [(-43, 0, -5), (-37, 4, 1), (-27, 4, 2), (-18, -1, 0), (-26, -3, 2), (-37, -3, 0)]
_HALF_UPPER_LIP = [(-26, -64, 7), (-18, -58, 20), (-8, -54, 26)]
_HALF_LOWER_LIP = [(-8, -76, 21), (-17, -72, 17)]
_HALF_INNER_LIPS = [(-22, -64, 9), (-8, -62, 19)]

Point = tuple[int, int, int]


def _mirrored(points: list[Point]) -> list[Point]:
    return [(-x, y, z) for x, y, z in reversed(points)]


def _mean_face() -> NDArray[np.float64]:
    jaw = [*_HALF_JAW, (0, -108, 6), *_mirrored(_HALF_JAW)]
    brows = [*_RIGHT_BROW, *_mirrored(_RIGHT_BROW)]
    nose = [*_BRIDGE, *_HALF_NOSTRILS, (0, -42, 25), *_mirrored(_HALF_NOSTRILS)]
    left_eye = [(-x, y, z) for x, y, z in (_RIGHT_EYE[k] for k in (3, 2, 1, 0, 5, 4))]
    upper_lip = [*_HALF_UPPER_LIP, (0, -55, 27), *_mirrored(_HALF_UPPER_LIP)]
    lower_lip = [*_mirrored(_HALF_LOWER_LIP), (0, -77, 21), *_HALF_LOWER_LIP]
    inner = [*_HALF_INNER_LIPS, (0, -62, 21), *_mirrored(_HALF_INNER_LIPS), (9, -66, 18), (0, -67, 20), (-9, -66, 18)]
    return np.array([*jaw, *brows, *nose, *_RIGHT_EYE, *left_eye, *upper_lip, *lower_lip, *inner], dtype=float)


MEAN_FACE_68 = _mean_face()
"""``(68, 3)`` mm, iBUG order."""

MEAN_FACE_5 = np.stack([MEAN_FACE_68[list(group)].mean(0) for group in FIVE_POINT_GROUPS])
"""``(5, 3)`` mm: eye centres, nose tip, mouth corners."""


@dataclass(frozen=True, eq=False)
class WeakPerspective:
    """Scaled orthographic view of the mean face.

    Attributes:
        axes: ``(2, 3)`` photo pixels (x right, y down) per millimetre of the face.
        origin: ``(2,)`` photo pixels of the point between the eyes.
    """

    axes: NDArray[np.float64]
    origin: NDArray[np.float64]

    @property
    def scale(self) -> float:
        """Photo pixels per millimetre."""
        return float(np.linalg.norm(self.axes, axis=1).mean())

    def project(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Face points ``(..., 3)`` mm to photo pixels ``(..., 2)``."""
        return points @ self.axes.T + self.origin


def fit_weak_perspective(points: NDArray[np.float64], rounds: int = 5) -> WeakPerspective:
    """The view in which the mean face comes closest to ``(68, 2)`` or ``(5, 2)`` photo pixels.

    Orthography and scaling (DeMenthon & Davis, 1995) without its perspective step: linear least squares for the two
    rows, then the nearest scaled rotation. Points that disagree lose weight over the rounds.
    """
    mean = MEAN_FACE_68 if len(points) == 68 else MEAN_FACE_5
    weight = np.ones(len(points))
    for _ in range(rounds):
        view = _fit_once(mean, points, weight)
        misfit = np.linalg.norm(view.project(mean) - points, axis=1)
        weight = 1 / (1 + (misfit / (2 * np.median(misfit) + 1e-9)) ** 2)
    return view


def _fit_once(mean: NDArray[np.float64], points: NDArray[np.float64], weight: NDArray[np.float64]) -> WeakPerspective:
    share = weight / weight.sum()
    mean_centre, centre = share @ mean, share @ points
    # A little ridge keeps the depth column quiet: five points are nearly flat.
    spread = (mean - mean_centre).T * share @ (mean - mean_centre)
    solved = np.linalg.solve(spread + 1.0 * np.eye(3), (mean - mean_centre).T * share @ (points - centre)).T
    left, stretch, right = np.linalg.svd(solved, full_matrices=False)
    axes = float(stretch.mean()) * left @ right
    return WeakPerspective(axes, centre - axes @ mean_centre)
