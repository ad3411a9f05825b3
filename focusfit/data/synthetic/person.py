"""People who do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .anatomy import Anatomy
from .complexion import Complexion, draw_complexion
from .randomness import Stream, generator
from .resting import draw_resting
from .skin_texture import SkinPainter
from .texture_kernel import mean_around
from .tone import srgb_of_linear

Array = NDArray[np.float32]
Sex = Literal["female", "male"]

TONE_LIMITS = (0.38, 0.60, 0.90, 1.40, 2.20)
"""Amounts of melanin between the six Fitzpatrick-like skin tones."""

IDENTITY_SPREAD = 1.15
"""Of the coefficients: people differ a little more than the face model's own population."""

DETAIL_STRENGTH = 1.2

CROSS = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)])
"""Texels whose mean is a vertex's colour."""


@dataclass(frozen=True, eq=False)
class Person:
    """One person, the same in all photos.

    Attributes:
        number: of the person in its world.
        sex: as it shows.
        age: years.
        skin_tone: 1 (lightest) to 6, by the amount of melanin.
        identity: ``(Ki,)`` standard deviations of the face model.
        albedo: ``(Ka,)`` the part of the complexion that the model can express.
        neutral: ``(V, 3)`` mm, shape beyond the model's modes included.
        complexion: what the skin is made of.
        texture: ``(T, T, 5)`` linear colour, shine, height in mm.
        skin: ``(3,)`` mean sRGB albedo of the skin.
    """

    number: int
    sex: Sex
    age: float
    skin_tone: int
    identity: Array
    albedo: Array
    neutral: Array
    complexion: Complexion
    texture: Array
    skin: Array

    @property
    def hair(self) -> Array:
        """``(3,)`` sRGB albedo of the hair."""
        return self.complexion.hair.astype(np.float32)


def draw_person(anatomy: Anatomy, painter: SkinPainter, seed: int, number: int) -> Person:
    """Person ``number`` of the world with this seed."""
    rng = generator(seed, Stream.PERSON, number)
    identity = np.float32(IDENTITY_SPREAD) * rng.standard_normal(anatomy.identity.count, np.float32)
    shape = anatomy.identity.values(identity)
    sex: Sex = "male" if rng.random() < _male_odds(anatomy, shape) else "female"
    age = _age(rng)
    complexion = draw_complexion(anatomy.pigment_names, anatomy.pigments, sex == "female", age, rng)
    texture = painter.paint(complexion, generator(seed, Stream.SKIN, number))
    detail = anatomy.shape_detail.draw(generator(seed, Stream.SHAPE_DETAIL, number), DETAIL_STRENGTH)
    resting = draw_resting(anatomy, generator(seed, Stream.RESTING, number))
    colours = srgb_of_linear(mean_around(texture, anatomy.atlas.uv[anatomy.albedo.rows], CROSS)).astype(np.float32)
    cheeks = anatomy.maps["cheeks"][anatomy.albedo.rows] > 0.3
    return Person(
        number=number,
        sex=sex,
        age=age,
        skin_tone=1 + int(np.searchsorted(TONE_LIMITS, complexion.pigments["melanin"])),
        identity=identity,
        albedo=anatomy.albedo.coefficients_of_rows(colours),
        neutral=anatomy.brow_place.moved(shape + detail + resting, complexion.brows.heights),
        complexion=complexion,
        texture=texture,
        skin=np.median(colours[cheeks], axis=0),
    )


def _age(rng: Generator) -> float:
    """Mostly adults of working age, down to 14 and up to 88."""
    return float(14 + 74 * rng.beta(1.5, 2.1))


def _male_odds(anatomy: Anatomy, shape: Array) -> float:
    """How a face's build speaks for a man: size, jaw, distance of brow and eye, fullness of the lips."""
    here, mean = _build(anatomy.landmarks(shape)), _build(anatomy.mean_landmarks)
    ratio = np.log(here / mean)
    score = 9.0 * ratio[0] + 8.0 * ratio[1] - 2.2 * ratio[2] - 1.6 * ratio[3]
    return float(1 / (1 + np.exp(-2.0 * score)))


def _build(p: Array) -> NDArray:
    distance = np.linalg.norm
    width = distance(p[0] - p[16])
    return np.array(
        [
            distance(p[27] - p[8]) + width,
            distance(p[5] - p[11]) / width,
            max(p[[19, 24], 1].mean() - p[[37, 44], 1].mean(), 1.0),
            max(p[[50, 52], 1].mean() - p[57, 1], 1.0),
        ]
    )
