"""Detection with a model pack of insightface, where the user has one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..errors import FocusfitError
from .face import DetectedFace, LandmarkSet
from .photo import Photo

PACK_FOLDER = Path("~/.insightface/models")
"""Where insightface keeps its packs."""

_DETECTION = ("det_10g.onnx", "scrfd_10g_bnkps.onnx", "det_2.5g.onnx", "det_500m.onnx")
_LANDMARKS = "1k3d68.onnx"


def find_pack(folder: Path | None = None) -> Path | None:
    """The folder of a pack with a detection model: ``folder`` itself, else the first below `PACK_FOLDER`."""
    if folder is not None:
        return folder if _detection_model(folder) else None
    root = PACK_FOLDER.expanduser()
    packs = sorted(root.iterdir()) if root.is_dir() else []
    return next((pack for pack in packs if _detection_model(pack)), None)


class InsightFacePack:
    """SCRFD boxes and five points, and 68 points where the pack has ``1k3d68.onnx``.

    Args:
        folder: the pack; by default the first in ``~/.insightface/models``. Nothing is downloaded.

    Raises:
        FocusfitError: there is no pack.
    """

    name = "insightface"

    def __init__(self, folder: str | Path | None = None) -> None:
        pack = find_pack(None if folder is None else Path(folder).expanduser())
        if pack is None:
            raise FocusfitError(
                "no insightface model pack with a detection model",
                file=folder or PACK_FOLDER.expanduser(),
                remedy="Unpack buffalo_l there (its models are for non-commercial research), or use another detector.",
            )
        from insightface.model_zoo import model_zoo

        self._detector = model_zoo.get_model(str(_detection_model(pack)), providers=["CPUExecutionProvider"])
        self._detector.prepare(-1, input_size=(640, 640), det_thresh=0.4)
        landmarks = pack / _LANDMARKS
        self._landmarks = None
        if landmarks.is_file():
            self._landmarks = model_zoo.get_model(str(landmarks), providers=["CPUExecutionProvider"])

    def detect(self, photo: Photo) -> list[DetectedFace]:
        """All faces, largest first."""
        bgr = np.ascontiguousarray(photo.rgb[..., ::-1])
        rows, fives = self._detector.detect(bgr)
        faces = [self._face(bgr, row, five) for row, five in zip(rows, fives, strict=True)]
        return sorted(faces, key=lambda face: -face.area)

    def _face(self, bgr: np.ndarray, row: np.ndarray, five: np.ndarray) -> DetectedFace:
        from insightface.app.common import Face

        score = float(row[4])
        landmarks = {"five": LandmarkSet("five", five.astype(float), np.full(5, score))}
        if self._landmarks is not None:
            points = self._landmarks.get(bgr, Face(bbox=row[:4], kps=five, det_score=row[4]))[:, :2]
            landmarks["ibug68"] = LandmarkSet("ibug68", points.astype(float), np.full(68, score))
        x0, y0, x1, y1 = (float(v) for v in row[:4])
        return DetectedFace((x0, y0, x1, y1), score, landmarks, source=self.name)


def _detection_model(pack: Path) -> Path | None:
    return next((pack / name for name in _DETECTION if (pack / name).is_file()), None)
