"""What hands do at faces: poses and places, as people hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .pose import HandPose
from .skeleton import INDEX, MIDDLE, THUMB

Points = NDArray[np.float64]
Range = tuple[float, float]
Angles = tuple[float, float, float]

ADDUCTED = np.array([0, -7, -1, 6, 13.0])
FANNED = np.array([-8, 3, 2, -3, -4.0])


@dataclass(frozen=True, eq=False)
class Gesture:
    """Written for the subject's left hand; the right one is its mirror image.

    Attributes:
        pose: of the joints.
        anchor: from ``(68, 3)`` landmarks in the face's frame to the point that is touched, or hovered over.
        contact: the point of the hand that goes there: in the resting palm's frame, or the pad of a digit.
        across: degrees that the fingers point from up towards the other side of the face.
        turn: degrees that the back of the hand is turned from facing out, about the fingers' direction.
        tilt: degrees that the fingers lean out of the face's plane.
        gap: mm between face and hand.
        wrist: least and greatest of the wrist's three angles.
        rests: whether the hand is moved in depth until it touches the face.
        give: mm that it may sink into the face and still be seen: what is deeper is behind the face.
    """

    pose: HandPose
    anchor: Callable[[Points], Points]
    contact: tuple[float, float, float] | int
    across: Range
    turn: Range = (-15, 15)
    tilt: Range = (-8, 8)
    gap: Range = (0, 2)
    wrist: tuple[Range, Range, Range] = ((-25, 30), (-15, 25), (-20, 20))
    rests: bool = True
    give: float = np.inf


def pose(thumb: Angles, *fingers: Angles, spread: NDArray[np.float64] = ADDUCTED, opposition: float = 10.0) -> HandPose:
    """Angles of the thumb and of the fingers, the last of which is repeated."""
    rows = [thumb, *fingers]
    rows += [fingers[-1]] * (5 - len(rows))
    return HandPose(np.array(rows, float), spread, opposition)


FLAT = pose((0, 5, 5), (6, 8, 5))
CUPPED = pose((5, 12, 15), (22, 18, 10), opposition=18)
RELAXED = pose((8, 18, 20), (18, 28, 14), (24, 32, 16), (30, 36, 18), (36, 38, 20), opposition=20)
OPEN = pose((-8, 0, 0), (0, 4, 3), spread=FANNED, opposition=0)
PEEKING = pose((0, 5, 5), (8, 10, 6), spread=np.array([-5, 0, 4, -6, -2.0]))
FIST = pose((20, 35, 50), (84, 100, 55), opposition=45)
LOOSE_FIST = pose((12, 28, 35), (60, 85, 40), (66, 88, 42), opposition=35)
POINTING = pose((20, 35, 50), (4, 5, 3), (82, 98, 52), opposition=45)
VICTORY = pose((25, 40, 55), (3, 4, 3), (3, 4, 3), (78, 95, 50), spread=np.array([0, 8, -10, 4, 10.0]), opposition=48)
PINCH = pose((8, 20, 18), (48, 42, 22), (38, 38, 20), (30, 34, 18), (24, 30, 16), opposition=48)
THUMB_UP = pose((-12, 0, -5), (82, 98, 52), opposition=0)
CHIN_HOLD = pose((0, 8, 10), (18, 38, 18), (58, 80, 40), opposition=28)
TWO_FINGERS = pose((16, 30, 35), (8, 12, 8), (10, 14, 8), (62, 85, 40), opposition=38)
GRIP = pose((12, 22, 25), (52, 58, 30), (54, 60, 32), (56, 62, 34), opposition=42)


def _mean(*index: int) -> Callable[[Points], Points]:
    return lambda points: points[list(index)].mean(0)


MOUTH, NOSE, CHIN, BETWEEN_EYES = _mean(48, 51, 54, 57), _mean(30, 33), _mean(8, 57), _mean(27, 28)
LEFT_EYE, LEFT_CHEEK, LEFT_JAW = _mean(42, 45), _mean(14, 35, 46), _mean(11, 12, 54)
LEFT_TEMPLE, UNDER_CHIN = _mean(16, 26), lambda points: points[8] + (0, -14, -14)
BROW = lambda points: points[[21, 22]].mean(0) + np.array([0, 22, -4])  # noqa: E731
LEFT_BROW = lambda points: points[24] + (0, 18, -4)  # noqa: E731
LIPS = _mean(51, 57)

PALM, FINGERS, HEEL, WEB, KNUCKLES = (0, 55, -14), (0, 112, -9), (0, 28, -14), (28, 66, -10), (0, 100, -22)

GESTURES: Mapping[str, tuple[float, Gesture]] = MappingProxyType(
    {
        "mouth_covered": (2.2, Gesture(CUPPED, MOUTH, FINGERS, (30, 95))),
        "mouth_behind_palm": (1.2, Gesture(CUPPED, MOUTH, PALM, (-10, 60))),
        "mouth_behind_fingers": (1.2, Gesture(RELAXED, MOUTH, (0, 135, -8), (-5, 60), tilt=(-15, 5))),
        "nose_and_mouth": (1.0, Gesture(CUPPED, NOSE, (0, 90, -12), (10, 80))),
        "face_palm": (1.0, Gesture(FLAT, BETWEEN_EYES, PALM, (-15, 45))),
        "eyes_covered": (1.1, Gesture(FLAT, BETWEEN_EYES, FINGERS, (55, 100))),
        "peeking": (0.7, Gesture(PEEKING, BETWEEN_EYES, (0, 130, -7), (30, 80))),
        "eye_covered": (1.0, Gesture(CUPPED, LEFT_EYE, (0, 80, -12), (-15, 55))),
        "cheek_in_palm": (1.4, Gesture(RELAXED, LEFT_JAW, HEEL, (-25, 15), turn=(10, 50), give=14)),
        "cheek_touched": (1.0, Gesture(RELAXED, LEFT_CHEEK, (0, 130, -8), (0, 60), turn=(0, 30))),
        "cheek_on_fist": (0.8, Gesture(LOOSE_FIST, LEFT_CHEEK, (0, 100, -20), (-20, 20), turn=(20, 80), give=14)),
        "temple": (0.6, Gesture(TWO_FINGERS, LEFT_TEMPLE, INDEX, (0, 50), turn=(10, 50))),
        "chin_on_fist": (0.9, Gesture(LOOSE_FIST, UNDER_CHIN, KNUCKLES, (-15, 25), turn=(-30, 60), rests=False,
                                      give=6)),
        "chin_held": (1.2, Gesture(CHIN_HOLD, CHIN, WEB, (-15, 20), tilt=(-10, 10), give=16)),
        "chin_stroked": (0.8, Gesture(RELAXED, CHIN, (8, 130, -8), (20, 70), give=20)),
        "hush": (0.9, Gesture(POINTING, LIPS, (24, 155, -4), (-12, 15), turn=(35, 85), tilt=(-12, 4))),
        "lips_touched": (1.0, Gesture(PINCH, LIPS, INDEX, (10, 70), turn=(0, 45))),
        "nose_pinched": (0.6, Gesture(PINCH, NOSE, INDEX, (5, 60), turn=(0, 40))),
        "eye_rubbed": (0.8, Gesture(LOOSE_FIST, LEFT_EYE, (20, 108, -16), (0, 50), turn=(-10, 40))),
        "glasses_adjusted": (0.6, Gesture(PINCH, _mean(26, 45), INDEX, (5, 45), turn=(10, 60))),
        "brow_wiped": (0.9, Gesture(FLAT, BROW, FINGERS, (50, 105))),
        "hand_in_hair": (0.6, Gesture(RELAXED, LEFT_BROW, (0, 70, -12), (-10, 40))),
        "saluting": (0.4, Gesture(FLAT, LEFT_BROW, INDEX, (40, 80), turn=(40, 90))),
        "waving": (1.2, Gesture(OPEN, NOSE, PALM, (-60, 60), turn=(140, 220), gap=(20, 180), rests=False)),
        "victory": (0.5, Gesture(VICTORY, LEFT_CHEEK, PALM, (-40, 50), turn=(140, 220), gap=(5, 100))),
        "thumb_up": (0.3, Gesture(THUMB_UP, CHIN, PALM, (40, 100), turn=(-40, 40), gap=(10, 100))),
        "reaching_in": (1.6, Gesture(RELAXED, NOSE, (0, 95, -10), (-180, 180), turn=(-30, 30), gap=(0, 50))),
        "stretched_to_camera": (0.7, Gesture(OPEN, NOSE, PALM, (-50, 70), turn=(150, 210), tilt=(20, 50),
                                             gap=(120, 320), rests=False)),
        "back_of_hand": (0.7, Gesture(RELAXED, MOUTH, (0, 80, 14), (40, 110), turn=(150, 210), gap=(0, 25))),
    }
)  # fmt: skip
"""By name: how often, and the gesture."""

SYMMETRIC = ("mouth_covered", "face_palm", "eyes_covered", "peeking", "cheek_in_palm", "nose_and_mouth", "eye_rubbed",
             "eye_covered", "cheek_touched", "hand_in_hair")  # fmt: skip
"""Gestures that people make with both hands at once."""

__all__ = ["GESTURES", "GRIP", "INDEX", "MIDDLE", "SYMMETRIC", "THUMB", "Gesture"]
