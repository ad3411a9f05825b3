"""Where YuNet sees faces: several looks at a photo, the usual ones first, harder ones when these find nothing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .yunet import FaceBox, Look, YuNet, group_same_face

LOOKS = (Look(320, border=0.25), Look(640, border=0.1))
"""Large and medium faces. Two looks that agree also tell a covered face from a chance find."""

CLOSER_LOOK = Look(1280)
"""For small faces, in photos that are larger than `CLOSER_FROM` pixels."""

CLOSEST_LOOK = Look(2560)
"""For crowds: when the looks before found small faces only, or none."""

CLOSER_FROM, CLOSEST_FROM = 800, 1800

HARD_LOOKS = tuple(
    Look(side, border, mirrored) for side, border in ((480, 0.15), (640, 0.5), (960, 0.0)) for mirrored in (False, True)
)
"""When nothing was found: a face most of which is covered scores low, but in many looks at the same place."""

TURNED_LOOKS = tuple(Look(320, border=0.1, quarter_turns=turns) for turns in (1, 2, 3))
"""When no face is plain: the photo may lie on its side or upside down, and YuNet half sees faces there too."""

PLAIN_SCORE = 0.87
"""An upright, uncovered face scores above; below, faces may be turned."""

TURNED_GAIN = 0.015

MIN_SCORE = 0.3
MIN_HARD_SCORE = 0.05

SURE_SCORE = 0.8
"""YuNet alone is believed from here on: faces too small or too covered for other networks."""

LIKELY_SCORE = 0.6

AGREED_SCORE = 0.6
"""Sum of the scores of two looks that see the same face, enough without another network."""

LEAST_SHARE = 0.5
"""What only one look sees, and that scores less than this share of the photo's best face, is a chance find."""

Candidates = list[list[FaceBox]]
"""Boxes, face by face, the best of each first."""


class YuNetSearch:
    """YuNet's looks at a photo."""

    def __init__(self) -> None:
        self._yunet = YuNet()

    def usual(self, rgb: NDArray[np.uint8]) -> Candidates:
        """Faces in the upright photo."""
        small, scale = _reduced(rgb, CLOSEST_LOOK.longest_side)
        longest = max(rgb.shape[:2])
        boxes = [box for look in LOOKS for box in self._yunet.look(small, look, MIN_SCORE)]
        if longest > CLOSER_FROM:
            boxes += self._yunet.look(small, CLOSER_LOOK, MIN_SCORE)
        if longest > CLOSEST_FROM and max((box.area for box in boxes), default=0) < (max(small.shape[:2]) / 12) ** 2:
            boxes += self._yunet.look(small, CLOSEST_LOOK, MIN_SCORE)
        groups = group_same_face(boxes)
        groups = [group for group in groups if len(group) > 1 or group[0].score >= LEAST_SHARE * groups[0][0].score]
        return [[_enlarged(box, scale) for box in group] for group in groups]

    def turned(self, rgb: NDArray[np.uint8], min_score: float) -> Candidates:
        """Faces in the photo turned by quarters, if one way shows a face that scores at least ``min_score``."""
        small, scale = _reduced(rgb, CLOSER_LOOK.longest_side)
        ways = [group_same_face(self._yunet.look(small, look, LIKELY_SCORE)) for look in TURNED_LOOKS]
        groups = max(ways, key=lambda groups: groups[0][0].score if groups else 0.0)
        if not groups or groups[0][0].score < min_score:
            return []
        return [[_enlarged(box, scale) for box in group] for group in groups]

    def hard(self, rgb: NDArray[np.uint8]) -> Candidates:
        """The place on which many looks agree best."""
        small, scale = _reduced(rgb, CLOSER_LOOK.longest_side)
        boxes = [box for look in HARD_LOOKS for box in self._yunet.look(small, look, MIN_HARD_SCORE)]
        groups = sorted(group_same_face(boxes), key=lambda group: -sum(box.score for box in group))
        return [[_enlarged(box, scale) for box in group] for group in groups[:1]]


def believed_alone(boxes: list[FaceBox]) -> bool:
    """Whether YuNet is sure of a face, or two of its looks agree."""
    best = boxes[0].score
    return best >= SURE_SCORE or (len(boxes) > 1 and best + boxes[1].score >= AGREED_SCORE)


def _reduced(rgb: NDArray[np.uint8], longest_side: int) -> tuple[NDArray[np.uint8], float]:
    """The photo with at most that longest side, and how many photo pixels one of its pixels stands for."""
    scale = max(1.0, max(rgb.shape[:2]) / longest_side)
    if scale == 1.0:
        return rgb, scale
    size = (max(1, round(rgb.shape[1] / scale)), max(1, round(rgb.shape[0] / scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _enlarged(found: FaceBox, scale: float) -> FaceBox:
    box, five = ((values + 0.5) * scale - 0.5 for values in (found.box, found.five))
    return FaceBox(box, five, found.score)
