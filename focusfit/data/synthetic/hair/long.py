"""Hair that falls beside the face: bobs, long hair, with a parting or a fringe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from .dressing import DOWN, FORWARD, UNDERLAYER, bare, front_share, lock_colours, ramp
from .growth import Growth, grow
from .hairdo import Hairdo
from .site import HairSite, scatter


def falling(site: HairSite, rng: Generator) -> Hairdo:
    """From the chin to the chest, straight or wavy, parted; at times some of it falls over the face."""
    return _falling(site, rng, rng.uniform(140, 420), "falling")


def bob(site: HairSite, rng: Generator) -> Hairdo:
    """Down to the ears or the chin."""
    return _falling(site, rng, rng.uniform(90, 150), "bob")


def _falling(site: HairSite, rng: Generator, long: float, kind: str) -> Hairdo:
    count = 900
    roots = scatter(site, site.scalp_triangles, count, rng)
    part = rng.normal(0, 22)
    side = np.tanh((roots.points[:, 0] - part) / 8)
    sideways = np.stack([side, -0.3 * np.abs(side), 0 * side], axis=1)
    tucked = rng.uniform(0.1, 0.9) if rng.random() < 0.9 else -0.2
    front = front_share(site, roots.points)[:, None]
    comb = 0.8 * sideways - tucked * front * FORWARD + (1 - front) * (0.5 * DOWN - 0.4 * FORWARD)
    # every lock ends at about the same height
    drop = np.maximum(roots.points[:, 1] - site.skull.centre[1], 0)
    length = (0.65 * long + 0.9 * drop) * rng.uniform(0.85, 1.08, count)
    height = rng.uniform(5, 14)
    curl, turns, steps = ((0.8, 0.5, 14), (3.5, 0.9, 18), (6.0, 1.4, 24))[rng.choice(3, p=(0.5, 0.3, 0.2))]
    growth = Growth(
        comb, length=length, lift=0.15, hold=90.0, weight=0.9, curl=curl, turns=turns, steps=steps,
        clearance=height * rng.uniform(0.35, 1.0, count),
    )  # fmt: skip
    return replace(
        bare(site, kind),
        colour=UNDERLAYER * site.colour,
        inside=site.inside,
        edge=3.0,
        thickness=(0.5 * height * ramp(site.inside, 12)).astype(np.float32),
        strands=(grow(site, roots, growth, lock_colours(site, roots, rng), 2.3, rng),),
    )
