"""Hair over the forehead and across the face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from .dressing import DOWN, FORWARD, lock_colours
from .growth import Growth, grow
from .hairdo import Hairdo, Strands
from .long import bob, falling
from .short import combed
from .site import HairSite, scatter

FRONT_ROWS = 32.0
"""mm behind the hairline from which a fringe grows."""


def fringed(site: HairSite, rng: Generator) -> Hairdo:
    """A straight or swept fringe, down to the brows or into the eyes, with hair of any length beside it."""
    beside = (bob, falling, combed)[rng.choice(3, p=(0.4, 0.4, 0.2) if site.female else (0.15, 0.1, 0.75))]
    hairdo = beside(site, rng)
    return replace(hairdo, kind="fringe", strands=(*hairdo.strands, fringe(site, rng)))


def fringe(site: HairSite, rng: Generator) -> Strands:
    """Locks from the front hairline that end at about one height."""
    triangles = site.scalp_triangles
    middle = site.vertices[triangles].mean(1) - site.skull.centre
    depth = site.inside[triangles].mean(1)
    wide = rng.uniform(35, 60)
    near = (middle[:, 2] > 20) & (depth < FRONT_ROWS) & (np.abs(middle[:, 0]) < wide) & (middle[:, 1] > 20)
    roots = scatter(site, triangles[near], int(rng.uniform(220, 520)), rng)
    # it thins out towards its sides
    roots = roots.kept(rng.random(len(roots.points)) < (wide + 4 - np.abs(roots.points[:, 0])) / 28)
    swept = rng.choice((0.0, rng.uniform(-1, 1)), p=(0.45, 0.55))
    brows, eyes = site.landmarks[17:27, 1].mean(), site.landmarks[36:48, 1].mean()
    end = rng.uniform(eyes - 14, brows + 10)
    drop = np.maximum(roots.points[:, 1] - end, 15)
    growth = Growth(
        0.7 * FORWARD + swept * np.array([1, 0, 0]) + 0.4 * DOWN, hold=40.0,
        length=(8 + 1.05 * drop * np.hypot(1, 0.8 * swept)) * rng.uniform(0.86, 1.06, len(drop)), lift=0.35, weight=0.8,
        clearance=rng.uniform(2, 6, len(drop)), curl=float(rng.choice((0.6, 2.5), p=(0.75, 0.25))), turns=1.0,
    )  # fmt: skip
    return grow(site, roots, growth, lock_colours(site, roots, rng), 1.8, rng)


def windblown(site: HairSite, rng: Generator) -> Hairdo:
    """Long hair, strands of which have blown across face and eyes."""
    hairdo = falling(site, rng)
    triangles = site.scalp_triangles
    middle = site.vertices[triangles].mean(1) - site.skull.centre
    side = rng.choice((-1, 1))
    near = (side * middle[:, 0] > -15) & (middle[:, 1] > 15) & (middle[:, 2] > -25)
    roots = scatter(site, triangles[near], int(np.exp(rng.uniform(np.log(15), np.log(160)))), rng)
    count = len(roots.points)
    goal = np.array([-side * rng.uniform(0.2, 1.2), -rng.uniform(0.2, 1.0), 0.35])
    growth = Growth(
        goal + 0.3 * rng.standard_normal((count, 3)), length=rng.uniform(90, 210, count), lift=0.3, hold=150.0,
        weight=0.35, clearance=rng.uniform(2, 16, count), curl=rng.uniform(1, 6), turns=0.7, steps=16,
    )  # fmt: skip
    loose = grow(site, roots, growth, lock_colours(site, roots, rng), 1.0, rng)
    return replace(hairdo, kind="windblown", strands=(*hairdo.strands, loose))
