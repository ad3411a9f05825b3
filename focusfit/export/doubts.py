"""Why a reconstruction may be wrong, in words."""

from __future__ import annotations

import numpy as np

from ..fitting.reconstruction import Reconstruction
from .head_angles import head_angles

MOSTLY_HIDDEN = 0.5
"""Share of the face's region that is hidden."""

TURNED_AWAY = 60.0
"""Degrees of yaw: half of the face, or more, is on the other side."""

SMALL = 40.0
"""Photo pixels, the root of width x height of the landmarks' box."""

UNSURE_DETECTION = 0.5

UNSURE_LOOK = 4.5
"""Of `Reconstruction.look_deviation`. On 139 renderings and covered photos whose points are known, the eight above it
were off by 10.3 % in the mean (median 4.6), the others by 3.0."""

DISAGREEMENT = 0.1
"""Mean distance of the inner landmarks of fit and detector, as a share of the landmarks' box."""

INNER = slice(17, 68)


def doubts(fit: Reconstruction) -> tuple[str, ...]:
    """What speaks against trusting a reconstruction; nothing where all is well."""
    size = float(np.sqrt(np.prod(np.ptp(fit.landmarks68, axis=0))))
    found = fit.detection.landmarks.get("ibug68")
    apart = 0.0
    if found is not None:
        apart = float(np.linalg.norm(found.points - fit.landmarks68, axis=1)[INNER].mean()) / max(size, 1e-6)
    said = {
        "most of the face is hidden": fit.occluded_fraction > MOSTLY_HIDDEN,
        "the head is turned far": abs(head_angles(fit)[0]) > TURNED_AWAY,
        "the face is small": size < SMALL,
        "the detector was unsure": fit.detection.score < UNSURE_DETECTION,
        "the networks are unsure of the place": (fit.look_deviation or 0.0) > UNSURE_LOOK,
        "detector and fit disagree": apart > DISAGREEMENT,
    }
    return tuple(text for text, holds in said.items() if holds)
