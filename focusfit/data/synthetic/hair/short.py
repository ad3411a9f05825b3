"""Short hair: shaved, cropped, combed, parted, brushed up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from .dressing import DOWN, FORWARD, UNDERLAYER, away_from, bare, crown, front_share, lock_colours, ramp
from .growth import Growth, grow
from .hairdo import Hairdo
from .site import HairSite, scatter


def cropped(site: HairSite, rng: Generator) -> Hairdo:
    """Clipped to some millimetres: skin shines through near the edge."""
    length = rng.uniform(1.0, 5.0)
    roots = scatter(site, site.scalp_triangles, 900, rng)
    outward = away_from(roots.points, crown(site)) + 0.4 * FORWARD
    growth = Growth(outward, length=length + 4, lift=0.3, weight=0.0, clearance=length, curl=0.5, steps=4)
    return replace(
        bare(site, "cropped"),
        colour=0.8 * site.colour,
        inside=site.inside,
        edge=float(rng.uniform(4, 9)),
        thickness=length * ramp(site.inside, 12),
        strands=(grow(site, roots, growth, lock_colours(site, roots, rng), 0.8, rng),),
    )


def combed(site: HairSite, rng: Generator) -> Hairdo:
    """Two to seven centimetres, parted at one side or combed forward, shorter at the sides and behind."""
    part = rng.choice((-1, 1)) * rng.uniform(20, 45)
    forward = rng.uniform(-0.3, 1.0)
    roots = scatter(site, site.scalp_triangles, 1500, rng)
    top = np.clip((roots.points[:, 1] - site.skull.centre[1] - 10) / 50, 0, 1)
    side = np.tanh((roots.points[:, 0] - part) / 12)
    sideways = np.stack([side, 0 * side, 0 * side], axis=1)
    front = front_share(site, roots.points)[:, None]
    comb = top[:, None] * (sideways * (1 - 0.5 * max(forward, 0)) + forward * FORWARD * front)
    comb += (1 - top[:, None]) * (0.9 * DOWN - 0.3 * FORWARD) + 0.3 * away_from(roots.points, crown(site))
    long = rng.uniform(25, 65)
    length = (14 + (long - 14) * top) * rng.uniform(0.75, 1.1, len(top))
    height = 2.0 + rng.uniform(3, 14) * top
    lift = rng.uniform(0.15, 0.5) * (0.4 + 0.6 * top)
    curl = float(rng.choice((0.5, 1.5, 3.0), p=(0.5, 0.35, 0.15)))
    growth = Growth(comb, length=length, lift=lift, hold=40.0, weight=0.6, clearance=height, curl=curl, turns=1.6)
    depth = ramp(site.inside, 14)
    upper = np.clip((site.vertices[: len(depth), 1] - site.skull.centre[1] - 10) / 50, 0, 1)
    return replace(
        bare(site, "combed"),
        colour=UNDERLAYER * site.colour,
        inside=site.inside,
        edge=float(rng.uniform(2.5, 5)),
        thickness=(0.8 * (2.0 + (height.max() - 2.0) * upper) * depth).astype(np.float32),
        strands=(grow(site, roots, growth, lock_colours(site, roots, rng), 1.6, rng),),
    )


def brushed_up(site: HairSite, rng: Generator) -> Hairdo:
    """A quiff, spikes, or hair brushed back: free forehead, height on top."""
    roots = scatter(site, site.scalp_triangles, 1500, rng)
    top = np.clip((roots.points[:, 1] - site.skull.centre[1] - 10) / 45, 0, 1)
    back = rng.uniform(0.1, 1.2)
    comb = top[:, None] * (np.array([0, 0.9, -back]) + 0.25 * rng.standard_normal((len(top), 3)))
    comb += (1 - top[:, None]) * (0.7 * DOWN - 0.5 * FORWARD)
    length = (10 + rng.uniform(18, 50) * top) * rng.uniform(0.7, 1.1, len(top))
    height = 2.0 + rng.uniform(4, 12) * top
    growth = Growth(comb, length=length, lift=0.25 + 0.4 * top, weight=0.0, clearance=height, curl=1.2, turns=1.2)
    depth = ramp(site.inside, 10)
    upper = np.clip((site.vertices[: len(depth), 1] - site.skull.centre[1] - 10) / 45, 0, 1)
    return replace(
        bare(site, "brushed_up"),
        colour=UNDERLAYER * site.colour,
        inside=site.inside,
        edge=float(rng.uniform(2, 5)),
        thickness=(0.8 * (2.0 + (height.max() - 2.0) * upper) * depth).astype(np.float32),
        strands=(grow(site, roots, growth, lock_colours(site, roots, rng), 1.6, rng),),
    )
