"""FaceMesh (468 points) on a face whose place is roughly known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..assets import asset_path

INPUT_SIZE = 192
POINT_COUNT = 468


@dataclass(frozen=True)
class FaceFrame:
    """An upright square around a face.

    Attributes:
        centre: x, y in photo pixels.
        side: in photo pixels.
        roll: angle in radians of the face's horizontal axis, clockwise as the photo is seen.
    """

    centre: tuple[float, float]
    side: float
    roll: float

    def matrix(self) -> NDArray[np.float64]:
        """``(2, 3)``: network input pixels to photo pixels, centres at integers in both."""
        scale = self.side / INPUT_SIZE
        axes = scale * np.array([[np.cos(self.roll), -np.sin(self.roll)], [np.sin(self.roll), np.cos(self.roll)]])
        middle = np.full(2, (INPUT_SIZE - 1) / 2)
        return np.column_stack([axes, np.array(self.centre) - axes @ middle])


class FaceMesh:
    """MediaPipe's face landmark network under LiteRT.

    Args:
        model: the ``.tflite`` file; the registered one by default.
        threads: of the interpreter.
    """

    def __init__(self, model: Path | None = None, threads: int = 1) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(str(model or asset_path("facemesh")), num_threads=threads)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = self._interpreter.get_output_details()
        self._mesh = next(o["index"] for o in outputs if o["shape"][-1] == 3 * POINT_COUNT)
        self._presence = next(o["index"] for o in outputs if o["shape"][-1] == 1)

    def points(self, rgb: NDArray[np.uint8], frame: FaceFrame) -> tuple[NDArray[np.float64], float]:
        """Points ``(468, 3)`` in photo pixels (z of the same scale, towards the viewer negative) and face presence."""
        matrix = frame.matrix()
        self._interpreter.set_tensor(self._input, _network_input(rgb, matrix, frame.side)[None])
        self._interpreter.invoke()
        mesh = self._interpreter.get_tensor(self._mesh).reshape(POINT_COUNT, 3).astype(float)
        logit = float(self._interpreter.get_tensor(self._presence).ravel()[0])
        mesh[:, :2] -= 0.5  # the network counts from the edge of its first pixel
        placed = np.column_stack([mesh[:, :2] @ matrix[:, :2].T + matrix[:, 2], mesh[:, 2] * frame.side / INPUT_SIZE])
        return placed, float(1 / (1 + np.exp(-logit)))


def frame_of_mesh(mesh: NDArray[np.float64], margin: float = 1.5) -> FaceFrame:
    """The square that MediaPipe's tracker would look at next: the points' upright box, ``margin`` times as large."""
    right, left = mesh[33, :2], mesh[263, :2]
    roll = float(np.arctan2(left[1] - right[1], left[0] - right[0]))
    axes = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    upright = mesh[:, :2] @ axes
    low, high = upright.min(0), upright.max(0)
    centre = axes @ ((low + high) / 2)
    return FaceFrame((float(centre[0]), float(centre[1])), margin * float((high - low).max()), roll)


def _network_input(rgb: NDArray[np.uint8], matrix: NDArray[np.float64], side: float) -> NDArray[np.float32]:
    shrink = max(1, int(side / INPUT_SIZE))
    if shrink > 1:
        corner, rgb = _shrunk_surroundings(rgb, matrix, shrink)
        matrix = matrix.copy()
        matrix[:, 2] -= corner + (shrink - 1) / 2
        matrix /= shrink
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (INPUT_SIZE, INPUT_SIZE)
    warped = cv2.warpAffine(rgb, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return warped.astype(np.float32) / 255


def _shrunk_surroundings(
    rgb: NDArray[np.uint8], matrix: NDArray[np.float64], shrink: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """The part of the photo under the network's input, averaged over blocks; and its corner."""
    corners = np.array([[0, 0], [INPUT_SIZE, 0], [0, INPUT_SIZE], [INPUT_SIZE, INPUT_SIZE]])
    placed = corners @ matrix[:, :2].T + matrix[:, 2]
    limit = np.array([rgb.shape[1], rgb.shape[0]])
    low = np.floor(placed.min(0)).astype(int).clip(0, np.maximum(limit - shrink, 0))
    high = np.ceil(placed.max(0)).astype(int).clip(low + 1, limit)
    patch = rgb[low[1] : high[1], low[0] : high[0]]
    size = tuple(int(v) for v in np.maximum(np.ceil((high - low) / shrink), 1))
    padded = cv2.copyMakeBorder(
        patch, 0, size[1] * shrink - patch.shape[0], 0, size[0] * shrink - patch.shape[1], cv2.BORDER_REPLICATE
    )
    return low, cv2.resize(padded, size, interpolation=cv2.INTER_AREA)
