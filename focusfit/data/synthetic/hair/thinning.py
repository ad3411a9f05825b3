"""Little hair: bald, a wreath around a bald top, receding temples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .dressing import DOWN, FORWARD, UNDERLAYER, bare, lock_colours, ramp
from .growth import Growth, grow
from .hairdo import NO_HAIR, Hairdo
from .short import combed
from .site import HairSite, scatter

Array = NDArray[np.float32]


def bald(site: HairSite, rng: Generator) -> Hairdo:
    """Shaved or bald; the shaved show a shade of stubble."""
    shade = rng.uniform(0, 0.5) if rng.random() < 0.6 else 0.0
    hairdo = bare(site, "bald")
    if shade == 0.0:
        return hairdo
    # so short that skin shines through everywhere: the hairline fades over more than the whole scalp
    inside = np.where(site.inside > 0, np.minimum(site.inside, 60) * shade, 4 * site.inside) - 10
    return replace(hairdo, inside=inside.astype(np.float32), edge=30.0)


def wreath(site: HairSite, rng: Generator) -> Hairdo:
    """Hair at the sides and behind only."""
    line = site.skull.centre[1] + rng.uniform(15, 45)
    height = site.vertices[: len(site.inside), 1]
    inside = np.minimum(site.inside, line - height).astype(np.float32)
    rows = (inside > 0)[site.scalp_triangles].all(1)
    roots = scatter(site, site.scalp_triangles[rows], 700, rng)
    comb = 0.7 * DOWN - 0.5 * FORWARD + 0.15 * rng.standard_normal((len(roots.points), 3))
    length = rng.uniform(8, 35)
    growth = Growth(
        comb, length=length * rng.uniform(0.6, 1.1, len(roots.points)), lift=rng.uniform(0.15, 0.45), weight=0.2,
        clearance=rng.uniform(2, 7), curl=1.2, turns=2.0,
    )  # fmt: skip
    return replace(
        bare(site, "wreath"),
        colour=UNDERLAYER * site.colour,
        inside=inside,
        edge=float(rng.uniform(4, 10)),
        thickness=(2.0 * ramp(inside, 12)).astype(np.float32),
        strands=(grow(site, roots, growth, lock_colours(site, roots, rng), 1.2, rng),),
    )


def receding(site: HairSite, rng: Generator) -> Hairdo:
    """Combed hair whose line has moved back, most at the temples."""
    back, temples = rng.uniform(5, 40), rng.uniform(10, 40)
    place = site.vertices[: len(site.inside)] - site.skull.centre
    front = np.clip(place[:, 2] / 45, 0, 1) * np.clip(place[:, 1] / 35, 0, 1)
    peak = 1 - np.exp(-0.5 * ((np.abs(place[:, 0]) - 38) / 16) ** 2)
    lost = front * (back + temples * (1 - peak))
    inside = np.maximum(site.inside - lost, NO_HAIR).astype(np.float32)
    scalp = site.scalp_triangles[(inside > 0)[site.scalp_triangles].all(1)]
    return replace(combed(replace(site, inside=inside, scalp_triangles=scalp), rng), kind="receding")
