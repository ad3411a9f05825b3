"""YuNet: boxes and five points of all faces in a photo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..assets import asset_path

Image = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class FaceBox:
    """One answer of the network, in photo pixels.

    Attributes:
        box: ``(4,)`` x0, y0, x1, y1.
        five: ``(5, 2)`` eye centres, nose tip, mouth corners; image left first.
        score: in [0, 1].
    """

    box: NDArray[np.float64]
    five: NDArray[np.float64]
    score: float

    @property
    def area(self) -> float:
        """In square pixels."""
        return float(np.prod(np.maximum(self.box[2:] - self.box[:2], 0)))


@dataclass(frozen=True)
class Look:
    """One pass of the network over a photo.

    Attributes:
        longest_side: of the scaled photo with its border, in pixels.
        border: grey border, as a share of the photo's longest side: faces that fill the frame are found so.
        mirrored: look at the photo's mirror image.
        quarter_turns: turn the photo by 90 degrees so often first, anticlockwise.
    """

    longest_side: int
    border: float = 0.0
    mirrored: bool = False
    quarter_turns: int = 0


class YuNet:
    """The detection network under OpenCV.

    Args:
        model: the ``.onnx`` file; the registered one by default.
    """

    MAX_ENLARGEMENT = 3.0

    def __init__(self, model: Path | None = None) -> None:
        path = str(model or asset_path("yunet"))
        level = cv2.utils.logging.getLogLevel()
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # it warns that it has no choice of device
        try:
            self._network = cv2.FaceDetectorYN.create(path, "", (320, 320), 0.3, 0.3, 1000)
        finally:
            cv2.utils.logging.setLogLevel(level)

    def look(self, rgb: Image, how: Look, min_score: float) -> list[FaceBox]:
        """The faces of one pass that score at least ``min_score``.

        A face covered by a hand or a mask often scores below 0.5; 0.3 still finds nearly all of them.
        """
        turned = np.rot90(rgb, how.quarter_turns)
        turned = turned[:, ::-1] if how.mirrored else turned
        height, width = turned.shape[:2]
        scale = min(how.longest_side / (max(width, height) * (1 + 2 * how.border)), self.MAX_ENLARGEMENT)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = cv2.resize(np.ascontiguousarray(turned), size, interpolation=method)
        edge = round(how.border * max(size))
        small = cv2.copyMakeBorder(small, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(127, 127, 127))
        self._network.setInputSize((small.shape[1], small.shape[0]))
        self._network.setScoreThreshold(min_score)
        rows = self._network.detect(np.ascontiguousarray(small[..., ::-1]))[1]
        if rows is None:
            return []
        per_pixel = np.array([width / size[0], height / size[1]])
        faces = []
        for row in rows.astype(float):
            if not np.isfinite(row).all():
                continue
            # From edge coordinates of the scaled photo to pixel centres of the photo.
            points = np.concatenate([[row[:2], row[:2] + row[2:4]], row[4:14].reshape(5, 2)])
            points = (points - edge) * per_pixel - 0.5
            faces.append(FaceBox(points[:2].ravel(), points[2:], float(min(row[14], 1.0))))
        if how.mirrored:
            faces = [_mirror(face, width) for face in faces]
        return [_turn_back(face, rgb.shape, how.quarter_turns) for face in faces]


def group_same_face(found: list[FaceBox], max_overlap: float = 0.4) -> list[list[FaceBox]]:
    """Boxes that share more than ``max_overlap`` of the smaller one show one face; best first, groups and members."""
    groups: list[list[FaceBox]] = []
    for face in sorted(found, key=lambda face: -face.score):
        home = next((group for group in groups if _overlap(face, group[0]) > max_overlap), None)
        if home is None:
            groups.append([face])
        else:
            home.append(face)
    return groups


def _overlap(a: FaceBox, b: FaceBox) -> float:
    low, high = np.maximum(a.box[:2], b.box[:2]), np.minimum(a.box[2:], b.box[2:])
    return float(np.prod(np.maximum(high - low, 0))) / max(min(a.area, b.area), 1e-9)


def _mirror(face: FaceBox, width: int) -> FaceBox:
    flip = np.array([-1, 1])
    corners, five = face.box.reshape(2, 2) * flip, face.five * flip
    corners[:, 0] += width - 1
    five[:, 0] += width - 1
    x0, x1 = sorted(corners[:, 0])
    box = np.array([x0, corners[0, 1], x1, corners[1, 1]])
    return replace(face, box=box, five=five[[1, 0, 2, 4, 3]])


def _turn_back(face: FaceBox, shape: tuple[int, ...], quarter_turns: int) -> FaceBox:
    """Undo ``np.rot90``: where a point of the turned photo lies in the photo of that shape."""
    last_x, last_y = shape[1] - 1, shape[0] - 1
    points = np.concatenate([face.box.reshape(2, 2), face.five])
    x, y = points.T
    back = {0: (x, y), 1: (last_x - y, x), 2: (last_x - x, last_y - y), 3: (y, last_y - x)}[quarter_turns % 4]
    points = np.stack(back, axis=1)
    return replace(face, box=np.concatenate([points[:2].min(0), points[:2].max(0)]), five=points[2:])
