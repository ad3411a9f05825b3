"""A person's skin as a texture: colour, shine and relief of every texel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from ...facemodel.open_model.complexions import MUCOSA
from ...facemodel.open_model.pigments import DERMIS, HAEMOGLOBIN, MELANIN, SURFACE
from .anatomy import Anatomy
from .complexion import Complexion
from .mouth import DARK_PATCH, TEETH_PATCH
from .skin_kernel import EYE, MOUTH, SKIN, UNUSED, paint_texels
from .skin_map import SkinMap, build_skin_map
from .skin_marks import brow_hairs, dots, wrinkles
from .skin_row_kernel import MOST_BLOOD, MOST_MELANIN
from .tone import linear_of_srgb

Array = NDArray[np.float32]

MAP_NAMES = (
    "eyeball lips mouth_interior sideways lashes nostrils under_eyes lids cheeks nose_tip freckled beard moustache "
    "hairline"
).split()
"""Order of the maps that the kernel reads."""

NOISE_SCALES = (0.7, 1.4, 3.5, 11.0, 34.0)
"""Standard deviations in texels, at 512, of the noise pictures' blur: pores, hairs, blotches ... patches."""

MELANIN_STEPS, BLOOD_STEPS = 512, 192

MARGIN = 4
"""Texels around the face's outline that are painted too, because samples between texels reach them."""

CHANNELS = 5
"""Linear red, green, blue; shine; height in mm."""


@dataclass(frozen=True, eq=False)
class SkinPainter:
    """Paints textures on one anatomy.

    Attributes:
        maps: ``(T, M, T)`` uint8: row, map in the order of :data:`MAP_NAMES`, column.
        used: ``(T, T)`` uint8, what each texel belongs to, as the kernel numbers it.
        creases: ``(T, T)`` uint8, the lips' upright lines.
        iris_place: ``(T, T, 2)`` mm from the iris' middle, to the right and up; far away off the eyes.
        noise: ``(N, T, 2 T)`` int8, 32 a standard deviation, tiling; every row is there twice.
        colours: ``(MELANIN_STEPS, BLOOD_STEPS, 3)`` linear colour of skin by the root of melanin and by blood.
        skin: for drawing lines.
        mouth: ``(T, T, 4)`` uint8 colour and opacity of teeth and mouth.
    """

    maps: NDArray[np.uint8]
    used: NDArray[np.uint8]
    creases: NDArray[np.uint8]
    iris_place: Array
    noise: NDArray[np.int8]
    colours: Array
    skin: SkinMap
    mouth: NDArray[np.uint8]

    def paint(self, complexion: Complexion, rng: Generator) -> Array:
        """``(T, T, CHANNELS)`` float32 of a person."""
        size = self.maps.shape[0]
        rolls = rng.integers(0, size, (len(self.noise), 2, 2))
        texture = np.zeros((size, size, CHANNELS), np.float32)
        paint_texels(
            self.maps, self.used, self.iris_place, self.creases, self.noise, rolls, self.colours, self.mouth,
            brow_hairs(self.skin, complexion, rng), wrinkles(self.skin, complexion, rng),
            dots(self.skin, complexion, rng).rows, _amounts(complexion, rng), _paints(complexion), texture,
        )  # fmt: skip
        return texture


def build_painter(anatomy: Anatomy) -> SkinPainter:
    """Spread the anatomy's maps over the texture and prepare noise and colours."""
    size = anatomy.atlas.size
    # from the chin's middle to the cheeks, where beards end that are no full ones
    sideways = np.clip((np.abs(anatomy.identity.mean[:, 0]) - 20) / 16, 0, 1)
    maps_by_name: dict[str, Array] = {**anatomy.maps, "sideways": sideways.astype(np.float32)}
    stacked = np.stack([maps_by_name[name] for name in MAP_NAMES], axis=1)
    skin = (anatomy.maps["eyeball"] < 0.5) & (anatomy.maps["mouth_interior"] < 0.2)
    mean = anatomy.identity.mean
    flat = build_skin_map(mean[skin, :2], anatomy.atlas.uv[skin], size, anatomy.mean_landmarks[:, :2])
    maps = np.rint(255 * np.clip(anatomy.atlas.spread(stacked), 0, 1)).astype(np.uint8)
    mouth = _mouth_patches(size)
    used = np.where(anatomy.atlas.margin > MARGIN, UNUSED, np.where(maps[..., 0] > 127, EYE, SKIN))
    used[mouth[..., 3] > 0] = MOUTH
    noise = _noise(size)
    return SkinPainter(
        maps=np.ascontiguousarray(maps.transpose(0, 2, 1)),
        used=used.astype(np.uint8),
        creases=_creases(noise),
        iris_place=_iris_place(anatomy),
        noise=np.concatenate([noise, noise], axis=2),
        colours=_skin_colours(),
        skin=flat,
        mouth=mouth,
    )


def _amounts(c: Complexion, rng: Generator) -> Array:
    """The numbers that the kernel reads, in its order."""
    p = c.pigments
    names = "melanin haemoglobin lips_blood lips_melanin under_eyes cheeks brow_density beard_density moustache_density"
    values = [p[name] for name in names.split()]
    values += [p["hairline_density"], c.roughness, c.freckles, c.wrinkles, c.stubble, c.oiliness]
    values += [c.lipstick_cover, c.eye_shadow_cover, c.eyeliner, c.blush]
    values += [c.unevenness, c.lip_edge, c.lid_shade, c.lashes, c.chin_beard, c.cheek_beard]
    values += [rng.uniform(5.6, 6.3), rng.uniform(1.5, 2.9), rng.uniform(0, 1)]
    return np.array(values, np.float32)


def _paints(c: Complexion) -> Array:
    """``(7, 3)`` linear colours: hair, iris, lipstick, eye shadow, sclera, inside of the lips, brows."""
    sclera = np.array([0.74, 0.69, 0.66]) - 0.03 * min(c.pigments["melanin"], 2.5)
    paints = np.stack([c.hair, c.iris, c.lipstick, c.eye_shadow, sclera, MUCOSA, c.brow])
    return linear_of_srgb(paints).astype(np.float32)


def _skin_colours() -> Array:
    """Colour of skin by pigments, as the face model's complexions are made."""
    melanin = (np.linspace(0, 1, MELANIN_STEPS) ** 2 * MOST_MELANIN)[:, None, None]
    blood = (np.linspace(0, 1, BLOOD_STEPS) * MOST_BLOOD)[None, :, None]
    return (DERMIS * np.exp(-melanin * MELANIN - blood * HAEMOGLOBIN) + SURFACE).astype(np.float32)


def _noise(size: int) -> NDArray[np.int8]:
    rng = np.random.default_rng(11)
    layers = []
    for scale in NOISE_SCALES:
        layer = gaussian_filter(rng.standard_normal((size, size)), scale * size / 512, mode="wrap")
        layers.append(np.clip(np.rint(32 * layer / layer.std()), -127, 127))
    return np.stack(layers).astype(np.int8)


def _creases(noise: NDArray[np.int8]) -> NDArray[np.uint8]:
    size = noise.shape[1]
    column = np.arange(size) * (1.1 * 512 / size)
    return np.rint(127.5 * (1 + np.sin(column + noise[2] / 16.0))).astype(np.uint8)


def _iris_place(anatomy: Anatomy) -> Array:
    place = np.full((anatomy.atlas.size, anatomy.atlas.size, 2), 99.0, np.float32)
    position = anatomy.atlas.spread(anatomy.identity.mean)
    eyeball = anatomy.atlas.spread(anatomy.maps["eyeball"]) > 0.5
    for side in (-1, 1):
        here = (anatomy.eyes > 0.5) & (np.sign(anatomy.identity.mean[:, 0]) == side)
        weight = anatomy.maps["pupil"][here] + 1e-6
        centre = (anatomy.identity.mean[here] * weight[:, None]).sum(0) / weight.sum()
        texels = eyeball & (np.sign(position[..., 0]) == side)
        place[texels] = (position[texels] - centre)[:, :2]
    return place


def _mouth_patches(size: int) -> NDArray[np.uint8]:
    """Two rows of teeth that meet in the middle, and the dark; opacity 255 where they are."""
    picture = np.zeros((size, size, 4), np.uint8)
    row, column = np.mgrid[:size, :size]
    u, v = column / (size - 1), 1 - row / (size - 1)
    left, bottom, right, top = TEETH_PATCH
    margin = 0.004
    teeth = (u > left - margin) & (u < right + margin) & (v > bottom - margin) & (v < top + margin)
    along = (u - left) / (right - left)
    height = np.abs(v - (bottom + top) / 2) / ((top - bottom) / 2)
    # teeth are widest in the middle of the arch; where their edges meet, a thin shade
    place = 12 * (along + 0.035 * np.sin(2 * np.pi * along))
    gap = np.exp(-((((place % 1) - 0.5) ** 2 - 0.25) ** 2) / 0.004)
    gum = np.clip((height - 0.72) / 0.15, 0, 1)
    enamel = np.array([0.80, 0.76, 0.68]) * (1 - 0.35 * gap * np.clip(height * 4, 0, 1))[..., None]
    colour = enamel + gum[..., None] * (np.array([0.55, 0.27, 0.27]) - enamel)
    colour *= (1 - 0.55 * np.abs(2 * along - 1) ** 2)[..., None]
    picture[teeth, :3] = np.rint(255 * np.clip(colour[teeth], 0, 1))
    picture[teeth, 3] = 255
    dark = (u > DARK_PATCH[0] - 0.03) & (v < DARK_PATCH[1] + 0.03)
    picture[dark] = (46, 18, 17, 255)
    return picture
