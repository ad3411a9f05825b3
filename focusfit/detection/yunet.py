"""YuNet: boxes and five points of all faces in a photo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..assets import asset_path


@dataclass(frozen=True, eq=False)
class FaceBox:
    """One answer of the network, in photo pixels.

    Attributes:
        box: x0, y0, x1, y1.
        five: ``(5, 2)`` eye centres, nose tip, mouth corners; image left first.
        score: in [0, 1].
    """

    box: NDArray[np.float64]
    five: NDArray[np.float64]
    score: float

    @property
    def area(self) -> float:
        """In square pixels."""
        return float((self.box[2] - self.box[0]) * (self.box[3] - self.box[1]))


class YuNet:
    """The detection network under OpenCV.

    Args:
        model: the ``.onnx`` file; the registered one by default.
        min_score: a face covered by a hand or a mask often scores below 0.5.
        longest_side: to which a photo with its border is scaled, one pass each.
    """

    BORDER = 0.25
    """Grey border around the photo, as a share of its longest side: faces that fill the frame are found so."""

    def __init__(
        self, model: Path | None = None, min_score: float = 0.3, longest_sides: tuple[int, ...] = (320, 960)
    ) -> None:
        self._network = cv2.FaceDetectorYN.create(str(model or asset_path("yunet")), "", (320, 320), min_score, 0.3, 1000)
        self._longest_sides = longest_sides

    def boxes(self, rgb: NDArray[np.uint8]) -> list[FaceBox]:
        """All faces, best score first, each once."""
        found = [face for side in self._longest_sides for face in self._pass(rgb, side)]
        return suppress_overlaps(found)

    def _pass(self, rgb: NDArray[np.uint8], longest_side: int) -> list[FaceBox]:
        height, width = rgb.shape[:2]
        border = int(round(self.BORDER * max(width, height)))
        scale = longest_side / (max(width, height) + 2 * border)
        if scale > 2:
            scale = 2.0
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        edge = int(round(border * scale))
        small = cv2.copyMakeBorder(small, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(127, 127, 127))
        self._network.setInputSize((small.shape[1], small.shape[0]))
        _, rows = self._network.detect(np.ascontiguousarray(small[..., ::-1]))
        if rows is None:
            return []
        per_pixel = np.array([width / size[0], height / size[1]])
        faces = []
        for row in rows.astype(float):
            corners = np.stack([row[:2], row[:2] + row[2:4]])
            # Edge coordinates of the scaled photo, to pixel centres of the photo.
            corners = (corners - edge) * per_pixel - 0.5
            five = (row[4:14].reshape(5, 2) - edge) * per_pixel - 0.5
            faces.append(FaceBox(corners.ravel(), five, float(row[14])))
        return faces


def suppress_overlaps(faces: list[FaceBox], max_overlap: float = 0.4) -> list[FaceBox]:
    """Keep the best-scored of boxes that share more than ``max_overlap`` of the smaller one."""
    kept: list[FaceBox] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if all(_overlap(face, other) <= max_overlap for other in kept):
            kept.append(face)
    return kept


def _overlap(a: FaceBox, b: FaceBox) -> float:
    low, high = np.maximum(a.box[:2], b.box[:2]), np.minimum(a.box[2:], b.box[2:])
    shared = float(np.prod(np.maximum(high - low, 0)))
    return shared / max(min(a.area, b.area), 1e-9)
