"""Rows of a skin texture: what many texels at once are made of."""

from __future__ import annotations

import math

import numpy as np

from ...imaging.kernels.compile import fast

EYEBALL, LIPS, INTERIOR, SIDEWAYS, LASHES, NOSTRILS, UNDER_EYES = 0, 1, 2, 3, 4, 5, 6
LIDS, CHEEKS, NOSE_TIP, FRECKLED, BEARD, MOUSTACHE, HAIRLINE = 7, 8, 9, 10, 11, 12, 13
"""Order of the painted maps."""

MOST_MELANIN, MOST_BLOOD = 7.0, 2.6
"""Ends of the table of skin colours."""

BARE, HAIR, LIPSTICK, EYE_SHADOW, MUCOSA, SHINE, HEIGHT, BROW, COAT = 0, 1, 2, 3, 4, 5, 6, 7, 8
"""Numbers that tell what lies on a texel's skin: shares of its colour, shine, height; and how many they are, a power of
two, so that processors write several texels at once."""


@fast
def mix_pigments(  # type: ignore[no-untyped-def]
    m, pores, grains, blotches, patches, wides, flushes, specks, veins, lines, creases, extra, amounts,
    melanin_steps, blood_steps, shade,
):  # fmt: skip
    """Fill ``shade (T,)``, the place of each texel's melanin and blood in the table of colours, for one row."""
    (melanin0, blood0, lips_blood, lips_melanin, under_eyes, cheeks, _brow_density, _beard_density,
     _moustache_density, _hairline_density, roughness, freckles, ageing, _stubble, _oiliness,
     _lipstick_cover, _shadow_cover, _eyeliner, blush, unevenness, lip_edge, lid_shade, _lash_cover,
     _chin_beard, _cheek_beard, _iris_radius, _pupil_radius, _iris_seed) = amounts  # fmt: skip
    zero, one = np.float32(0), np.float32(1)
    byte, sigma = np.float32(1 / 255), np.float32(1 / 32)
    # veins and their like only show through skin without much melanin
    clear = np.float32(0.04) * np.float32(math.exp(-melanin0))
    darkest, reddest = np.float32(melanin_steps - 1), np.float32(blood_steps - 1)
    for x in range(shade.shape[0]):
        pore, grain, blotch, patch = pores[x] * sigma, grains[x] * sigma, blotches[x] * sigma, patches[x] * sigma
        wide, flush, speck, vein = wides[x] * sigma, flushes[x] * sigma, specks[x] * sigma, veins[x] * sigma
        line, crease = lines[x] * byte, creases[x] * byte
        lips, cheek = min(one, lip_edge * m[LIPS, x] * byte), m[CHEEKS, x] * byte
        under, lids, nose = m[UNDER_EYES, x] * byte, m[LIDS, x] * byte, m[NOSE_TIP, x] * byte

        rough = roughness * (one - np.float32(0.5) * lips)
        melanin = melanin0 * (
            one + unevenness * (np.float32(0.05) * wide + np.float32(0.03) * patch) - np.float32(0.10) * cheek
            + rough * (np.float32(0.018) * blotch + np.float32(0.018) * grain + np.float32(0.02) * pore)
        )  # fmt: skip
        melanin += lid_shade * (np.float32(0.2) + np.float32(0.2) * melanin0) * max(lids, under)
        melanin += under_eyes * (np.float32(0.13) + np.float32(0.08) * melanin0) * under
        melanin += np.float32(1.5) * freckles * max(zero, speck - np.float32(0.9)) * m[FRECKLED, x] * byte
        melanin += np.float32(0.12) * ageing * max(zero, patch - np.float32(1.7))
        melanin += line * (np.float32(0.08) + np.float32(0.14) * melanin0) + extra[0, x]
        blood = blood0 * (
            one + unevenness * (np.float32(0.05) * wide + np.float32(0.07) * flush) + np.float32(0.3) * nose
            + (cheeks + blush) * cheek + np.float32(0.35) * lids
            + rough * (np.float32(0.045) * blotch + np.float32(0.035) * pore)
        )  # fmt: skip
        ridge = one - min(one, abs(vein) * np.float32(9))
        blood += np.float32(0.1) * under_eyes * under + np.float32(0.22) * line + extra[1, x] + clear * ridge

        lip_melanin = lips_melanin * melanin0 * (one + np.float32(0.06) * grain)
        lip_blood = lips_blood * (one + np.float32(0.10) * blotch - np.float32(0.16) * crease)
        melanin += lips * (lip_melanin - melanin)
        blood += lips * (lip_blood - blood)
        i = np.int32(math.sqrt(clipped(melanin * np.float32(1 / MOST_MELANIN))) * darkest)
        shade[x] = i * blood_steps + np.int32(clipped(blood * np.float32(1 / MOST_BLOOD)) * reddest)


@fast
def lay_coats(  # type: ignore[no-untyped-def]
    m, pores, grains, blotches, wides, lines, creases, hairs, amounts, coats
):
    """Make-up, hair and shadows over one row of skin.

    Fills ``coats (COAT T,)``, texel by texel.
    """
    (_melanin0, _blood0, _lips_blood, _lips_melanin, _under_eyes, _cheeks, brow_density, beard_density,
     moustache_density, hairline_density, roughness, _freckles, _ageing, stubble, oiliness,
     lipstick_cover, shadow_cover, eyeliner, _blush, _unevenness, lip_edge, _lid_shade, lash_cover,
     chin_beard, cheek_beard, _iris_radius, _pupil_radius, _iris_seed) = amounts  # fmt: skip
    zero, one = np.float32(0), np.float32(1)
    byte, sigma = np.float32(1 / 255), np.float32(1 / 32)
    for x in range(m.shape[1]):
        pore, grain, blotch, wide = pores[x] * sigma, grains[x] * sigma, blotches[x] * sigma, wides[x] * sigma
        line, crease, strand = lines[x] * byte, creases[x] * byte, hairs[x] * byte
        lips, nose = min(one, lip_edge * m[LIPS, x] * byte), m[NOSE_TIP, x] * byte
        chin = m[BEARD, x] * byte * (chin_beard + m[SIDEWAYS, x] * byte * (cheek_beard - chin_beard))
        lip_hair = m[MOUSTACHE, x] * byte
        growing = max(chin, lip_hair)
        tips = max(zero, pore + np.float32(0.6) * grain - np.float32(0.5))
        grown = one - (one - beard_density * chin) * (one - moustache_density * lip_hair)
        grown *= np.float32(0.78) + np.float32(0.18) * pore
        hair = clipped(max(grown, growing * stubble * (np.float32(0.16) + np.float32(0.28) * tips)))
        hairline = hairline_density * m[HAIRLINE, x] * byte * (np.float32(0.8) + np.float32(0.2) * grain)
        brow = strand * (np.float32(0.6) + np.float32(0.4) * brow_density)
        painted = min(one, lips * np.float32(1.3)) * (one - np.float32(0.12) * crease)

        shadow = shadow_cover * m[LIDS, x] * byte * (np.float32(0.8) + np.float32(0.1) * blotch)
        lipstick = lipstick_cover * painted
        brow = clipped(brow)
        shaved = (one - hair) * (one - clipped(hairline))
        free = shaved * (one - brow)
        edge = min(one, np.float32(1.5) * m[LASHES, x] * byte)
        dark = one - edge * max(np.float32(0.55) + np.float32(0.45) * lash_cover, eyeliner)
        opening = min(one, np.float32(1.5) * m[NOSTRILS, x] * byte)
        dark *= one - np.float32(0.95) * opening
        inner = m[INTERIOR, x] * byte
        dark *= one - inner
        coats[COAT * x + BARE] = (one - shadow) * (one - lipstick) * free * dark
        coats[COAT * x + HAIR] = (one - shaved) * (one - brow) * dark
        coats[COAT * x + BROW] = brow * dark
        coats[COAT * x + LIPSTICK] = lipstick * free * dark
        coats[COAT * x + EYE_SHADOW] = shadow * (one - lipstick) * free * dark
        coats[COAT * x + MUCOSA] = inner

        shine = np.float32(0.26) + np.float32(0.16) * nose + np.float32(0.05) * wide + np.float32(0.03) * pore
        shine = oiliness * shine * (one - np.float32(0.6) * max(hair, brow)) * (one - opening)
        shine += lips * (np.float32(0.22) + np.float32(0.2) * lipstick_cover)
        coats[COAT * x + SHINE] = max(np.float32(0.02), shine)
        height = np.float32(0.02) * pore + np.float32(0.03) * grain + np.float32(0.03) * blotch
        height *= roughness * (one - np.float32(0.5) * lips)
        height += lips * np.float32(0.08) * (one - crease) + np.float32(0.12) * growing * stubble * tips
        coats[COAT * x + HEIGHT] = height - np.float32(0.85) * line + np.float32(0.15) * strand


@fast
def clipped(value):  # type: ignore[no-untyped-def]
    """To [0, 1]."""
    return min(max(value, np.float32(0)), np.float32(1))
