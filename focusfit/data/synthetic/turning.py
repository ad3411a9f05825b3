"""Rotations of heads and trunks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def turned(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """``(3, 3)``: turned by ``roll`` about z, then by ``pitch`` about x, then by ``yaw`` about y, in radians."""
    return _about(1, yaw) @ _about(0, pitch) @ _about(2, roll)


def axis_angle(matrix: NDArray) -> NDArray[np.float64]:
    """``(3,)`` of a rotation ``(3, 3)``: its axis, as long as its angle in radians."""
    return np.asarray(cv2.Rodrigues(np.asarray(matrix, np.float64))[0][:, 0], np.float64)


def _about(axis: int, angle: float) -> NDArray[np.float64]:
    vector = np.zeros(3)
    vector[axis] = angle
    return np.asarray(cv2.Rodrigues(vector)[0], np.float64)
