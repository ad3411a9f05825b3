"""The 68 points of the iBUG scheme on the mean face, by anatomical rules; one side is found, the other mirrored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .front_view import STEP, FrontView, render_front_view
from .normals import vertex_normals

LEFT_OF = {
    **{i: 16 - i for i in range(9, 17)},
    **{i: 43 - i for i in range(22, 27)},
}
LEFT_OF |= {42: 39, 43: 38, 44: 37, 45: 36, 46: 41, 47: 40, 34: 32, 35: 31}
LEFT_OF |= {52: 50, 53: 49, 54: 48, 55: 59, 56: 58, 63: 61, 64: 60, 65: 67}
"""Left-side points and their partners on the subject's right."""

BROW = np.array([(-17.5, 16.2), (-7.8, 20.2), (3.8, 22.4), (15.0, 21.0), (24.0, 14.0)])
"""Points 22 to 26: upper half of the left brow from its inner to its outer end, mm from the eyeball's centre."""


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Points glued to the surface.

    Attributes:
        vertices: ``(L, 3)`` of the triangle.
        weights: ``(L, 3)`` barycentric.
    """

    vertices: NDArray
    weights: NDArray

    def of(self, values: NDArray) -> NDArray:
        """Interpolate per-vertex ``(V, C)``."""
        return (values[self.vertices] * self.weights[..., None]).sum(1)


def place_landmarks(
    vertices: NDArray,
    triangles: NDArray,
    mirror: NDArray,
    eye: NDArray,
    lips: NDArray,
    lower: NDArray,
) -> Landmarks:
    """Find the points on the mean face.

    Args:
        vertices: ``(V, 3)`` mirror-symmetric mean, mm.
        triangles: ``(F, 3)``.
        mirror: ``(V,)``.
        eye: ``(V,)`` 1 on the left eyeball, 2 on the right, 0 elsewhere.
        lips: ``(V,)`` in [0, 1], the red of the lips.
        lower: ``(V,)`` in [0, 1]: 1 on the lower lip, 0 on the upper.
    """
    view = render_front_view(vertices, triangles)
    places: dict[int, tuple[float, float]] = {}
    places.update(_eye(view, eye))
    places.update(_nose(view))
    places.update(_brow(vertices[eye == 1].mean(0)))
    places.update(_lips(view, lips, lower))
    places.update(_jaw(view, places))
    index = np.zeros((68, 3), dtype=np.int64)
    weights = np.zeros((68, 3))
    for number, (x, y) in places.items():
        index[number], weights[number] = view.glue(x, y)
    for left, right in LEFT_OF.items():
        index[right], weights[right] = mirror[index[left]], weights[left]
    return Landmarks(index, weights)


def _eye(view: FrontView, eye: NDArray) -> dict[int, tuple[float, float]]:
    """42 to 47 around what is seen of the left eyeball between the lids."""
    shown = (view.triangle >= 0) & (eye[view.triangles[view.triangle, 0]] == 1)
    rows, columns = np.nonzero(shown)
    first, last = columns.min(), columns.max()

    def edge(share: float, upper: bool) -> tuple[float, float]:
        column = round(first + share * (last - first))
        inside = rows[columns == column]
        return _xy(view, inside.max() + 1 if upper else inside.min() - 1, column)

    return {
        42: _xy(view, float(np.median(rows[columns == first])), first - 1 / STEP),
        43: edge(1 / 3, True),
        44: edge(2 / 3, True),
        45: _xy(view, float(np.median(rows[columns == last])), last + 0.5 / STEP),
        46: edge(2 / 3, False),
        47: edge(1 / 3, False),
    }


def _xy(view: FrontView, row: float, column: float) -> tuple[float, float]:
    return float(view.origin[0] + STEP * column), float(view.origin[1] + STEP * row)


def _midline(view: FrontView) -> tuple[NDArray, NDArray, NDArray]:
    """y, z and the normal's z component down the middle of the face, bottom to top."""
    rows, y = view.column(0.0)
    column = np.full(len(rows), view.pixel(0.0, 0.0)[1])
    z = view.sample(view.vertices[:, 2], rows, column)
    slope = np.gradient(z, STEP)
    return y, z, 1 / np.sqrt(1 + slope**2)


def _nose(view: FrontView) -> dict[int, tuple[float, float]]:
    """27 in the hollow of the root, 30 on the tip, 33 below the septum."""
    y, z, _ = _midline(view)
    tip = int(z.argmax())
    root_zone = (y > y[tip] + 20) & (y < y[tip] + 55)
    root = float(y[root_zone][z[root_zone].argmin()])
    below = (y < y[tip] - 4) & (y > y[tip] - 22)
    base = float(y[below][np.argmin(_concavity(y, z)[below])])
    top = float(y[tip]) + 3.0
    points = {27 + i: (0.0, root + (top - root) * i / 3) for i in range(4)}
    return points | {33: (0.0, base), 34: (6.8, base + 1.0), 35: (13.2, base + 3.0)}


def _concavity(y: NDArray, z: NDArray) -> NDArray:
    """Smoothed second difference of the profile, most negative in the deepest hollow (z over y)."""
    smooth = np.convolve(z, np.ones(9) / 9, mode="same")
    return -np.gradient(np.gradient(smooth, y), y)


def _brow(eye_centre: NDArray) -> dict[int, tuple[float, float]]:
    """22 to 26 along the left brow."""
    return {22 + i: (float(x), float(y)) for i, (x, y) in enumerate(BROW + eye_centre[:2])}


def _lips(view: FrontView, lips: NDArray, lower: NDArray) -> dict[int, tuple[float, float]]:
    """Outer contour on the edge of the red, inner contour on both sides of the line where the lips meet."""
    rows, columns = np.nonzero(view.triangle >= 0)
    red = view.sample(lips, rows, columns) > 0.5
    rows, columns = rows[red], columns[red]
    below = view.sample(lower, rows, columns) > 0.5
    half_width = view.origin[0] + STEP * columns.max()
    corner_row = float(np.median(rows[columns >= columns.max() - 1]))

    def contour(share: float, upper: bool, outer: bool) -> tuple[float, float]:
        column = int(view.pixel(share * half_width, 0.0)[1])
        at = rows[(columns == column) & (below != upper)]
        row = at.max() if upper == outer else at.min()
        inward = 0.0 if outer else (2.0 if upper else -2.0)
        return _xy(view, row + inward, column)

    corner = _xy(view, corner_row, columns.max() + 0.8 / STEP)
    points = {54: corner, 64: (corner[0] - 2.5, corner[1])}
    points |= {51 + i: contour(share, True, True) for i, share in enumerate((0.0, 0.26, 0.63))}
    points |= {57 - i: contour(share, False, True) for i, share in enumerate((0.0, 0.32, 0.66))}
    points |= {62 + i: contour(share, True, False) for i, share in enumerate((0.0, 0.33))}
    points |= {66 - i: contour(share, False, False) for i, share in enumerate((0.0, 0.33))}
    return points


def _jaw(view: FrontView, places: dict[int, tuple[float, float]]) -> dict[int, tuple[float, float]]:
    """8 under the chin, 16 before the ear at the height of the eye, the rest evenly along the edge of the jaw."""
    y, _, facing = _midline(view)
    chin = float(y[(facing > 0.42) & (y < places[57][1])].min())
    centre = np.array([0.0, places[30][1]])
    top = places[45][1] - 2.0
    start = float(np.degrees(np.arctan2(top - centre[1], 70.0)))
    angles = np.radians(np.linspace(start, -90, 91))
    normals = vertex_normals(view.vertices, view.triangles)
    line = [(0.0, chin)]
    for angle, share in list(zip(angles, np.linspace(0, 1, 91), strict=True))[:-3][::-1]:
        radius = np.arange(25, 110, STEP / 2)
        x, y = np.cos(angle) * radius, centre[1] + np.sin(angle) * radius
        row, column = view.pixel(x, y)
        covered = view.triangle[row, column] >= 0
        steep = np.interp(share, [0, 0.3, 0.6, 0.85, 1], [0.12, 0.2, 0.35, 0.45, 0.42])
        facing = np.where(covered, view.sample(normals, row, column)[:, 2], 0)
        last = np.flatnonzero(facing > steep).max()
        line.append((float(x[last]), float(y[last])))
    path = _smooth(np.array(line))
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))]
    even = np.linspace(0, length[-1], 9)
    x, y = (np.interp(even, length, path[:, i]) for i in range(2))
    return {8 + i: (float(x[i]), float(y[i])) for i in range(9)}


def _smooth(path: NDArray, reach: int = 4) -> NDArray:
    """Running mean along a path whose ends stay."""
    padded = np.concatenate([2 * path[:1] - path[reach:0:-1], path, 2 * path[-1:] - path[-2 : -reach - 2 : -1]])
    kernel = np.ones(2 * reach + 1) / (2 * reach + 1)
    return np.stack([np.convolve(padded[:, i], kernel, mode="valid") for i in range(2)], axis=1)
