"""Region maps painted on the mean face: where colour varies and how strongly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IRIS_RADIUS, PUPIL_RADIUS = 6.0, 2.2
BROW_HALF_WIDTH = np.array([3.2, 4.0, 3.6, 2.8, 1.6])
"""mm, from the inner to the outer end."""

BROW_DROP = 1.6
"""mm from the brow's landmark points, which lie in its upper half, down to its middle."""


@dataclass(frozen=True, eq=False)
class FaceMaps:
    """Per-vertex weights in [0, 1], each ``(V,)``, all mirror-symmetric."""

    eyeball: NDArray
    iris: NDArray
    pupil: NDArray
    lips: NDArray
    mouth_interior: NDArray
    brows: NDArray
    lashes: NDArray
    nostrils: NDArray
    under_eyes: NDArray
    lids: NDArray
    cheeks: NDArray
    nose_tip: NDArray
    freckled: NDArray
    beard: NDArray
    moustache: NDArray
    hairline: NDArray


def paint_maps(
    vertices: NDArray,
    normals: NDArray,
    points: NDArray,
    mirror: NDArray,
    eye: NDArray,
    lips: NDArray,
    mouth_depth: NDArray,
    rim: NDArray,
) -> FaceMaps:
    """Paint all maps.

    Args:
        vertices: ``(V, 3)`` mean face, mm.
        normals: ``(V, 3)`` unit.
        points: ``(68, 3)`` its iBUG landmarks.
        mirror: ``(V,)``.
        eye: ``(V,)`` 0 skin, 1 left and 2 right eyeball.
        lips: ``(V,)`` the source's mask of the red of the lips.
        mouth_depth: ``(V,)`` 1 where the lips meet, larger inside.
        rim: ``(V,)`` bool outer edge.
    """
    skin = (eye == 0).astype(float)
    outside = skin * (mouth_depth <= 1)
    iris, pupil = _iris(vertices, eye)

    def spots(numbers: list[int], radius: float, shift: tuple[float, float, float] = (0, 0, 0)) -> NDArray:
        centres = points[numbers] + np.array(shift)
        return skin * np.max([_gauss(np.linalg.norm(vertices - c, axis=1), radius) for c in centres], axis=0)

    lid_line = np.concatenate([_polyline(points[[36, 37, 38, 39]], 12), _polyline(points[[45, 44, 43, 42]], 12)])
    lower_line = np.concatenate([_polyline(points[[36, 41, 40, 39]], 12), _polyline(points[[45, 46, 47, 42]], 12)])
    to_lid, to_lower = _distance(vertices, lid_line), _distance(vertices, lower_line)
    beard, moustache = _beard(vertices, points)
    maps = FaceMaps(
        eyeball=1 - skin,
        iris=iris,
        pupil=pupil,
        lips=lips * skin,
        mouth_interior=skin * np.clip(mouth_depth - 1.0, 0, 1),
        brows=skin * _brows(vertices, points),
        lashes=skin * np.maximum(_gauss(to_lid, 1.1), 0.45 * _gauss(to_lower, 0.9)),
        nostrils=_nostrils(vertices, normals, points) * outside,
        under_eyes=skin * _gauss(_distance(vertices, lower_line - np.array([0, 6.5, 0])), 5.0),
        lids=skin * np.maximum(_gauss(to_lid, 4.0), _gauss(to_lower, 3.0)),
        cheeks=skin * _cheeks(vertices, points),
        nose_tip=spots([30], 10),
        freckled=np.maximum(spots([1, 15], 1e-3), np.maximum(spots([36, 45], 22, (0, -24, 0)), spots([29], 16))),
        beard=beard * outside * (1 - lips),
        moustache=moustache * outside * (1 - lips),
        hairline=skin * _hairline(vertices, points, rim),
    )
    return FaceMaps(**{name: (value + value[mirror]) / 2 for name, value in vars(maps).items()})


def _gauss(distance: NDArray, radius: float) -> NDArray:
    return np.exp(-0.5 * (distance / radius) ** 2)


def _polyline(corners: NDArray, per_segment: int) -> NDArray:
    """Points along a polyline."""
    place = np.linspace(0, len(corners) - 1, per_segment * (len(corners) - 1) + 1)
    return np.stack([np.interp(place, np.arange(len(corners)), corners[:, i]) for i in range(corners.shape[1])], axis=1)


def _distance(vertices: NDArray, line: NDArray) -> NDArray:
    return np.min([np.linalg.norm(vertices - point, axis=1) for point in line], axis=0)


def _iris(vertices: NDArray, eye: NDArray) -> tuple[NDArray, NDArray]:
    """Discs around the foremost direction of each eyeball: gaze straight ahead."""
    iris, pupil = np.zeros(len(vertices)), np.zeros(len(vertices))
    for side in (1, 2):
        ball = eye == side
        centre = (vertices[ball, :2].min(0) + vertices[ball, :2].max(0)) / 2
        radius = np.linalg.norm(vertices[:, :2] - centre, axis=1)
        iris += ball * np.clip((IRIS_RADIUS + 0.5 - radius) / 1.0, 0, 1)
        pupil += ball * np.clip((PUPIL_RADIUS + 0.5 - radius) / 1.0, 0, 1)
    return iris, pupil


def _brows(vertices: NDArray, points: NDArray) -> NDArray:
    """Bands along the brows, wide at the inner end and thin at the tail."""
    result = np.zeros(len(vertices))
    for numbers in ([22, 23, 24, 25, 26], [21, 20, 19, 18, 17]):
        line = _polyline(points[numbers] - [0, BROW_DROP, 0], 10)
        width = np.interp(np.linspace(0, 4, len(line)), np.arange(5), BROW_HALF_WIDTH)
        band = [np.exp(-((np.linalg.norm(vertices - c, axis=1) / w) ** 4)) for c, w in zip(line, width, strict=True)]
        result = np.maximum(result, np.max(band, axis=0))
    return result


def _nostrils(vertices: NDArray, normals: NDArray, points: NDArray) -> NDArray:
    """The openings: skin that faces down just above the base of the nose, and not the wings beside it."""
    folded = np.abs(vertices * [1, 0, 0]) + vertices * [0, 1, 1]
    offset = folded - (points[34] + np.array([0.2, 2.0, 1.0]))
    near = np.clip(1.6 - np.linalg.norm(offset / [3.2, 3.0, 5.0], axis=1), 0, 1)
    return near * np.clip((-normals[:, 1] - 0.25) / 0.35, 0, 1)


def _cheeks(vertices: NDArray, points: NDArray) -> NDArray:
    """The apples of the cheeks: outside of the line from the lower lid to the corner of the mouth."""
    folded = np.abs(vertices * [1, 0, 0]) + vertices * [0, 1, 1]
    place = points[46] + 0.35 * (points[54] - points[46]) + [9, 0, 0]
    front = vertices[(vertices[:, 0] > 0) & (vertices[:, 2] > -45)]
    middle = front[np.linalg.norm((front - place)[:, :2], axis=1).argmin()]
    return _gauss(np.linalg.norm(folded - middle, axis=1), 20)


def _beard(vertices: NDArray, points: NDArray) -> tuple[NDArray, NDArray]:
    """Where beard and moustache grow on the resting face."""
    x, y = np.abs(vertices[:, 0]), vertices[:, 1]
    corner, base, low, ear = points[54], points[33], points[57], points[16]
    # The beard's upper border: under the lower lip, up beside the mouth, down into the cheek, up before the ear.
    border_x = [0, 4, 0.8 * corner[0], corner[0] + 6, corner[0] + 20, points[14, 0] - 12, ear[0]]
    border_y = [low[1] - 3, low[1] - 3, low[1] - 5, corner[1] + 1, corner[1] - 8, corner[1] + 2, ear[1] - 15]
    beard = _ramp(np.interp(x, border_x, border_y) - y, np.interp(x, [corner[0], corner[0] + 15], [12, 30]))
    soul_patch_gap = _gauss(np.hypot((x - 10) / 4, (y - low[1] + 6) / 4), 1.0)
    under_nose = _ramp(base[1] - 4 - y + 0.1 * x, 7)
    sides = _ramp(corner[0] + 3 - x - 0.4 * np.maximum(y - corner[1], 0), 14)
    moustache = under_nose * sides * _ramp(y - corner[1] + 8, 8)
    philtrum = 0.35 * _gauss(x, 2.5)
    return beard * (1 - 0.5 * soul_patch_gap), moustache * (1 - philtrum)


def _ramp(value: NDArray, softness: float | NDArray) -> NDArray:
    """A smooth step from 0 to 1 about zero."""
    t = np.clip(value / softness + 0.5, 0, 1)
    return t * t * (3 - 2 * t)


def _hairline(vertices: NDArray, points: NDArray, rim: NDArray) -> NDArray:
    """Rises towards the rim above and beside the eyes."""
    to_rim = np.min([np.linalg.norm(vertices - point, axis=1) for point in vertices[rim]], axis=0)
    high = np.clip((vertices[:, 1] - points[45, 1]) / 40, 0, 1)
    return high * np.clip(1 - to_rim / 22, 0, 1)
