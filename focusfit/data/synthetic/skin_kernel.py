"""The loop over a texture's texels."""

from __future__ import annotations

import math

import numpy as np

from ...imaging.kernels.compile import fast

EYEBALL, LIPS, INTERIOR, BROWS, LASHES, NOSTRILS, UNDER_EYES = 0, 1, 2, 3, 4, 5, 6
LIDS, CHEEKS, NOSE_TIP, FRECKLED, BEARD, MOUSTACHE, HAIRLINE = 7, 8, 9, 10, 11, 12, 13
HAIR_PAINT, IRIS_PAINT, LIPSTICK_PAINT, SHADOW_PAINT, SCLERA_PAINT, MUCOSA_PAINT = 0, 1, 2, 3, 4, 5


@fast
def paint_texels(  # type: ignore[no-untyped-def]
    maps, iris_place, noise, rolls, colours, mouth, hairs, lines, dots, amounts, paints, texture
):
    """Fill ``texture (T, T, 5)``: linear colour, shine, height in mm."""
    size = texture.shape[0]
    (melanin0, blood0, lips_blood, lips_melanin, under_eyes, cheeks, brow_density, beard_density,
     moustache_density, hairline_density, roughness, freckles, ageing, stubble, oiliness,
     lipstick_cover, shadow_cover, eyeliner, blush, iris_radius, pupil_radius, iris_seed) = amounts  # fmt: skip
    extra = np.zeros((size, size, 2), np.float32)
    stamp_dots(dots, extra)
    byte, sigma = np.float32(1 / 255), np.float32(1 / 32)
    steps = np.float32(colours.shape[0] - 1), np.float32(colours.shape[1] - 1)
    for row in range(size):
        for column in range(size):
            m = maps[row, column]
            if mouth[row, column, 3] > 0:
                for c in range(3):
                    value = mouth[row, column, c] * byte
                    texture[row, column, c] = value * value
                texture[row, column, 3] = np.float32(0.55)
                texture[row, column, 4] = np.float32(0)
                continue
            if m[EYEBALL] > 127:
                paint_eye(
                    row, column, iris_place, noise, rolls, paints, iris_radius, pupil_radius, iris_seed, texture
                )
                continue
            pore = noise[0, (row + rolls[0, 0, 0]) % size, (column + rolls[0, 0, 1]) % size] * sigma
            grain = noise[1, (row + rolls[1, 0, 0]) % size, (column + rolls[1, 0, 1]) % size] * sigma
            blotch = noise[2, (row + rolls[2, 0, 0]) % size, (column + rolls[2, 0, 1]) % size] * sigma
            patch = noise[3, (row + rolls[3, 0, 0]) % size, (column + rolls[3, 0, 1]) % size] * sigma
            wide = noise[4, (row + rolls[4, 0, 0]) % size, (column + rolls[4, 0, 1]) % size] * sigma
            flush = noise[3, (row + rolls[3, 1, 0]) % size, (column + rolls[3, 1, 1]) % size] * sigma
            speck = noise[2, (row + rolls[2, 1, 0]) % size, (column + rolls[2, 1, 1]) % size] * sigma
            vein = noise[3, (row + rolls[0, 1, 0]) % size, (column + rolls[0, 1, 1]) % size] * sigma
            line = lines[row, column] * byte
            lips, cheek = m[LIPS] * byte, m[CHEEKS] * byte

            rough = roughness * (1 - np.float32(0.5) * lips)
            melanin = melanin0 * (
                1 + np.float32(0.055) * wide + np.float32(0.045) * patch
                + rough * (np.float32(0.035) * blotch + np.float32(0.03) * grain + np.float32(0.035) * pore)
                - np.float32(0.10) * cheek
            )  # fmt: skip
            melanin += under_eyes * (np.float32(0.13) + np.float32(0.08) * melanin0) * m[UNDER_EYES] * byte
            melanin += np.float32(1.5) * freckles * max(np.float32(0), speck - np.float32(0.9)) * m[FRECKLED] * byte
            melanin += np.float32(0.22) * ageing * max(np.float32(0), patch - np.float32(1.5))
            melanin += line * (np.float32(0.10) + np.float32(0.18) * melanin0) + extra[row, column, 0]
            blood = blood0 * (
                1 + np.float32(0.05) * wide + np.float32(0.10) * flush
                + rough * (np.float32(0.09) * blotch + np.float32(0.05) * pore)
                + (cheeks + blush) * cheek + np.float32(0.3) * m[NOSE_TIP] * byte + np.float32(0.35) * m[LIDS] * byte
            )  # fmt: skip
            blood += np.float32(0.1) * under_eyes * m[UNDER_EYES] * byte + np.float32(0.25) * line
            blood += extra[row, column, 1]
            # veins: thin bluish ridges where a slow noise crosses zero, faint
            ridge = np.float32(1) - min(np.float32(1), abs(vein) * np.float32(9))
            blood += np.float32(0.04) * ridge * math.exp(-melanin0)

            creases = np.float32(0.5) + np.float32(0.5) * math.sin(column * np.float32(1.1) * 512 / size + 2 * blotch)
            lip_melanin = lips_melanin * melanin0 * (1 + np.float32(0.06) * grain)
            lip_blood = lips_blood * (1 + np.float32(0.12) * blotch - np.float32(0.14) * creases)
            melanin += lips * (lip_melanin - melanin)
            blood += lips * (lip_blood - blood)

            i = int(math.sqrt(min(max(melanin, np.float32(0)) / np.float32(7), np.float32(1))) * steps[0])
            j = int(min(max(blood, np.float32(0)) / np.float32(2.6), np.float32(1)) * steps[1])
            red, green, blue = colours[i, j, 0], colours[i, j, 1], colours[i, j, 2]

            shadow = shadow_cover * m[LIDS] * byte * (np.float32(0.8) + np.float32(0.1) * blotch)
            red, green, blue = covered(red, green, blue, paints[SHADOW_PAINT], shadow)
            paint = lipstick_cover * min(np.float32(1), lips * np.float32(1.3)) * (1 - np.float32(0.12) * creases)
            red, green, blue = covered(red, green, blue, paints[LIPSTICK_PAINT], paint)

            beard = 1 - (1 - beard_density * m[BEARD] * byte) * (1 - moustache_density * m[MOUSTACHE] * byte)
            growing = max(m[BEARD], m[MOUSTACHE]) * byte
            tips = max(np.float32(0), pore + np.float32(0.6) * grain - np.float32(0.5))
            hair = beard * (np.float32(0.75) + np.float32(0.25) * pore)
            hair = max(hair, growing * stubble * (np.float32(0.12) + np.float32(0.55) * tips))
            red, green, blue = covered(red, green, blue, paints[HAIR_PAINT], clipped(hair))
            line_of_hair = hairline_density * m[HAIRLINE] * byte * (np.float32(0.8) + np.float32(0.3) * grain)
            red, green, blue = covered(red, green, blue, paints[HAIR_PAINT], clipped(line_of_hair))
            base = np.float32(0.42) * brow_density * m[BROWS] * byte
            strand = hairs[row, column] * byte
            brow = base + (1 - base) * strand * (np.float32(0.55) + np.float32(0.45) * brow_density)
            red, green, blue = covered(red, green, blue, paints[HAIR_PAINT], clipped(brow))
            dark = m[LASHES] * byte * (np.float32(0.5) + np.float32(0.45) * eyeliner)
            red, green, blue = red * (1 - dark), green * (1 - dark), blue * (1 - dark)
            hole = 1 - np.float32(0.8) * m[NOSTRILS] * byte
            red, green, blue = red * hole, green * hole, blue * hole
            red, green, blue = covered(red, green, blue, paints[MUCOSA_PAINT], m[INTERIOR] * byte)

            texture[row, column, 0], texture[row, column, 1], texture[row, column, 2] = red, green, blue
            shine = np.float32(0.26) + np.float32(0.16) * m[NOSE_TIP] * byte + np.float32(0.05) * wide
            shine = oiliness * (shine + np.float32(0.05) * pore) * (1 - np.float32(0.6) * max(hair, brow))
            texture[row, column, 3] = max(np.float32(0.02), shine + lips * (np.float32(0.22) + lipstick_cover * np.float32(0.2)))
            relief = rough * (np.float32(0.035) * pore + np.float32(0.05) * grain + np.float32(0.03) * blotch)
            relief += lips * np.float32(0.10) * creases + np.float32(0.25) * growing * stubble * tips
            texture[row, column, 4] = relief - np.float32(0.85) * line + np.float32(0.15) * strand


@fast
def paint_eye(row, column, place, noise, rolls, paints, iris_radius, pupil_radius, seed, texture):  # type: ignore[no-untyped-def]
    """One texel of an eyeball."""
    size = texture.shape[0]
    sigma = np.float32(1 / 32)
    x, y = place[row, column, 0], place[row, column, 1]
    r = math.sqrt(x * x + y * y)
    grain = noise[1, (row + rolls[1, 0, 0]) % size, (column + rolls[1, 0, 1]) % size] * sigma
    blotch = noise[3, (row + rolls[3, 0, 0]) % size, (column + rolls[3, 0, 1]) % size] * sigma
    redness = np.float32(0.05) * max(grain, np.float32(0)) + np.float32(0.02) * max(np.float32(0), r - 7)
    angle = math.atan2(y, x)
    fibre = math.sin(23 * angle + 40 * seed) * math.sin(41 * angle - 9 * seed + r)
    limbus = clipped((r - np.float32(0.78) * iris_radius) / (np.float32(0.22) * iris_radius))
    brightness = (1 + np.float32(0.3) * fibre + np.float32(0.12) * blotch) * (1 - np.float32(0.65) * limbus)
    inner = clipped(1 - (r - pupil_radius) / np.float32(1.6))
    warm = np.float32(0.3) * inner
    in_iris = clipped(iris_radius + np.float32(0.35) - r)
    in_pupil = clipped(pupil_radius + np.float32(0.3) - r)
    for c in range(3):
        white = paints[SCLERA_PAINT, c] * (1 - redness * (np.float32(0.3) if c == 0 else np.float32(2)))
        colour = paints[IRIS_PAINT, c] * brightness * (1 + (warm if c == 0 else -np.float32(0.5) * warm))
        colour += in_pupil * (np.float32(0.004) - colour)
        texture[row, column, c] = max(np.float32(0), white + in_iris * (colour - white))
    texture[row, column, 3] = np.float32(2)
    texture[row, column, 4] = np.float32(0)


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
def covered(red, green, blue, paint, opacity):  # type: ignore[no-untyped-def]
    """Alpha blending of one colour."""
    return red + opacity * (paint[0] - red), green + opacity * (paint[1] - green), blue + opacity * (paint[2] - blue)


@fast
def clipped(value):  # type: ignore[no-untyped-def]
    """To [0, 1]."""
    return min(max(value, np.float32(0)), np.float32(1))
