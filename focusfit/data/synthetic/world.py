"""The synthetic world: photo number i, always the same."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .anatomy import NOW_LANDMARKS, Anatomy, read_anatomy
from .backgrounds import Backgrounds
from .blas_threads import one_blas_thread
from .composition import HAIR_HIDES_LEAST, compose, core_of, hidden_share
from .config import SyntheticConfig
from .cutouts import Cutouts
from .expression import draw_expression
from .face_rendering import FacePicture, render_face
from .hair.styles import OVER_THE_FACE
from .head_drawing import HairLayers
from .layer import Layer
from .lighting import Lighting, chosen_scenes, draw_lighting, expose, harmonic_light
from .occluders import chosen_frequencies, random_occluders
from .person import Person, draw_person
from .photo import SyntheticPhoto
from .posed_face import PosedFace
from .randomness import Stream, generator
from .sensor import photograph
from .skin_texture import build_painter
from .surroundings import Bearer, Surroundings
from .tone import linear_of_srgb
from .viewpoint import Viewpoint, draw_viewpoint

PEOPLE_IN_MEMORY = 8

CUTOUT_SHARE = 0.5
"""Share of the occluded photos with one of the user's pictures, where there are any."""


class SyntheticWorld:
    """Photos of people who do not exist, each fully determined by the configuration and its number.

    Args:
        config: how the world looks; its seed decides everything.
        model: file of an open face model; None for the one that ships.

    Raises:
        FaceModelError: the model lacks what a world needs.
        FocusfitError: a folder of the configuration cannot be used.
    """

    def __init__(self, config: SyntheticConfig | None = None, model: str | Path | None = None) -> None:
        self.config = SyntheticConfig() if config is None else config
        self.model = model
        self.anatomy: Anatomy = read_anatomy(model, self.config.texels)
        self._painter = build_painter(self.anatomy)
        self._backgrounds = Backgrounds(self.config.backgrounds)
        self._cutouts = None if self.config.occluder_pictures is None else Cutouts(self.config.occluder_pictures)
        self._surroundings = Surroundings(self.anatomy)
        self._scenes = chosen_scenes(self.config.scenes)
        self._frequencies = chosen_frequencies(self.config.occluders)
        self._person = lru_cache(PEOPLE_IN_MEMORY)(self._draw_person)
        self._bearer = lru_cache(PEOPLE_IN_MEMORY)(self._draw_bearer)

    def __reduce__(self) -> tuple[Any, ...]:
        return SyntheticWorld, (self.config, self.model)

    def person(self, number: int) -> Person:
        """Person ``number``."""
        return self._person(number)

    def person_of(self, index: int) -> int:
        """Number of the person on photo ``index``."""
        return index // self.config.photos_per_person

    def photo(self, index: int) -> SyntheticPhoto:
        """Photo ``index``."""
        with one_blas_thread():
            return self._draw_photo(index)

    def _draw_photo(self, index: int) -> SyntheticPhoto:
        config, anatomy = self.config, self.anatomy
        person = self.person(self.person_of(index))
        expression = draw_expression(anatomy, config.expression_strength, self._random(Stream.EXPRESSION, index))
        vertices = person.neutral + expression.offsets
        neutral_landmarks, landmarks = anatomy.landmarks(person.neutral), anatomy.landmarks(vertices)
        view = draw_viewpoint(config, vertices, self._random(Stream.VIEW, index))
        background = self._backgrounds.draw(config.size, self._random(Stream.BACKGROUND, index))

        rng = self._random(Stream.LIGHT, index)
        surroundings = linear_of_srgb(np.array(cv2.mean(background)[:3]))
        lighting = expose(draw_lighting(rng, surroundings, self._scenes), person.skin, rng, config.exposure)
        light = harmonic_light(lighting, person.skin)
        mouth = np.concatenate(
            [anatomy.mouth.vertices(neutral_landmarks, landmarks), anatomy.mouth.bag(vertices[anatomy.mouth.rim])]
        )
        face = render_face(anatomy, person, vertices, mouth, view, lighting)
        posed = self._posed(person, vertices, landmarks, view, face, light)
        core = core_of(face.cover, posed.landmarks_px)
        occluders = self._occluders(posed, index)
        around = self._around(person, posed, lighting, index, core if occluders is None else None)
        inside = face.inside if around is None else np.maximum(face.inside, 1 - around.joined)
        behind, hair = ((), ()) if around is None else ((around.behind,), around.front)
        done = compose(background, behind, face.colour, face.cover, inside, hair, occluders or (), core)
        return SyntheticPhoto(
            rgb=photograph(done.picture, config.degraded_fraction, self._random(Stream.SENSOR, index)),
            visible_face=_byte(done.visible_face),
            face_region=_byte(done.face_region),
            landmarks=view.project(view.place(anatomy.annotated_landmarks(vertices))).astype(np.float32),
            identity=person.identity,
            expression=expression.coefficients,
            albedo=person.albedo,
            rotation=view.rotation,
            translation=view.translation,
            light=light,
            focal=view.focal,
            centre=view.centre,
            neutral_vertices=person.neutral,
            posed_vertices=posed.vertices_camera,
            person=person.number,
            occluders=done.hiding,
        )

    def neutral_landmarks7(self, person: Person) -> NDArray[np.float32]:
        """``(7, 3)`` mm: NoW's points on a person's neutral face."""
        return self.anatomy.landmarks(person.neutral)[list(NOW_LANDMARKS)]

    def _posed(
        self,
        person: Person,
        vertices: NDArray[np.float32],
        landmarks: NDArray[np.float32],
        view: Viewpoint,
        face: FacePicture,
        light: NDArray[np.float32],
    ) -> PosedFace:
        return PosedFace(
            size=view.size,
            focal=view.focal,
            centre=view.centre,
            rotation=view.placement,
            translation=view.translation,
            vertices=vertices,
            vertices_camera=view.place(vertices),
            normals=face.normals,
            triangles=self.anatomy.triangles,
            landmarks=landmarks,
            landmarks_px=view.project(view.place(landmarks)).astype(np.float32),
            depth=face.depth,
            light=light,
            skin=person.skin,
            hair=person.hair,
        )

    def _around(
        self, person: Person, posed: PosedFace, lighting: Lighting, index: int, free: NDArray[np.float32] | None
    ) -> HairLayers | None:
        """Head, hair and clothes; None on photos with a face alone.

        ``free (S, S)`` is the part of the face that hair may not hide, None if it may: people whose usual hair hangs
        into the face, or whose hat covers it, wear something else then.
        """
        rng = self._random(Stream.HEAD, index)
        if rng.random() >= self.config.hairy_fraction:
            return None
        drawn = self._surroundings.draw(self._bearer(person.number, free is not None), posed, lighting, rng)
        hiding = [layer for layer in drawn.front if layer.occludes]
        if free is None or sum(hidden_share(layer.cover, free) for layer in hiding) <= HAIR_HIDES_LEAST:
            return drawn
        return replace(drawn, front=tuple(layer for layer in drawn.front if not layer.occludes))

    def _occluders(self, posed: PosedFace, index: int) -> list[Layer] | None:
        """What is to hide some of the face; None where the face shall be free."""
        rng = self._random(Stream.OCCLUDERS, index)
        if rng.random() >= self.config.occluded_fraction:
            return None
        if self._cutouts is not None and rng.random() < CUTOUT_SHARE:
            return [self._cutouts.draw(posed, rng)]
        return random_occluders(posed, rng, self._frequencies)

    def _draw_bearer(self, number: int, free: bool) -> Bearer:
        """A person's usual head and hair; with hair that leaves the face free, if that is asked for."""
        rng = generator(self.config.seed, Stream.BEARER, number)
        return self._surroundings.bearer(self.person(number), rng, OVER_THE_FACE if free else ())

    def _draw_person(self, number: int) -> Person:
        return draw_person(self.anatomy, self._painter, self.config.seed, number)

    def _random(self, stream: Stream, *index: int) -> np.random.Generator:
        return generator(self.config.seed, stream, *index)


def _byte(share: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(255 * np.clip(share, 0, 1)).astype(np.uint8)
