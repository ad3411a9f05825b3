"""YuNet's five points alone, for fits whose network finds all others."""

from __future__ import annotations

import numpy as np

from .face import DetectedFace, LandmarkSet
from .photo import Photo
from .yunet import FaceBox
from .yunet_search import PLAIN_SCORE, SURE_SCORE, TURNED_GAIN, Candidates, YuNetSearch, believed_alone


class YuNetFive:
    """Boxes and five points by YuNet: eye centres, tip of the nose, corners of the mouth."""

    name = "yunet"

    def __init__(self) -> None:
        self._search = YuNetSearch()

    def detect(self, photo: Photo) -> list[DetectedFace]:
        """All faces, largest first; none where there is none."""
        if min(photo.size) < 8:
            return []
        found = _believed(self._search.usual(photo.rgb))
        best = max((boxes[0].score for boxes in found), default=0.0)
        if best < PLAIN_SCORE:
            least = max(PLAIN_SCORE, best + TURNED_GAIN) if found else SURE_SCORE
            found = _believed(self._search.turned(photo.rgb, least)) or found
        return sorted((self._face(boxes[0]) for boxes in found), key=lambda face: -face.area)

    def _face(self, best: FaceBox) -> DetectedFace:
        five = LandmarkSet("five", best.five, np.full(5, best.score))
        x0, y0, x1, y1 = (float(v) for v in best.box)
        return DetectedFace((x0, y0, x1, y1), best.score, {"five": five}, source=self.name)


def _believed(candidates: Candidates) -> Candidates:
    return [boxes for boxes in candidates if believed_alone(boxes)]
