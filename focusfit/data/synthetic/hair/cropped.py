"""Hair cut down to some millimetres."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from .hairdo import Hairdo, HairSite


def cropped(site: HairSite, rng: Generator) -> Hairdo:
    """A buzz cut: skin shines through, more so near its edge."""
    length = rng.uniform(1.0, 5.0)
    return Hairdo(
        kind="cropped",
        colour=site.colour,
        inside=site.inside,
        edge=float(rng.uniform(3, 8)),
        thickness=(length * np.clip(site.inside / 10, 0, 1)).astype(np.float32),
    )
