"""The loop over a texture's texels."""

from __future__ import annotations

import math

import numpy as np

from ...imaging.kernels.compile import fast
from .skin_row_kernel import (
    BARE,
    BROW,
    COAT,
    EYE_SHADOW,
    HAIR,
    HEIGHT,
    LIPSTICK,
    MUCOSA,
    SHINE,
    clipped,
    lay_coats,
    mix_pigments,
)

UNUSED, SKIN, EYE, MOUTH = 0, 1, 2, 3
"""What a texel belongs to."""

HAIR_PAINT, IRIS_PAINT, LIPSTICK_PAINT, SHADOW_PAINT, SCLERA_PAINT, MUCOSA_PAINT, BROW_PAINT = 0, 1, 2, 3, 4, 5, 6


@fast
def paint_texels(  # type: ignore[no-untyped-def]
    maps, used, iris_place, creases, noise, rolls, colours, mouth, hairs, lines, dots, amounts, paints, texture
):
    """Fill ``texture (T, T, 5)``: linear colour, shine, height in mm.

    Row by row: what can be computed for many texels at once, whatever they belong to, comes first.
    """
    size = texture.shape[0]
    iris_radius, pupil_radius, iris_seed = amounts[25], amounts[26], amounts[27]
    byte, sigma = np.float32(1 / 255), np.float32(1 / 32)
    table = colours.reshape(-1, 3)
    shade, coats = np.empty(size, np.int32), np.empty(COAT * size, np.float32)
    extra = np.empty((2, size), np.float32)
    for row in range(size):
        stamp_dots(dots, row, extra)
        pores, grains = rolled(noise[0], row, rolls[0, 0]), rolled(noise[1], row, rolls[1, 0])
        blotches, patches = rolled(noise[2], row, rolls[2, 0]), rolled(noise[3], row, rolls[3, 0])
        wides, flushes = rolled(noise[4], row, rolls[4, 0]), rolled(noise[3], row, rolls[3, 1])
        specks, veins = rolled(noise[2], row, rolls[2, 1]), rolled(noise[3], row, rolls[0, 1])
        mix_pigments(
            maps[row], pores, grains, blotches, patches, wides, flushes, specks, veins, lines[row], creases[row],
            extra, amounts, colours.shape[0], colours.shape[1], shade,
        )  # fmt: skip
        lay_coats(maps[row], pores, grains, blotches, wides, lines[row], creases[row], hairs[row], amounts, coats)
        for column in range(size):
            kind = used[row, column]
            if kind == SKIN:
                place, n = shade[column], COAT * column
                for c in range(3):
                    texture[row, column, c] = (
                        coats[n + BARE] * table[place, c] + coats[n + HAIR] * paints[HAIR_PAINT, c]
                        + coats[n + BROW] * paints[BROW_PAINT, c]
                        + coats[n + LIPSTICK] * paints[LIPSTICK_PAINT, c]
                        + coats[n + EYE_SHADOW] * paints[SHADOW_PAINT, c] + coats[n + MUCOSA] * paints[MUCOSA_PAINT, c]
                    )  # fmt: skip
                texture[row, column, 3], texture[row, column, 4] = coats[n + SHINE], coats[n + HEIGHT]
            elif kind == EYE:
                paint_eye(
                    iris_place[row, column, 0], iris_place[row, column, 1], np.float32(grains[column]) * sigma,
                    np.float32(patches[column]) * sigma, paints, iris_radius, pupil_radius, iris_seed,
                    texture[row, column],
                )  # fmt: skip
            elif kind == MOUTH:
                for c in range(3):
                    value = np.float32(mouth[row, column, c]) * byte
                    texture[row, column, c] = value * value
                texture[row, column, 3] = np.float32(0.55)


@fast
def paint_eye(x, y, grain, patch, paints, iris_radius, pupil_radius, seed, out):  # type: ignore[no-untyped-def]
    """One texel of an eyeball, ``x`` and ``y`` mm from the iris' middle."""
    zero, one = np.float32(0), np.float32(1)
    r = np.float32(math.sqrt(x * x + y * y))
    redness = np.float32(0.05) * max(grain, zero) + np.float32(0.02) * max(zero, r - np.float32(7))
    in_iris = clipped(iris_radius + np.float32(0.35) - r)
    fibre = zero
    if in_iris > zero:
        angle = np.float32(math.atan2(y, x))
        fibre = np.float32(math.sin(23 * angle + 40 * seed) * math.sin(41 * angle - 9 * seed + r))
    limbus = clipped((r - np.float32(0.78) * iris_radius) / (np.float32(0.22) * iris_radius))
    brightness = one + np.float32(0.3) * fibre + np.float32(0.12) * patch
    brightness *= one - np.float32(0.65) * limbus
    warm = np.float32(0.3) * clipped(one - (r - pupil_radius) / np.float32(1.6))
    in_pupil = clipped(pupil_radius + np.float32(0.3) - r)
    for c in range(3):
        white = paints[SCLERA_PAINT, c] * (one - redness * (np.float32(0.3) if c == 0 else np.float32(2)))
        colour = paints[IRIS_PAINT, c] * brightness * (one + (warm if c == 0 else -np.float32(0.5) * warm))
        colour += in_pupil * (np.float32(0.004) - colour)
        out[c] = max(zero, white + in_iris * (colour - white))
    out[3] = np.float32(2)
    out[4] = zero


@fast
def stamp_dots(dots, row, extra):  # type: ignore[no-untyped-def]
    """Melanin and blood that round marks add to one row, ``extra (2, T)``."""
    size = extra.shape[1]
    extra[:] = 0
    for n in range(dots.shape[0]):
        x, y, radius = dots[n, 0], dots[n, 1], dots[n, 2]
        reach = int(radius * 2.5) + 1
        if abs(row - int(y)) > reach:
            continue
        for column in range(max(0, int(x) - reach), min(size, int(x) + reach + 1)):
            d = ((row - y) * (row - y) + (column - x) * (column - x)) / (radius * radius)
            amount = math.exp(-d * d)
            extra[0, column] += dots[n, 3] * amount
            extra[1, column] += dots[n, 4] * amount


@fast
def rolled(noise, row, roll):  # type: ignore[no-untyped-def]
    """A row of ``noise (T, 2 T)``, which repeats itself, moved by ``roll (2,)`` rows and columns."""
    size = noise.shape[0]
    return noise[(row + roll[0]) % size, roll[1] : roll[1] + size]
