"""The default detector: YuNet finds faces, FaceMesh places their points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .face import DetectedFace, LandmarkSet
from .facemesh import FaceFrame, FaceMesh, frame_of_mesh
from .facemesh_scheme import facemesh_to_ibug68
from .photo import Photo
from .yunet import FaceBox, YuNet


class YuNetFaceMesh:
    """Boxes and five points by YuNet, 468 and 68 points by FaceMesh."""

    name = "yunet-facemesh"

    def __init__(self) -> None:
        self._yunet = YuNet()
        self._facemesh = FaceMesh()

    def detect(self, photo: Photo) -> list[DetectedFace]:
        """All faces, largest first."""
        faces = [self._with_landmarks(photo, box) for box in self._yunet.boxes(photo.rgb)]
        return sorted(faces, key=lambda face: -face.area)

    def _with_landmarks(self, photo: Photo, found: FaceBox) -> DetectedFace:
        frame = frame_of_box(found)
        for _ in range(3):
            mesh, presence = self._facemesh.points(photo.rgb, frame)
            frame = frame_of_mesh(mesh)
        confidence = np.full(len(mesh), presence)
        landmarks = {
            "ibug68": LandmarkSet("ibug68", facemesh_to_ibug68(mesh[:, :2]), facemesh_to_ibug68(confidence)),
            "facemesh468": LandmarkSet("facemesh468", mesh[:, :2], confidence),
            "five": LandmarkSet("five", found.five, np.full(5, found.score)),
        }
        x0, y0, x1, y1 = (float(v) for v in found.box)
        return DetectedFace((x0, y0, x1, y1), found.score, landmarks, source=self.name)


def frame_of_box(found: FaceBox, margin: float = 1.5) -> FaceFrame:
    """The first square to look at: around the box, turned so that the eyes are level."""
    right, left = found.five[0], found.five[1]
    roll = float(np.arctan2(left[1] - right[1], left[0] - right[0]))
    centre: NDArray[np.float64] = (found.box[:2] + found.box[2:]) / 2
    side = margin * float((found.box[2:] - found.box[:2]).max())
    return FaceFrame((float(centre[0]), float(centre[1])), side, roll)
