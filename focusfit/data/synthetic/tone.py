"""Between the light that falls on a sensor and the numbers that a camera stores."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 4096
BRIGHTEST = 4.0
"""Linear value that the table ends at; everything brighter is white."""

KNEE = 0.65
"""Where the shoulder starts: brighter light is compressed towards white, as cameras do."""


def linear_of_srgb(values: NDArray) -> NDArray:
    """The inverse of the sRGB transfer curve (IEC 61966-2-1), for values in [0, 1]."""
    values = np.clip(values, 0, 1)
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def srgb_of_linear(values: NDArray) -> NDArray:
    """The sRGB transfer curve, for values in [0, 1]."""
    values = np.clip(values, 0, 1)
    return np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)


def developed(linear: NDArray) -> NDArray:
    """Light as a camera stores it, in sRGB: a soft shoulder, then the transfer curve."""
    bright = KNEE + (1 - KNEE) * (1 - np.exp(-(np.maximum(linear, KNEE) - KNEE) / (1 - KNEE)))
    return srgb_of_linear(np.where(linear > KNEE, bright, linear))


def developing_table() -> NDArray[np.float32]:
    """``(STEPS,)`` of :func:`developed` over the root of the linear value, for kernels."""
    return developed((np.linspace(0, 1, STEPS) ** 2) * BRIGHTEST).astype(np.float32)
