"""Heads for the faces of a world: one per person, drawn in every photo of that person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator

from .anatomy import Anatomy
from .clothing import Garment, draw_garment
from .hair.hairdo import Hairdo
from .hair.site import HairSite, Skull
from .hair.styles import draw_hairdo
from .head import HeadShape, head_of, read_head_anatomy
from .head_drawing import HairLayers, draw_head
from .lighting import Lighting
from .person import Person
from .posed_face import PosedFace
from .surface import unit_normals
from .tone import linear_of_srgb


@dataclass(frozen=True, eq=False)
class Bearer:
    """What surrounds one person's face.

    Attributes:
        shape: of the head.
        hairdo: hair and headwear.
        garment: clothes.
    """

    shape: HeadShape
    hairdo: Hairdo
    garment: Garment


class Surroundings:
    """Makes and draws heads, hair and clothes.

    Args:
        anatomy: of the world's faces.
        path: the head's file; None for the one that ships.

    Attributes:
        head: what all heads have in common.

    Raises:
        FaceModelError: the head's file is missing, damaged, or of another kind.
    """

    def __init__(self, anatomy: Anatomy, path: str | Path | None = None) -> None:
        self._face = anatomy
        self.head = read_head_anatomy(anatomy, path)

    def bearer(self, person: Person, rng: Generator, without: Collection[str] = ()) -> Bearer:
        """A person's head, hair and clothes; equal generators give equal ones.

        Args:
            person: whose they are.
            rng: the person's own generator.
            without: names of hair styles that are out of the question.
        """
        neutral = person.neutral
        shape = head_of(self.head, self._face, person.identity, neutral, person.texture)
        return Bearer(shape, draw_hairdo(self.site(shape, person), rng, without), draw_garment(rng))

    def site(self, shape: HeadShape, person: Person) -> HairSite:
        """What a style of hair needs to know of a person's head."""
        head, vertices = self.head, shape.neutral
        ears = vertices[: head.count][head.head.ears > 0.5].mean(0)
        return HairSite(
            vertices=vertices,
            normals=unit_normals(vertices, head.triangles),
            scalp_triangles=head.scalp_triangles,
            beard_triangles=head.beard_triangles,
            inside=head.head.scalp,
            beard=head.beard,
            ears=head.head.ears,
            landmarks=self._face.landmarks(person.neutral),
            skull=Skull.around(vertices[head.solid], np.array([0, ears[1] + 25, ears[2] + 12], np.float32)),
            colour=linear_of_srgb(person.hair).astype(np.float32),
            female=person.sex == "female",
            age=person.age,
            beard_density=person.complexion.pigments["beard_density"],
        )

    def draw(self, bearer: Bearer, posed: PosedFace, lighting: Lighting, rng: Generator) -> HairLayers:
        """What lies behind the person's face, and what before it.

        Args:
            bearer: the person's head.
            posed: the face in the scene.
            lighting: of the scene, exposed.
            rng: the photo's generator: decides how the trunk is turned.
        """
        return draw_head(self.head, bearer.shape, bearer.hairdo, bearer.garment, posed, lighting, rng)
