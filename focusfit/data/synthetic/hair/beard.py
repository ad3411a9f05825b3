"""Beards that stand off the skin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from .dressing import DOWN, FORWARD, lock_colours
from .growth import Growth, grow
from .hairdo import Hairdo, Strands
from .site import HairSite, Roots, scatter


def with_beard(hairdo: Hairdo, site: HairSite, rng: Generator) -> Hairdo:
    """Give a bearded man's beard its length; other people keep what they have.

    The beard belongs to the face: as people label photos, what it covers of the skin stays visible face, while its
    ragged edge beyond the skin is no part of it.
    """
    if site.female or site.beard_density < 0.22 or rng.random() < 0.45:
        return hairdo
    return replace(hairdo, beard=full_beard(site, rng))


def full_beard(site: HairSite, rng: Generator) -> tuple[Strands, ...]:
    """From a centimetre to the chest, with or without a moustache's longer hair."""
    length = float(np.exp(rng.uniform(np.log(7), np.log(70))))
    roots = scatter(site, site.beard_triangles, 1100, rng)
    mouth = site.landmarks[48:68].mean(0)
    dense = rng.random(len(roots.points)) < 1.2 * site.beard[roots.carriers]
    roots = roots.kept(dense)
    below = np.clip((mouth[1] + 8 - roots.points[:, 1]) / 40, 0, 1)
    moustache = (roots.points[:, 1] > mouth[1]) & (np.abs(roots.points[:, 0]) < 24)
    side = np.sign(roots.points[:, 0])
    comb = 0.9 * DOWN + 0.35 * FORWARD * below[:, None] + 0.12 * rng.standard_normal((len(below), 3))
    comb = np.where(moustache[:, None], np.stack([side, -0.45 + 0 * side, 0.15 + 0 * side], axis=1), comb)
    own = np.where(moustache, min(0.6 * length, 16), length * (0.3 + 0.8 * below)) * rng.uniform(0.6, 1.15, len(below))
    growth = Growth(
        comb, length=np.maximum(own, 4), lift=0.35, hold=80.0, weight=0.25, clearance=rng.uniform(1, 5, len(below)),
        curl=rng.uniform(0.6, 2.0), turns=rng.uniform(2, 5), steps=9,
    )  # fmt: skip
    return (grow(site, roots, growth, lock_colours(site, _coarse(roots), rng, 0.25), 1.1, rng),)


def _coarse(roots: Roots) -> Roots:
    return replace(roots, points=0.5 * roots.points)
