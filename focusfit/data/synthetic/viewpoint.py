"""Where the camera stands and how the head is turned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .config import SyntheticConfig
from .turning import axis_angle, turned

Array = NDArray[np.float32]

TO_CAMERA = np.array([1.0, -1.0, -1.0], np.float32)
"""From the viewer's frame (x right, y up, z towards the viewer) to the camera's (x right, y down, z away)."""


@dataclass(frozen=True, eq=False)
class Viewpoint:
    """One camera and the head's place before it.

    Attributes:
        size: side of the photo in pixels.
        focal: pixels.
        centre: ``(2,)`` principal point, pixel centres at integers.
        turn: ``(3, 3)`` model frame to the viewer's frame.
        rotation: ``(3,)`` the same as an axis-angle.
        translation: ``(3,)`` mm, camera frame.
    """

    size: int
    focal: float
    centre: Array
    turn: Array
    rotation: Array
    translation: Array

    @property
    def placement(self) -> Array:
        """``(3, 3)`` model frame to the camera's axes."""
        return TO_CAMERA[:, None] * self.turn

    def place(self, points: Array) -> Array:
        """``(N, 3)`` of the model frame in the camera frame."""
        return points @ self.placement.T + self.translation

    def project(self, placed: Array) -> Array:
        """Camera-frame points ``(N, 3)`` to pixels ``(N, 2)``."""
        return np.float32(self.focal) * placed[:, :2] / placed[:, 2:] + self.centre

    def enlarged(self, factor: int) -> Viewpoint:
        """The same view with ``factor`` times as many pixels a side."""
        centre = (self.centre + np.float32(0.5)) * factor - np.float32(0.5)
        return Viewpoint(self.size * factor, self.focal * factor, centre, self.turn, self.rotation, self.translation)


def draw_viewpoint(config: SyntheticConfig, vertices: Array, rng: Generator) -> Viewpoint:
    """A random pose, camera distance and framing that keeps the face in the picture.

    Args:
        config: of the world.
        vertices: ``(V, 3)`` mm of the face in its own frame.
        rng: the generator.
    """
    pose = config.pose
    if rng.random() < pose.yaw_uniform_share:
        yaw = rng.uniform(-pose.yaw_limit_deg, pose.yaw_limit_deg)
    else:
        yaw = np.clip(pose.yaw_spread_deg * rng.standard_normal(), -pose.yaw_limit_deg, pose.yaw_limit_deg)
    pitch = pose.pitch_spread_deg * rng.standard_normal() * (1 - 0.4 * abs(yaw) / 90)
    roll = pose.roll_spread_deg * rng.standard_normal()
    turn = turned(*np.radians((yaw, pitch, roll)))
    near, far = config.distance_mm
    distance = float(np.exp(rng.uniform(np.log(near), np.log(far))))
    scale = float(rng.uniform(*config.face_pixels_per_mm)) * config.size / 224
    focal, size = scale * distance, config.size
    coordinates = np.ascontiguousarray(vertices.T)
    middle = (coordinates.min(1) + coordinates.max(1)) / 2
    centre = np.full(2, (size - 1) / 2, np.float32)
    shift = rng.normal(0, 0.045 * size, 2) / scale
    matrix = turn.astype(np.float32)
    translation = np.array([*shift, distance], np.float32) - TO_CAMERA * (matrix @ middle)
    return Viewpoint(size, focal, centre, matrix, axis_angle(turn).astype(np.float32), translation.astype(np.float32))
