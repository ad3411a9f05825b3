"""FaceMesh: 468 points of a face whose place is roughly known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..assets import asset_path
from .facemesh_scheme import MIRROR

INPUT_SIZE = 192
POINT_COUNT = 468
RIGHT_EYE, LEFT_EYE = 33, 263
"""Outer eye corners."""

MARGIN = 1.5
"""The network looks at a square this much larger than the face, as MediaPipe's tracker gives it."""


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
        axes = self.side / INPUT_SIZE * self.axes()
        middle = np.full(2, (INPUT_SIZE - 1) / 2)
        return np.column_stack([axes, np.array(self.centre) - axes @ middle])

    def axes(self) -> NDArray[np.float64]:
        """``(2, 2)`` rotation whose columns are the face's horizontal and vertical axis in the photo."""
        return np.array([[np.cos(self.roll), -np.sin(self.roll)], [np.sin(self.roll), np.cos(self.roll)]])

    def shifted(self, right: float, down: float, enlarge: float, turn: float) -> FaceFrame:
        """Another frame near this one; shifts in shares of the side, along the face's axes; ``turn`` in radians."""
        x, y = np.array(self.centre) + self.side * self.axes() @ (right, down)
        return FaceFrame((float(x), float(y)), self.side * enlarge, self.roll + turn)


@dataclass(frozen=True, eq=False)
class FaceMeshAnswer:
    """What the network says about one frame.

    Attributes:
        mesh: ``(468, 3)`` photo pixels, z of the same scale, smaller towards the viewer.
        presence: probability that a face is there.
    """

    mesh: NDArray[np.float64]
    presence: float


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

    def look(self, rgb: NDArray[np.uint8], frame: FaceFrame, mirrored: bool = False) -> FaceMeshAnswer:
        """Points of the face in the frame.

        Args:
            rgb: the photo.
            frame: where to look.
            mirrored: show the network the mirror image of the frame; the answer is mirrored back.
        """
        matrix = frame.matrix()
        shown = _network_input(rgb, matrix, frame.side)
        shown = shown[:, ::-1] if mirrored else shown
        self._interpreter.set_tensor(self._input, np.ascontiguousarray(shown)[None])
        self._interpreter.invoke()
        mesh = self._interpreter.get_tensor(self._mesh).reshape(POINT_COUNT, 3).astype(float)
        logit = float(self._interpreter.get_tensor(self._presence).ravel()[0])
        mesh[:, :2] -= 0.5  # the network counts from the edge of its first pixel
        if mirrored:
            mesh[:, 0] = INPUT_SIZE - 1 - mesh[:, 0]
            mesh = mesh[MIRROR]
        placed = np.column_stack([mesh[:, :2] @ matrix[:, :2].T + matrix[:, 2], mesh[:, 2] * frame.side / INPUT_SIZE])
        return FaceMeshAnswer(placed, float(1 / (1 + np.exp(-logit))))


def mean_mesh(answers: Sequence[FaceMeshAnswer], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(468, 3)`` mean of several answers."""
    return np.einsum("k,kij->ij", weights / weights.sum(), np.stack([answer.mesh for answer in answers]))


def frame_of_mesh(mesh: NDArray[np.float64]) -> FaceFrame:
    """The square that MediaPipe's tracker would look at next: around the points' upright box."""
    right, left = mesh[RIGHT_EYE, :2], mesh[LEFT_EYE, :2]
    level = FaceFrame((0.0, 0.0), 1.0, float(np.arctan2(left[1] - right[1], left[0] - right[0])))
    upright = mesh[:, :2] @ level.axes()
    low, high = upright.min(0), upright.max(0)
    x, y = level.axes() @ ((low + high) / 2)
    return FaceFrame((float(x), float(y)), MARGIN * max(float((high - low).max()), 1.0), level.roll)


def _network_input(rgb: NDArray[np.uint8], matrix: NDArray[np.float64], side: float) -> NDArray[np.float32]:
    """The frame's content ``(192, 192, 3)`` in [0, 1]; outside the photo its border is repeated."""
    shrink = max(1, int(side / INPUT_SIZE))
    if shrink > 1:
        corner, rgb = _shrunk_surroundings(rgb, matrix, shrink)
        matrix = matrix.copy()
        matrix[:, 2] -= corner + (shrink - 1) / 2
        matrix /= shrink
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = (INPUT_SIZE, INPUT_SIZE)
    warped = cv2.warpAffine(rgb, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return (warped / 255).astype(np.float32)


def _shrunk_surroundings(
    rgb: NDArray[np.uint8], matrix: NDArray[np.float64], shrink: int
) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """The part of the photo under the frame, averaged over blocks of ``shrink`` pixels; and its corner."""
    corners = np.array([[0, 0], [INPUT_SIZE, 0], [0, INPUT_SIZE], [INPUT_SIZE, INPUT_SIZE]])
    placed = corners @ matrix[:, :2].T + matrix[:, 2]
    limit = np.array([rgb.shape[1], rgb.shape[0]])
    low = np.floor(placed.min(0)).astype(int).clip(0, limit - 1)
    high = np.ceil(placed.max(0)).astype(int).clip(low + 1, limit)
    patch = rgb[low[1] : high[1], low[0] : high[0]]
    blocks = -(-(high - low) // shrink)
    missing = blocks * shrink - (high - low)
    padded = cv2.copyMakeBorder(patch, 0, int(missing[1]), 0, int(missing[0]), cv2.BORDER_REPLICATE)
    small = cv2.resize(padded, (int(blocks[0]), int(blocks[1])), interpolation=cv2.INTER_AREA)
    return low, np.asarray(small, np.uint8)
