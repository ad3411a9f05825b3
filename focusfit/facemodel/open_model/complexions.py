"""Random complexions: pigments, hair, eyes and lips of a population of all skin tones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .paint import FaceMaps
from .pigments import skin_colour

TONES = ((0.38, 0.46, 0.36), (0.34, 1.00, 0.38), (0.28, 2.30, 0.34))
"""Share, median melanin and log spread of the three groups that together span Fitzpatrick I to VI."""

HAIR = np.array(
    [
        (0.07, 0.06, 0.055),
        (0.14, 0.10, 0.08),
        (0.25, 0.17, 0.12),
        (0.52, 0.40, 0.26),
        (0.40, 0.21, 0.12),
        (0.55, 0.53, 0.51),
    ]
)
"""sRGB: black, dark brown, brown, blond, red, grey."""

HAIR_ODDS = {"light": (0.08, 0.27, 0.33, 0.17, 0.05, 0.10), "dark": (0.66, 0.26, 0.0, 0.0, 0.0, 0.08)}

IRIS = np.array([(0.17, 0.11, 0.08), (0.30, 0.20, 0.12), (0.38, 0.36, 0.22), (0.42, 0.50, 0.56), (0.40, 0.43, 0.44)])
"""sRGB: dark brown, brown, hazel, blue, grey."""

IRIS_ODDS = {"light": (0.22, 0.26, 0.17, 0.23, 0.12), "dark": (0.85, 0.15, 0.0, 0.0, 0.0)}

MUCOSA = np.array([0.30, 0.11, 0.10])
PARAMETERS = (
    "melanin haemoglobin lips_blood lips_melanin under_eyes cheeks freckles brow_density beard_density "
    "moustache_density hairline_density hair_red hair_green hair_blue iris_red iris_green iris_blue"
).split()
"""Names of the columns of ``Complexions.parameters``."""


@dataclass(frozen=True, eq=False)
class Complexions:
    """A sampled population.

    Attributes:
        albedo: ``(N, V, 3)`` float32 sRGB.
        parameters: ``(N, P)`` what each was made of, columns named by ``PARAMETERS``.
    """

    albedo: NDArray
    parameters: NDArray


def sample_complexions(maps: FaceMaps, vertices: NDArray, mirror: NDArray, count: int, rng: Generator) -> Complexions:
    """Draw complexions.

    Args:
        maps: the painted regions.
        vertices: ``(V, 3)`` mean face, mm; carries the smooth random variation of pigment.
        mirror: ``(V,)``.
        count: how many.
        rng: the generator.
    """
    table = _sample_parameters(count, rng)
    wide = _noise_basis(vertices, mirror, 30.0, rng)
    narrow = _noise_basis(vertices, mirror, 14.0, rng)
    speckle = rng.standard_normal(len(vertices)) * maps.freckled
    albedo = np.empty((count, len(vertices), 3), dtype=np.float32)
    for i in range(count):
        blotches = 0.10 * wide @ rng.standard_normal(wide.shape[1])
        blotches += 0.05 * narrow @ rng.standard_normal(narrow.shape[1])
        flush = 0.06 * wide @ rng.standard_normal(wide.shape[1])
        albedo[i] = paint_face(maps, dict(zip(PARAMETERS, table[i], strict=True)), blotches, flush, speckle)
    return Complexions(albedo, table)


def paint_face(maps: FaceMaps, p: dict[str, float], blotches: NDArray, flush: NDArray, speckle: NDArray) -> NDArray:
    """``(V, 3)`` sRGB of one face.

    Args:
        maps: the painted regions.
        p: values by the names in ``PARAMETERS``.
        blotches: ``(V,)`` relative smooth variation of melanin.
        flush: ``(V,)`` relative smooth variation of haemoglobin.
        speckle: ``(V,)`` pattern of freckles.
    """
    melanin = p["melanin"] * (1 + blotches - 0.12 * maps.cheeks)
    melanin = melanin + p["under_eyes"] * (0.16 + 0.10 * p["melanin"]) * maps.under_eyes
    melanin = melanin + p["freckles"] * np.maximum(speckle, 0)
    blood = p["haemoglobin"] * (1 + flush + p["cheeks"] * maps.cheeks + 0.3 * maps.nose_tip + 0.35 * maps.lids)
    blood = blood + 0.10 * p["under_eyes"] * maps.under_eyes
    melanin = melanin + maps.lips * (p["lips_melanin"] * p["melanin"] - melanin)
    blood = blood + maps.lips * p["lips_blood"]
    colour = skin_colour(melanin, blood)
    hair = np.array([p["hair_red"], p["hair_green"], p["hair_blue"]])
    iris = np.array([p["iris_red"], p["iris_green"], p["iris_blue"]])
    growth = 1 - (1 - p["beard_density"] * maps.beard) * (1 - p["moustache_density"] * maps.moustache)
    colour = _cover(colour, hair, growth)
    colour = _cover(colour, hair, p["hairline_density"] * maps.hairline)
    colour = _cover(colour, hair, p["brow_density"] * maps.brows)
    colour = _cover(colour, 0.6 * hair, 0.55 * maps.lashes)
    colour = colour * (1 - 0.68 * maps.nostrils)[:, None]
    colour = _cover(colour, MUCOSA, maps.mouth_interior)
    sclera = np.array([0.80, 0.77, 0.75]) - 0.03 * min(p["melanin"], 2.5)
    eye = _cover(_cover(np.broadcast_to(sclera, colour.shape), iris, maps.iris), np.full(3, 0.04), maps.pupil)
    return _cover(colour, eye, maps.eyeball)


def _cover(colour: NDArray, over: NDArray, opacity: NDArray) -> NDArray:
    """Alpha blending."""
    return colour + opacity[:, None] * (over - colour)


def _sample_parameters(count: int, rng: Generator) -> NDArray:
    shares, medians, spreads = (np.array(column) for column in zip(*TONES, strict=True))
    group = rng.choice(len(TONES), count, p=shares)
    melanin = np.clip(medians[group] * np.exp(spreads[group] * rng.standard_normal(count)), 0.12, 3.6)
    light = rng.random(count) < np.exp(-1.2 * np.maximum(melanin - 0.35, 0))
    hair = np.where(light[:, None], *(HAIR[rng.choice(len(HAIR), count, p=HAIR_ODDS[k])] for k in ("light", "dark")))
    iris = np.where(light[:, None], *(IRIS[rng.choice(len(IRIS), count, p=IRIS_ODDS[k])] for k in ("light", "dark")))
    hair = np.clip(hair * np.exp(0.15 * rng.standard_normal((count, 1))), 0.03, 0.8)
    iris = np.clip(iris * np.exp(0.12 * rng.standard_normal((count, 1))), 0.04, 0.8)
    bearded = rng.random(count) < 0.33
    moustached = bearded & (rng.random(count) < 0.8) | (rng.random(count) < 0.05)
    shadow = rng.beta(1.2, 2.2, count)
    columns = {
        "melanin": melanin,
        "haemoglobin": np.clip(rng.normal(0.42, 0.085, count), 0.15, 0.8),
        "lips_blood": np.clip(rng.normal(0.62, 0.22, count), 0.1, 1.4),
        "lips_melanin": np.clip(rng.normal(0.95, 0.15, count), 0.5, 1.4),
        "under_eyes": np.clip(rng.normal(0.8, 0.6, count), 0, 2.5),
        "cheeks": np.clip(rng.normal(0.30, 0.25, count), 0, 1),
        "freckles": np.where(rng.random(count) < 0.12, rng.uniform(0.1, 0.35, count), 0),
        "brow_density": np.clip(rng.normal(0.62, 0.22, count), 0.05, 1),
        "beard_density": np.where(bearded, 0.75 * shadow, 0),
        "moustache_density": np.where(moustached, 0.8 * shadow, 0),
        "hairline_density": np.where(rng.random(count) < 0.3, rng.uniform(0.2, 0.9, count), 0),
        "hair_red": hair[:, 0],
        "hair_green": hair[:, 1],
        "hair_blue": hair[:, 2],
        "iris_red": iris[:, 0],
        "iris_green": iris[:, 1],
        "iris_blue": iris[:, 2],
    }
    return np.stack([columns[name] for name in PARAMETERS], axis=1)


def _noise_basis(vertices: NDArray, mirror: NDArray, radius: float, rng: Generator, bumps: int = 40) -> NDArray:
    """``(V, 2 bumps)`` smooth random functions of unit pointwise variance, three quarters of it symmetric."""
    centres = vertices[rng.choice(len(vertices), bumps, replace=False)]
    waves = np.exp(-0.5 * (np.linalg.norm(vertices[:, None] - centres, axis=2) / radius) ** 2)
    even, odd = waves + waves[mirror], waves - waves[mirror]
    basis = np.concatenate([np.sqrt(0.75) * even, np.sqrt(0.25) * odd], axis=1)
    return basis / np.sqrt((basis**2).sum(1).mean())
