"""What a person's skin, hair, eyes and make-up are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .brows import Brows, draw_brows
from .eyelashes import Eyelashes, draw_eyelashes

GREY_HAIR = np.array([0.60, 0.58, 0.56])

LIPSTICKS = np.array(
    [(0.55, 0.10, 0.13), (0.62, 0.22, 0.24), (0.45, 0.08, 0.16), (0.70, 0.38, 0.36), (0.35, 0.10, 0.12)]
)
"""sRGB."""

EYE_SHADOWS = np.array([(0.35, 0.25, 0.22), (0.25, 0.22, 0.28), (0.48, 0.36, 0.30), (0.20, 0.26, 0.34)])


@dataclass(frozen=True, eq=False)
class Complexion:
    """Parameters of a person's texture.

    Attributes:
        pigments: named amounts, as in the face model's population of complexions.
        hair: ``(3,)`` sRGB of beard and head hair.
        brow: ``(3,)`` sRGB of the brows: darker, and later to turn grey.
        iris: ``(3,)`` sRGB.
        roughness: strength of pores and blotches, about 1.
        freckles: strength, 0 for most.
        spots: number of blemishes.
        moles: number of moles.
        lid_creases: depth of the upper lids' folds, 0 where they are hidden.
        crease_height: mm from the lid's edge to its fold.
        wrinkles: depth of lines, 0 to about 1.5.
        stubble: density of hairs in the beard region that are too short to be a beard.
        oiliness: how much the skin shines, about 1.
        unevenness: strength of smooth differences of colour over the face, about 1.
        lip_edge: how clearly the lips stand out from the skin, about 1.
        lid_shade: extra melanin of the lids and around the eyes.
        lashes: darkness of the lids' edges in [0, 1].
        eyelashes: that stand off them.
        chin_beard: factor on the beard's density around the chin; below 1 leaves the cheeks alone bearded.
        cheek_beard: factor on the beard's density on the cheeks; 0 leaves a goatee.
        brows: shape of the brows.
        lipstick: ``(3,)`` sRGB.
        lipstick_cover: opacity in [0, 1].
        eye_shadow: ``(3,)`` sRGB.
        eye_shadow_cover: opacity in [0, 1].
        eyeliner: opacity in [0, 1].
        blush: extra blood of the cheeks.
    """

    pigments: dict[str, float]
    hair: NDArray
    brow: NDArray
    iris: NDArray
    roughness: float
    freckles: float
    spots: int
    moles: int
    lid_creases: float
    crease_height: float
    wrinkles: float
    stubble: float
    oiliness: float
    unevenness: float
    lip_edge: float
    lid_shade: float
    lashes: float
    eyelashes: Eyelashes
    chin_beard: float
    cheek_beard: float
    brows: Brows
    lipstick: NDArray
    lipstick_cover: float
    eye_shadow: NDArray
    eye_shadow_cover: float
    eyeliner: float
    blush: float


def draw_complexion(
    names: tuple[str, ...], population: NDArray, female: bool, age: float, rng: Generator
) -> Complexion:
    """Draw a person's complexion.

    Args:
        names: of the population's columns.
        population: ``(N, P)`` pigments of people.
        female: sex as it shows in beard and make-up.
        age: years.
        rng: the generator.
    """
    p = dict(zip(names, population[rng.integers(len(population))].tolist(), strict=True))
    for name in ("melanin", "haemoglobin", "lips_blood", "under_eyes", "brow_density"):
        p[name] *= float(np.exp(0.06 * rng.standard_normal()))
    hair = np.array([p["hair_red"], p["hair_green"], p["hair_blue"]])
    if np.ptp(hair) < 0.06 and hair.mean() > 0.4 and age < 45:
        hair = hair * np.array([0.32, 0.26, 0.22])  # the population does not know about age: not grey yet
    grey = float(np.clip((age - 54) / 24 + 0.25 * rng.standard_normal(), 0, 1)) if age > 38 else 0.0
    brow = hair * rng.uniform(0.5, 1.0)
    brow = brow + grey * rng.uniform(0.1, 1.0) * (GREY_HAIR - brow)
    hair = hair + grey * (GREY_HAIR - hair)
    stubble = 0.0
    if female:
        p["beard_density"] = p["moustache_density"] = 0.0
        p["lips_blood"] *= 1.1
    else:
        stubble = float(rng.beta(1.1, 2.5)) if age > 16 else 0.0
        for name in ("beard_density", "moustache_density"):
            p[name] = min(0.97, p[name] * float(rng.uniform(1.0, 2.6)))
    density = (0.9 if female else 1.1) * p["brow_density"] * np.exp(rng.normal(0, 0.3))
    p["brow_density"] = float(np.clip(density, 0.05, 1))
    p["lips_blood"] = float(max(p["lips_blood"] * np.exp(rng.normal(0, 0.2)), 1.15 * p["haemoglobin"]))
    p["lips_melanin"] = max(p["lips_melanin"], 0.75)
    made_up = female and rng.random() < 0.5
    cover = rng.random(4) if made_up else np.zeros(4)
    light = float(np.exp(-0.9 * p["melanin"]))
    return Complexion(
        pigments=p,
        hair=hair,
        brow=brow,
        iris=np.array([p["iris_red"], p["iris_green"], p["iris_blue"]]),
        roughness=float(0.65 * np.exp(0.35 * rng.standard_normal()) * (0.7 if made_up else 1.0) * (0.8 + age / 150)),
        freckles=max(p["freckles"], float(rng.random() < 0.25 * light) * float(rng.uniform(0.1, 0.5))),
        spots=int(rng.poisson(3.0 if age < 30 else 1.2)),
        moles=int(rng.poisson(3.5)),
        lid_creases=float(np.clip(rng.normal(0.55, 0.4), 0, 1.2)),
        crease_height=float(np.clip(rng.normal(4.2, 1.3), 1.8, 7.5)),
        wrinkles=float(np.clip((age - 28) / 38 + 0.15 * rng.standard_normal(), 0.04, 1.5)),
        stubble=stubble,
        oiliness=float(np.exp(0.35 * rng.standard_normal())),
        unevenness=min(float(np.exp(rng.normal(0.34, 0.45))), 2.3),
        lip_edge=float(np.clip(rng.normal(1.0, 0.25), 0.45, 1.6)),
        lid_shade=float(max(rng.normal(0.0, 0.35), 0.0)),
        lashes=float(rng.uniform(0.2, 0.9) if female else rng.uniform(0.1, 0.7)),
        eyelashes=draw_eyelashes(hair, female, rng),
        chin_beard=float(rng.choice((1.0, 1.0, 1.0, 0.2))),
        cheek_beard=float(rng.choice((1.0, 0.8, 0.4, 0.05))),
        brows=draw_brows(female, rng),
        lipstick=LIPSTICKS[rng.integers(len(LIPSTICKS))] * np.exp(0.1 * rng.standard_normal(3)),
        lipstick_cover=float(0.9 * cover[0]),
        eye_shadow=EYE_SHADOWS[rng.integers(len(EYE_SHADOWS))],
        eye_shadow_cover=float(0.55 * cover[1] ** 2),
        eyeliner=float(0.9 * cover[2]),
        blush=float(0.35 * cover[3]),
    )
