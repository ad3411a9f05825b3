"""People before the camera with known pose and light, for drawing heads around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from focusfit.data.synthetic.anatomy import Anatomy, read_anatomy
from focusfit.data.synthetic.face_rendering import FacePicture, render_face
from focusfit.data.synthetic.lighting import Lighting, harmonic_light
from focusfit.data.synthetic.person import Person, draw_person
from focusfit.data.synthetic.posed_face import PosedFace
from focusfit.data.synthetic.skin_texture import build_painter
from focusfit.data.synthetic.surroundings import Surroundings
from focusfit.data.synthetic.viewpoint import TO_CAMERA, Viewpoint

LIGHT = Lighting(
    ambient=np.array([[0.45, 0.0, 0.1, 0.05]] * 3, np.float32),
    directions=np.array([[0.4, 0.5, 0.77]], np.float32),
    colours=np.full((1, 3), 0.6, np.float32),
    shadow=0.5,
)


@dataclass(frozen=True, eq=False)
class Scene:
    """A person, and their bare face before the camera."""

    person: Person
    posed: PosedFace
    face: FacePicture


class Studio:
    """People of one world, before one lamp."""

    def __init__(self) -> None:
        self.anatomy: Anatomy = read_anatomy(None, 256)
        self.surroundings = Surroundings(self.anatomy)
        self._painter = build_painter(self.anatomy)
        self._people: dict[int, Person] = {}

    def person(self, number: int) -> Person:
        if number not in self._people:
            self._people[number] = draw_person(self.anatomy, self._painter, 1, number)
        return self._people[number]

    def scene(self, number: int, yaw: float = 0.0, size: int = 160) -> Scene:
        """The neutral face of person ``number``, turned by ``yaw`` degrees."""
        anatomy, person = self.anatomy, self.person(number)
        turn = Rotation.from_euler("y", yaw, degrees=True)
        matrix = turn.as_matrix().astype(np.float32)
        middle = np.full(2, (size - 1) / 2, np.float32)
        place = np.array([0, 0, 1000], np.float32)
        view = Viewpoint(size, 0.75 * size / 224 * 1000, middle, matrix, turn.as_rotvec().astype(np.float32), place)
        landmarks = anatomy.landmarks(person.neutral)
        mouth = np.concatenate(
            [anatomy.mouth.vertices(landmarks, landmarks), anatomy.mouth.bag(person.neutral[anatomy.mouth.rim])]
        )
        face = render_face(anatomy, person, person.neutral, mouth, view, LIGHT)
        posed = PosedFace(
            size=size,
            focal=view.focal,
            centre=middle,
            rotation=TO_CAMERA[:, None] * matrix,
            translation=place,
            vertices=person.neutral,
            vertices_camera=view.place(person.neutral),
            normals=face.normals,
            triangles=anatomy.triangles,
            landmarks=landmarks,
            landmarks_px=view.project(view.place(landmarks)).astype(np.float32),
            depth=face.depth,
            light=harmonic_light(LIGHT, person.skin),
            skin=person.skin,
            hair=person.hair,
        )
        return Scene(person, posed, face)
