"""The default detector: YuNet finds faces, FaceMesh confirms them and places their points."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .face import DetectedFace, LandmarkSet
from .facemesh import FaceMesh
from .facemesh_scheme import facemesh_to_ibug68
from .mean_face import MEAN_FACE_68, fit_weak_perspective
from .mesh_search import MeshFinding, find_mesh
from .photo import Photo
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
"""YuNet alone is believed from here on: faces too small or too covered for FaceMesh."""

LIKELY_SCORE = 0.6
"""One look of FaceMesh that sees a face is enough from here on; below, all of them together have to."""

AGREED_SCORE = 0.6
"""Sum of the scores of two looks that see the same face, enough without FaceMesh."""

MIN_PRESENCE = 0.5
"""FaceMesh sees a face."""

LEAST_SHARE = 0.5
"""What only one look sees, and that scores less than this share of the photo's best face, is a chance find."""

MAX_BOXES = 3


class YuNetFaceMesh:
    """Boxes and five points by YuNet, 468 and 68 points by FaceMesh."""

    name = "yunet-facemesh"

    def __init__(self) -> None:
        self._yunet = YuNet()
        self._facemesh = FaceMesh()

    def detect(self, photo: Photo) -> list[DetectedFace]:
        """All faces, largest first; none where there is none."""
        if min(photo.size) < 8:
            return []
        rgb = photo.rgb
        faces = self._confirmed(rgb, self._candidates(rgb))
        best = max((face.score for face in faces), default=0.0)
        if best < PLAIN_SCORE:
            least = max(PLAIN_SCORE, best + TURNED_GAIN) if faces else SURE_SCORE
            faces = self._confirmed(rgb, self._turned_candidates(rgb, least)) or faces
        if not faces:
            faces = self._confirmed(rgb, self._hard_candidates(rgb), hard=True)
        return _once_each(faces)

    def _candidates(self, rgb: NDArray[np.uint8]) -> list[list[FaceBox]]:
        """Boxes, face by face, best first."""
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

    def _turned_candidates(self, rgb: NDArray[np.uint8], min_score: float) -> list[list[FaceBox]]:
        """The same in the photo turned by quarters, if one way shows a face that scores at least ``min_score``."""
        small, scale = _reduced(rgb, CLOSER_LOOK.longest_side)
        ways = [group_same_face(self._yunet.look(small, look, LIKELY_SCORE)) for look in TURNED_LOOKS]
        groups = max(ways, key=lambda groups: groups[0][0].score if groups else 0.0)
        if not groups or groups[0][0].score < min_score:
            return []
        return [[_enlarged(box, scale) for box in group] for group in groups]

    def _hard_candidates(self, rgb: NDArray[np.uint8]) -> list[list[FaceBox]]:
        """The place on which many looks agree best."""
        small, scale = _reduced(rgb, CLOSER_LOOK.longest_side)
        boxes = [box for look in HARD_LOOKS for box in self._yunet.look(small, look, MIN_HARD_SCORE)]
        groups = sorted(group_same_face(boxes), key=lambda group: -sum(box.score for box in group))
        return [[_enlarged(box, scale) for box in group] for group in groups[:1]]

    def _confirmed(
        self, rgb: NDArray[np.uint8], candidates: list[list[FaceBox]], hard: bool = False
    ) -> list[DetectedFace]:
        """The candidates that are faces; after a hard search FaceMesh alone decides."""
        faces = []
        for boxes in candidates:
            finding = find_mesh(self._facemesh, rgb, boxes[:MAX_BOXES])
            if finding.steady_presence >= MIN_PRESENCE or (not hard and _is_believed(boxes, finding)):
                faces.append(self._face(boxes[0], finding))
        return faces

    def _face(self, best: FaceBox, finding: MeshFinding) -> DetectedFace:
        landmarks = {"five": LandmarkSet("five", best.five, np.full(5, best.score))}
        if finding.presence < MIN_PRESENCE:
            landmarks["ibug68"] = _guessed_points(best)
        else:
            points, confidence = finding.mesh[:, :2], finding.confidence
            landmarks["facemesh468"] = LandmarkSet("facemesh468", points, confidence)
            landmarks["ibug68"] = LandmarkSet("ibug68", facemesh_to_ibug68(points), facemesh_to_ibug68(confidence))
        x0, y0, x1, y1 = (float(v) for v in best.box)
        return DetectedFace((x0, y0, x1, y1), best.score, landmarks, source=self.name)


def _is_believed(boxes: list[FaceBox], finding: MeshFinding) -> bool:
    """Whether YuNet, with or without some help of FaceMesh, sees a face."""
    best = boxes[0].score
    agreed = len(boxes) > 1 and best + boxes[1].score >= AGREED_SCORE
    return best >= SURE_SCORE or agreed or (best >= LIKELY_SCORE and finding.presence >= MIN_PRESENCE)


def _guessed_points(found: FaceBox) -> LandmarkSet:
    """FaceMesh sees no face: a mean face on YuNet's five points is closer than its answer."""
    points = fit_weak_perspective(found.five).project(MEAN_FACE_68)
    return LandmarkSet("ibug68", points, np.full(68, 0.1 * found.score))


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


def _once_each(faces: list[DetectedFace]) -> list[DetectedFace]:
    """Largest first, without those whose points landed on a better-scored face."""
    kept: list[DetectedFace] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if all(_distance(face, other) > 0.35 for other in kept):
            kept.append(face)
    return sorted(kept, key=lambda face: -face.area)


def _distance(a: DetectedFace, b: DetectedFace) -> float:
    """Between the centres of the points, as a share of the smaller face's size."""
    first, second = a.landmarks["ibug68"].points, b.landmarks["ibug68"].points
    size = min(np.sqrt(np.prod(np.ptp(points, axis=0))) for points in (first, second))
    return float(np.linalg.norm(first.mean(0) - second.mean(0)) / max(size, 1e-6))
