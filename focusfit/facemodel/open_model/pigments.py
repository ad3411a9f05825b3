"""Skin colour from two pigments."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MELANIN = np.array([0.70, 1.00, 1.45])
"""Effective absorption in sRGB's red, green and blue, relative to green.

Melanin absorbs in proportion to wavelength**-3.48 (Jacques 1998), which makes 0.70, 1.00, 1.79 at 610, 550 and 465 nm.
Strongly absorbed light comes back from shorter paths, so blue counts for less; 1.45 meets measured dark skins.
"""

HAEMOGLOBIN = np.array([0.06, 1.00, 0.62])
"""Oxygenated blood averaged over the sRGB primaries, relative to green: strong in green, almost clear in red."""

DERMIS = np.array([0.80, 0.77, 0.66])
"""Reflectance of skin without pigments: a slightly warm white."""

SURFACE = 0.015
"""Diffuse share that the surface returns before any pigment is met; keeps the darkest skins from turning orange."""


def skin_colour(melanin: NDArray, haemoglobin: NDArray) -> NDArray:
    """``(..., 3)`` sRGB albedo of skin with given amounts of pigment ``(...)`` (Lambert-Beer in the dermis)."""
    absorbed = melanin[..., None] * MELANIN + haemoglobin[..., None] * HAEMOGLOBIN
    return srgb(DERMIS * np.exp(-absorbed) + SURFACE)


def srgb(linear: NDArray) -> NDArray:
    """The sRGB transfer curve (IEC 61966-2-1)."""
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
