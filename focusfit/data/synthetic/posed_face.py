"""A face that stands in front of the camera: what hair, glasses and hands are attached to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class PosedFace:
    """One face in the camera frame (x right, y down, z away from the camera; millimetres).

    ``placement`` takes the face's own frame (x to the subject's left, y up, z out of the face, millimetres, as in the
    face model) to the camera frame: things are modelled around the neutral head and placed with it.

    Attributes:
        size: side S of the square frame in pixels.
        focal: focal length in pixels.
        centre: ``(2,)`` principal point x, y in pixels; pixel centres at integers.
        rotation: ``(3, 3)`` of the placement.
        translation: ``(3,)`` mm of the placement: ``camera = rotation @ own + translation``.
        vertices: ``(V, 3)`` the face with its expression, in its own frame.
        vertices_camera: ``(V, 3)`` the same in the camera frame.
        normals: ``(V, 3)`` unit, own frame.
        triangles: ``(F, 3)``, counter-clockwise seen from outside.
        landmarks: ``(68, 3)`` iBUG points, own frame.
        landmarks_px: ``(68, 2)`` their pixels.
        depth: ``(S, S)`` mm along the camera's axis, infinite where no face projects.
        light: ``(3, 9)`` spherical harmonics of the scene for normals in the viewer's frame (x right, y up, z towards
            the viewer), as :func:`focusfit.imaging.light.shading` takes them.
        skin: ``(3,)`` mean sRGB albedo of the person's skin.
        hair: ``(3,)`` sRGB albedo of the person's hair.
    """

    size: int
    focal: float
    centre: Array
    rotation: Array
    translation: Array
    vertices: Array
    vertices_camera: Array
    normals: Array
    triangles: NDArray[np.int64]
    landmarks: Array
    landmarks_px: Array
    depth: Array
    light: Array
    skin: Array
    hair: Array

    def to_camera(self, points: Array) -> Array:
        """Points ``(..., 3)`` of the face's own frame in the camera frame."""
        return points @ self.rotation.T + self.translation

    def project(self, points_camera: Array) -> Array:
        """Camera-frame points ``(..., 3)`` to pixels ``(..., 2)``."""
        return self.focal * points_camera[..., :2] / points_camera[..., 2:] + self.centre
