"""Moving the population's mean to published measurements of adult faces.

The source's artists drew small eyes set far apart, short noses and narrow mouths. The mean strength of each feature is
therefore shifted, by as little as possible, until the mean face has the proportions that were measured on people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from .identities import FEATURE_SIGMA, Feature


@dataclass(frozen=True)
class Measurement:
    """A distance between two iBUG landmarks.

    Attributes:
        name: in anthropometry.
        first: landmark number.
        second: landmark number.
        norm: mean over adults of both sexes, mm; rounded from Farkas (1994) and the international study of Farkas
            et al. (2005), means of European, African and Asian groups.
        tolerance: mm, how exactly the landmarks stand for the anthropometric points.
    """

    name: str
    first: int
    second: int
    norm: float
    tolerance: float


MEASUREMENTS = (
    Measurement("intercanthal width en-en", 39, 42, 34.0, 0.7),
    Measurement("biocular width ex-ex", 36, 45, 90.0, 1.0),
    Measurement("nose height n-sn", 27, 33, 51.5, 1.0),
    Measurement("nose protrusion prn-sn", 30, 33, 18.5, 1.0),
    Measurement("mouth width ch-ch", 48, 54, 51.0, 1.0),
    Measurement("face height n-gn", 27, 8, 117.0, 2.0),
    Measurement("lower face height sn-gn", 33, 8, 67.0, 2.0),
)
"""Widths of face and jaw are left out: the contour's landmarks are not the anthropometric points there."""

PUPIL_DISTANCE, PUPIL_TOLERANCE = 63.0, 0.5
SHIFT_COST = 0.35
"""Price of shifting a feature by one of its standard deviations, against one tolerance of a measurement."""


def calibrate_means(
    features: list[Feature], point_offsets: dict[str, NDArray], points: NDArray
) -> tuple[dict[str, float], float]:
    """Feature strengths and the scale at which the mean face meets the norms.

    Args:
        features: of the population; asymmetric ones are left alone.
        point_offsets: by target stem, ``(70, 3)`` mm offsets of the landmarks and both eyeballs' centres.
        points: ``(70, 3)`` those points on the mean face of the unshifted population.

    Returns:
        Mean strength by feature stem, and the factor from the source's size to true size.
    """
    # The search starts off zero, where a feature's two directions meet in a kink.
    used = [f for f in features if not f.stem.startswith(("asym", "ear", "neck")) and f.sides[0][0] is not None]
    up = np.stack([sum(point_offsets[high] for _, high in f.sides) for f in used])
    down = np.stack([sum(point_offsets[str(low)] for low, _ in f.sides) for f in used])

    def residuals(unknown: NDArray) -> NDArray:
        strength, scale = unknown[:-1] * FEATURE_SIGMA, unknown[-1]
        moved = points + np.tensordot(np.maximum(strength, 0), up, 1) + np.tensordot(np.maximum(-strength, 0), down, 1)
        distance = [np.linalg.norm(moved[m.first] - moved[m.second]) for m in MEASUREMENTS]
        misses = [(scale * d - m.norm) / m.tolerance for d, m in zip(distance, MEASUREMENTS, strict=True)]
        pupils = (scale * np.linalg.norm(moved[68] - moved[69]) - PUPIL_DISTANCE) / PUPIL_TOLERANCE
        return np.concatenate([misses, [pupils], SHIFT_COST * unknown[:-1]])

    found = least_squares(residuals, np.r_[np.full(len(used), 1e-3), 1.0]).x
    return {f.stem: float(s * FEATURE_SIGMA) for f, s in zip(used, found[:-1], strict=True)}, float(found[-1])
