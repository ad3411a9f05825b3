"""The default detector: YuNet finds faces, FaceMesh confirms them and places their points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .face import DetectedFace, LandmarkSet
from .facemesh import FaceMesh
from .facemesh_scheme import facemesh_to_ibug68
from .mean_face import MEAN_FACE_68, fit_weak_perspective
from .mesh_search import MeshFinding, find_mesh
from .photo import Photo
from .yunet import FaceBox
from .yunet_search import (
    LIKELY_SCORE,
    PLAIN_SCORE,
    SURE_SCORE,
    TURNED_GAIN,
    Candidates,
    YuNetSearch,
    believed_alone,
)

MIN_PRESENCE = 0.5
"""FaceMesh sees a face."""

MAX_BOXES = 3


class YuNetFaceMesh:
    """Boxes and five points by YuNet, 468 and 68 points by FaceMesh."""

    name = "yunet-facemesh"

    def __init__(self) -> None:
        self._search = YuNetSearch()
        self._facemesh = FaceMesh()

    def detect(self, photo: Photo) -> list[DetectedFace]:
        """All faces, largest first; none where there is none."""
        if min(photo.size) < 8:
            return []
        rgb = photo.rgb
        faces = self._confirmed(rgb, self._search.usual(rgb))
        best = max((face.score for face in faces), default=0.0)
        if best < PLAIN_SCORE:
            least = max(PLAIN_SCORE, best + TURNED_GAIN) if faces else SURE_SCORE
            faces = self._confirmed(rgb, self._search.turned(rgb, least)) or faces
        if not faces:
            faces = self._confirmed(rgb, self._search.hard(rgb), hard=True)
        return _once_each(faces)

    def _confirmed(self, rgb: NDArray[np.uint8], candidates: Candidates, hard: bool = False) -> list[DetectedFace]:
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
    # one look of FaceMesh is enough for a likely face; an unlikely one needs all of them together
    likely = boxes[0].score >= LIKELY_SCORE and finding.presence >= MIN_PRESENCE
    return likely or believed_alone(boxes)


def _guessed_points(found: FaceBox) -> LandmarkSet:
    """FaceMesh sees no face: a mean face on YuNet's five points is closer than its answer."""
    points = fit_weak_perspective(found.five).project(MEAN_FACE_68)
    return LandmarkSet("ibug68", points, np.full(68, 0.1 * found.score))


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
