"""A synthetic photo with its truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SyntheticPhoto:
    """One photo and everything about it; pixel centres at integers.

    Attributes:
        rgb: ``(S, S, 3)`` uint8, as a camera stored it.
        visible_face: ``(S, S)`` uint8, 255 where the pixel shows the face (skin, eyes, brows, beard), 0 elsewhere;
            soft edges in between.
        face_region: ``(S, S)`` uint8, the same without anything in front of the face.
        landmarks: ``(68, 2)`` iBUG points in pixels, hidden ones included.
        identity: ``(Ki,)`` in standard deviations of the face model.
        expression: ``(Ke,)`` likewise.
        albedo: ``(Ka,)`` likewise: the part of the complexion that the model can express.
        rotation: ``(3,)`` axis-angle as in :class:`focusfit.facemodel.FaceCoefficients`.
        translation: ``(3,)`` mm in the camera frame, camera distance included.
        light: ``(3, 9)`` spherical harmonics as in :func:`focusfit.imaging.light.shading`.
        focal: pixels.
        centre: ``(2,)`` principal point in pixels.
        neutral_vertices: ``(V, 3)`` mm, model frame, identity only: the true shape, model misfit included.
        posed_vertices: ``(V, 3)`` mm, camera frame.
        person: number of the person; photos of one person share it.
        occluders: kinds of the layers that hide some of the face, nearest last; empty for a clean photo.
    """

    rgb: NDArray[np.uint8]
    visible_face: NDArray[np.uint8]
    face_region: NDArray[np.uint8]
    landmarks: Array
    identity: Array
    expression: Array
    albedo: Array
    rotation: Array
    translation: Array
    light: Array
    focal: float
    centre: Array
    neutral_vertices: Array
    posed_vertices: Array
    person: int
    occluders: tuple[str, ...]
