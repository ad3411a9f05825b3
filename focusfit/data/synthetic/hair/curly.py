"""Curly and frizzy hair: an afro, and longer curls that stand off the head."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from .dressing import DOWN, away_from, bare, lock_colours, ramp
from .growth import Growth, grow
from .hairdo import Hairdo
from .site import HairSite, scatter


def afro(site: HairSite, rng: Generator) -> Hairdo:
    """A round cloud of tight curls, one to ten centimetres deep."""
    depth = rng.uniform(8, 38) if rng.random() < 0.6 else rng.uniform(38, 85)
    roots = scatter(site, site.scalp_triangles, 1500, rng)
    outward = away_from(roots.points, site.skull.centre)
    # locks start all through the cloud, so that its surface is as dense as its inside
    start = depth * rng.uniform(0.35, 0.9, len(outward))[:, None]
    inner = ramp(site.inside, 30)
    raised = replace(roots, points=(roots.points + start * outward).astype(np.float32), normals=outward)
    growth = Growth(
        0.2 * rng.standard_normal((len(outward), 3)), length=depth * rng.uniform(0.2, 0.5, len(outward)) + 8, lift=0.9,
        weight=0.0, curl=rng.uniform(1.5, 3.5), turns=rng.uniform(5, 8), steps=14, clearance=2.0,
    )  # fmt: skip
    return replace(
        bare(site, "afro"),
        colour=0.6 * site.colour,
        inside=site.inside,
        edge=float(rng.uniform(3, 6)),
        thickness=(depth * (0.15 * ramp(site.inside, 4) + 0.75 * inner)).astype(np.float32),
        strands=(grow(site, raised, growth, lock_colours(site, roots, rng, 0.25), 2.2, rng),),
    )


def curls(site: HairSite, rng: Generator) -> Hairdo:
    """Ringlets that hang, and stand away from the head."""
    roots = scatter(site, site.scalp_triangles, 900, rng)
    count = len(roots.points)
    part = rng.normal(0, 25)
    side = np.tanh((roots.points[:, 0] - part) / 15)
    outward = away_from(roots.points, site.skull.centre)
    comb = 0.5 * outward + np.stack([0.6 * side, 0 * side, -0.25 + 0 * side], axis=1) + 0.15 * DOWN
    long = rng.uniform(70, 260)
    bulk = rng.uniform(10, 28)
    growth = Growth(
        comb, length=long * rng.uniform(0.6, 1.1, count), lift=0.5, weight=rng.uniform(0.3, 0.7), steps=26,
        clearance=bulk * rng.uniform(0.3, 1.0, count), curl=rng.uniform(3, 6.5), turns=rng.uniform(1.4, 2.6),
    )  # fmt: skip
    return replace(
        bare(site, "curls"),
        colour=0.5 * site.colour,
        inside=site.inside,
        edge=4.0,
        thickness=(0.55 * bulk * ramp(site.inside, 18)).astype(np.float32),
        strands=(grow(site, roots, growth, lock_colours(site, roots, rng), 2.4, rng),),
    )
