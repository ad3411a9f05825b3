"""The loop over a texture's texels."""

from __future__ import annotations

import math

import numpy as np

from ...imaging.kernels.compile import fast

EYEBALL, LIPS, INTERIOR, SIDEWAYS, LASHES, NOSTRILS, UNDER_EYES = 0, 1, 2, 3, 4, 5, 6
LIDS, CHEEKS, NOSE_TIP, FRECKLED, BEARD, MOUSTACHE, HAIRLINE = 7, 8, 9, 10, 11, 12, 13
UNUSED, SKIN, EYE, MOUTH = 0, 1, 2, 3
"""What a texel belongs to."""

MOST_MELANIN, MOST_BLOOD = 7.0, 2.6
"""Ends of the table of skin colours."""

HAIR_PAINT, IRIS_PAINT, LIPSTICK_PAINT, SHADOW_PAINT, SCLERA_PAINT, MUCOSA_PAINT = 0, 1, 2, 3, 4, 5


@fast
def paint_texels(  # type: ignore[no-untyped-def]
    maps, used, iris_place, creases, noise, rolls, colours, mouth, hairs, lines, dots, amounts, paints, texture
):
    """Fill ``texture (T, T, 5)``: linear colour, shine, height in mm."""
    size = texture.shape[0]
    (melanin0, blood0, lips_blood, lips_melanin, under_eyes, cheeks, brow_density, beard_density,
     moustache_density, hairline_density, roughness, freckles, ageing, stubble, oiliness,
     lipstick_cover, shadow_cover, eyeliner, blush, unevenness, lip_edge, lid_shade, lash_cover,
     chin_beard, cheek_beard, iris_radius, pupil_radius, iris_seed) = amounts  # fmt: skip
    extra = np.zeros((size, size, 2), np.float32)
    stamp_dots(dots, extra)
    zero, one = np.float32(0), np.float32(1)
    byte, sigma = np.float32(1 / 255), np.float32(1 / 32)
    melanin_steps, blood_steps = np.float32(colours.shape[0] - 1), np.float32(colours.shape[1] - 1)
    # veins and their like only show through skin without much melanin
    clear = np.float32(0.04) * np.float32(math.exp(-melanin0))
    for row in range(size):
        pores = noise[0, around(row + rolls[0, 0, 0], size)]
        grains = noise[1, around(row + rolls[1, 0, 0], size)]
        blotches = noise[2, around(row + rolls[2, 0, 0], size)]
        patches = noise[3, around(row + rolls[3, 0, 0], size)]
        wides = noise[4, around(row + rolls[4, 0, 0], size)]
        flushes = noise[3, around(row + rolls[3, 1, 0], size)]
        specks = noise[2, around(row + rolls[2, 1, 0], size)]
        veins = noise[3, around(row + rolls[0, 1, 0], size)]
        for column in range(size):
            kind = used[row, column]
            if kind == UNUSED:
                continue
            if kind == MOUTH:
                for c in range(3):
                    value = np.float32(mouth[row, column, c]) * byte
                    texture[row, column, c] = value * value
                texture[row, column, 3] = np.float32(0.55)
                texture[row, column, 4] = zero
                continue
            pore = np.float32(pores[around(column + rolls[0, 0, 1], size)]) * sigma
            grain = np.float32(grains[around(column + rolls[1, 0, 1], size)]) * sigma
            patch = np.float32(patches[around(column + rolls[3, 0, 1], size)]) * sigma
            if kind == EYE:
                paint_eye(
                    iris_place[row, column, 0], iris_place[row, column, 1], grain, patch,
                    paints, iris_radius, pupil_radius, iris_seed, texture[row, column],
                )  # fmt: skip
                continue
            blotch = np.float32(blotches[around(column + rolls[2, 0, 1], size)]) * sigma
            wide = np.float32(wides[around(column + rolls[4, 0, 1], size)]) * sigma
            flush = np.float32(flushes[around(column + rolls[3, 1, 1], size)]) * sigma
            speck = np.float32(specks[around(column + rolls[2, 1, 1], size)]) * sigma
            vein = np.float32(veins[around(column + rolls[0, 1, 1], size)]) * sigma
            m = maps[row, column]
            line = np.float32(lines[row, column]) * byte
            lips, cheek = min(one, lip_edge * np.float32(m[LIPS]) * byte), np.float32(m[CHEEKS]) * byte
            under, lids = np.float32(m[UNDER_EYES]) * byte, np.float32(m[LIDS]) * byte
            nose = np.float32(m[NOSE_TIP]) * byte

            rough = roughness * (one - np.float32(0.5) * lips)
            melanin = melanin0 * (
                one + unevenness * (np.float32(0.05) * wide + np.float32(0.03) * patch) - np.float32(0.10) * cheek
                + rough * (np.float32(0.018) * blotch + np.float32(0.018) * grain + np.float32(0.02) * pore)
            )  # fmt: skip
            melanin += lid_shade * (np.float32(0.2) + np.float32(0.2) * melanin0) * max(lids, under)
            melanin += under_eyes * (np.float32(0.13) + np.float32(0.08) * melanin0) * under
            melanin += np.float32(1.5) * freckles * max(zero, speck - np.float32(0.9)) * np.float32(m[FRECKLED]) * byte
            melanin += np.float32(0.12) * ageing * max(zero, patch - np.float32(1.7))
            melanin += line * (np.float32(0.08) + np.float32(0.14) * melanin0) + extra[row, column, 0]
            blood = blood0 * (
                one + unevenness * (np.float32(0.05) * wide + np.float32(0.07) * flush) + np.float32(0.3) * nose
                + (cheeks + blush) * cheek + np.float32(0.35) * lids
                + rough * (np.float32(0.045) * blotch + np.float32(0.035) * pore)
            )  # fmt: skip
            ridge = one - min(one, abs(vein) * np.float32(9))
            blood += np.float32(0.1) * under_eyes * under + np.float32(0.22) * line
            blood += extra[row, column, 1] + clear * ridge

            crease = np.float32(creases[row, column]) * byte
            lip_melanin = lips_melanin * melanin0 * (one + np.float32(0.06) * grain)
            lip_blood = lips_blood * (one + np.float32(0.10) * blotch - np.float32(0.16) * crease)
            melanin += lips * (lip_melanin - melanin)
            blood += lips * (lip_blood - blood)

            i = np.intp(np.float32(math.sqrt(clipped(melanin * np.float32(1 / MOST_MELANIN)))) * melanin_steps)
            j = np.intp(clipped(blood * np.float32(1 / MOST_BLOOD)) * blood_steps)
            out = texture[row, column]
            out[0], out[1], out[2] = colours[i, j, 0], colours[i, j, 1], colours[i, j, 2]

            if shadow_cover > zero:
                cover(out, paints[SHADOW_PAINT], shadow_cover * lids * (np.float32(0.8) + np.float32(0.1) * blotch))
            if lipstick_cover > zero:
                painted = min(one, lips * np.float32(1.3)) * (one - np.float32(0.12) * crease)
                cover(out, paints[LIPSTICK_PAINT], lipstick_cover * painted)

            side = np.float32(m[SIDEWAYS]) * byte
            chin = np.float32(m[BEARD]) * byte * (chin_beard + side * (cheek_beard - chin_beard))
            lip_hair = np.float32(m[MOUSTACHE]) * byte
            growing = max(chin, lip_hair)
            tips = max(zero, pore + np.float32(0.6) * grain - np.float32(0.5))
            hair = zero
            if growing > zero:
                hair = one - (one - beard_density * chin) * (one - moustache_density * lip_hair)
                hair = hair * (np.float32(0.78) + np.float32(0.18) * pore)
                hair = clipped(max(hair, growing * stubble * (np.float32(0.16) + np.float32(0.28) * tips)))
                cover(out, paints[HAIR_PAINT], hair)
            hairline = hairline_density * np.float32(m[HAIRLINE]) * byte
            if hairline > zero:
                cover(out, paints[HAIR_PAINT], clipped(hairline * (np.float32(0.8) + np.float32(0.2) * grain)))
            strand = np.float32(hairs[row, column]) * byte
            brow = strand * (np.float32(0.6) + np.float32(0.4) * brow_density)
            if brow > zero:
                cover(out, paints[HAIR_PAINT], clipped(brow))
            dark = one - np.float32(m[LASHES]) * byte * max(np.float32(0.25) + np.float32(0.6) * lash_cover, eyeliner)
            dark *= one - np.float32(0.8) * np.float32(m[NOSTRILS]) * byte
            out[0], out[1], out[2] = out[0] * dark, out[1] * dark, out[2] * dark
            cover(out, paints[MUCOSA_PAINT], np.float32(m[INTERIOR]) * byte)

            shine = np.float32(0.26) + np.float32(0.16) * nose + np.float32(0.05) * wide + np.float32(0.03) * pore
            shine = oiliness * shine * (one - np.float32(0.6) * max(hair, brow))
            out[3] = max(np.float32(0.02), shine + lips * (np.float32(0.22) + lipstick_cover * np.float32(0.2)))
            relief = rough * (np.float32(0.02) * pore + np.float32(0.03) * grain + np.float32(0.03) * blotch)
            relief += lips * np.float32(0.08) * (one - crease) + np.float32(0.12) * growing * stubble * tips
            out[4] = relief - np.float32(0.85) * line + np.float32(0.15) * strand


@fast
def paint_eye(x, y, grain, patch, paints, iris_radius, pupil_radius, seed, out):  # type: ignore[no-untyped-def]
    """One texel of an eyeball, ``x`` and ``y`` mm from the iris' middle."""
    zero, one = np.float32(0), np.float32(1)
    r = np.float32(math.sqrt(x * x + y * y))
    redness = np.float32(0.05) * max(grain, zero) + np.float32(0.02) * max(zero, r - np.float32(7))
    angle = np.float32(math.atan2(y, x))
    fibre = np.float32(math.sin(23 * angle + 40 * seed) * math.sin(41 * angle - 9 * seed + r))
    limbus = clipped((r - np.float32(0.78) * iris_radius) / (np.float32(0.22) * iris_radius))
    brightness = one + np.float32(0.3) * fibre + np.float32(0.12) * patch
    brightness *= one - np.float32(0.65) * limbus
    warm = np.float32(0.3) * clipped(one - (r - pupil_radius) / np.float32(1.6))
    in_iris = clipped(iris_radius + np.float32(0.35) - r)
    in_pupil = clipped(pupil_radius + np.float32(0.3) - r)
    for c in range(3):
        white = paints[SCLERA_PAINT, c] * (one - redness * (np.float32(0.3) if c == 0 else np.float32(2)))
        colour = paints[IRIS_PAINT, c] * brightness * (one + (warm if c == 0 else -np.float32(0.5) * warm))
        colour += in_pupil * (np.float32(0.004) - colour)
        out[c] = max(zero, white + in_iris * (colour - white))
    out[3] = np.float32(2)
    out[4] = zero


@fast
def stamp_dots(dots, extra):  # type: ignore[no-untyped-def]
    """Add round marks to melanin and blood."""
    size = extra.shape[0]
    for n in range(dots.shape[0]):
        x, y, radius = dots[n, 0], dots[n, 1], dots[n, 2]
        reach = int(radius * 2.5) + 1
        for row in range(max(0, int(y) - reach), min(size, int(y) + reach + 1)):
            for column in range(max(0, int(x) - reach), min(size, int(x) + reach + 1)):
                d = ((row - y) * (row - y) + (column - x) * (column - x)) / (radius * radius)
                amount = math.exp(-d * d)
                extra[row, column, 0] += dots[n, 3] * amount
                extra[row, column, 1] += dots[n, 4] * amount


@fast
def cover(colour, paint, opacity):  # type: ignore[no-untyped-def]
    """Alpha blending of one colour."""
    for c in range(3):
        colour[c] += opacity * (paint[c] - colour[c])


@fast
def clipped(value):  # type: ignore[no-untyped-def]
    """To [0, 1]."""
    return min(max(value, np.float32(0)), np.float32(1))


@fast
def around(place, size):  # type: ignore[no-untyped-def]
    """A place below twice ``size``, on a picture that tiles."""
    return place - size if place >= size else place
