"""Hair that is drawn back: ponytails and buns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .dressing import UNDERLAYER, away_from, bare, lock_colours, ramp
from .growth import Growth, grow
from .hairdo import Hairdo, Strands
from .site import HairSite, Roots, scatter

Array = NDArray[np.float32]


def ponytail(site: HairSite, rng: Generator) -> Hairdo:
    """Hair drawn tightly to a knot, from which a tail falls."""
    knot = _knot(site, rng)
    count = 350
    spread = rng.standard_normal((count, 3)).astype(np.float32)
    out = (knot - site.skull.centre) / np.linalg.norm(knot - site.skull.centre)
    normals = np.tile(out, (count, 1)).astype(np.float32)
    roots = Roots((knot + 4 * spread).astype(np.float32), normals, _carriers(site, knot, count))
    growth = Growth(
        0.9 * out + 0.25 * spread, length=rng.uniform(120, 330) * rng.uniform(0.8, 1.1, count), lift=0.6, hold=30.0,
        weight=1.0, clearance=8.0, curl=rng.uniform(0.8, 4), turns=1.2, steps=14,
    )  # fmt: skip
    tail = grow(site, roots, growth, lock_colours(site, roots, rng), 2.6, rng)
    return _drawn_back(site, knot, tail, "ponytail", rng)


def bun(site: HairSite, rng: Generator) -> Hairdo:
    """Hair drawn tightly to a knot, wound up there."""
    knot = _knot(site, rng)
    out = (knot - site.skull.centre) / np.linalg.norm(knot - site.skull.centre)
    radius, count = rng.uniform(18, 36), 420
    middle = knot + 0.75 * radius * out
    place = rng.standard_normal((count, 3))
    place /= np.linalg.norm(place, axis=1, keepdims=True)
    axis = out + 0.3 * rng.standard_normal(3)
    along = np.cross(axis, place)
    turn = np.linspace(-0.6, 0.6, 9)[None, :, None]
    wound = place[:, None] * np.cos(turn) + along[:, None] * np.sin(turn)
    points = middle + radius * rng.uniform(0.85, 1.05, (count, 1, 1)) * wound
    roots = Roots(points[:, 0].astype(np.float32), place.astype(np.float32), _carriers(site, knot, count))
    coil = Strands(points.astype(np.float32), roots.carriers, lock_colours(site, roots, rng), 3.2)
    return _drawn_back(site, knot, coil, "bun", rng)


def _knot(site: HairSite, rng: Generator) -> Array:
    """On the back of the head, from the nape to the crown."""
    elevation = np.radians(rng.uniform(-15, 75))
    return site.skull.points(np.array(np.pi + rng.normal(0, 0.12)), np.array(elevation), 4.0)


def _carriers(site: HairSite, knot: Array, count: int) -> NDArray[np.int64]:
    nearest = np.linalg.norm(site.vertices[: len(site.inside)] - knot, axis=1).argmin()
    return np.full(count, nearest, np.int64)


def _drawn_back(site: HairSite, knot: Array, tail: Strands, kind: str, rng: Generator) -> Hairdo:
    roots = scatter(site, site.scalp_triangles, 1000, rng)
    distance = np.linalg.norm(roots.points - knot, axis=1)
    growth = Growth(
        -away_from(roots.points, knot), length=np.minimum(1.15 * distance, 150), lift=0.05, hold=500.0, weight=0.02,
        clearance=rng.uniform(1.5, 5), curl=0.8, turns=0.8,
    )  # fmt: skip
    return replace(
        bare(site, kind),
        colour=UNDERLAYER * site.colour,
        inside=site.inside,
        edge=float(rng.uniform(3, 6)),
        thickness=(1.5 * ramp(site.inside, 10)).astype(np.float32),
        strands=(grow(site, roots, growth, lock_colours(site, roots, rng), 1.4, rng), tail),
    )
