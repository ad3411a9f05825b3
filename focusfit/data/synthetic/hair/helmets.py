"""Helmets: open ones for bicycles and building sites, closed ones for motorcycles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..clothing import TILE
from ..occluders.texture import random_colour
from ..tone import linear_of_srgb
from .dressing import bare
from .hairdo import Hairdo, Piece
from .headwear import around, dome, hat_line, sheet, under_hat
from .site import HairSite
from .wraps import around_face, ears_pressed, wrap

Array = NDArray[np.floating]


def open_helmet(site: HairSite, rng: Generator) -> Hairdo:
    """A shell on the upper head, with straps under the chin."""
    line = hat_line(site, rng.uniform(8, 32), rng.uniform(5, 20), rng.uniform(-12, 8))
    thick, rows = rng.uniform(18, 30), 12
    share = np.linspace(0, 1, rows)[:, None]
    pointed = rng.uniform(0, 25) * share * np.abs(np.cos(around()))
    above = thick * np.clip(0.55 + 2 * share, 0, 1) + pointed * (1 - share)
    shell = sheet(dome(site, line, above, rows), _lacquer(rng, rng.random() < 0.5), shine=float(rng.uniform(0.3, 1.5)))
    pieces = [shell]
    if rng.random() < 0.75:
        pieces += [_strap(site, side) for side in (-1, 1)]
    return replace(under_hat(site, line, 10.0, rng), kind="open_helmet", pieces=tuple(pieces))


def closed_helmet(site: HairSite, rng: Generator) -> Hairdo:
    """A shell around the head with a window for the eyes and a bar before the chin."""
    opening = around_face(site, top=rng.uniform(12, 34), side=rng.uniform(0, 8), bottom=rng.uniform(-60, -25))
    rows = 18
    thick = rng.uniform(24, 36)
    share = np.linspace(1, 0, rows)[:, None]
    below = np.clip(-np.sin(around()), 0, 1) ** 2
    bar = rng.uniform(10, 30) * below * (1 - share) ** 2
    shell = sheet(wrap(site, opening, thick + bar, rows), _lacquer(rng, False), shine=float(rng.uniform(0.6, 1.8)))
    padding = np.full((TILE, TILE, 3), rng.uniform(0.01, 0.06))
    lining = sheet(wrap(site, opening, 0.35 * thick + 0.5 * bar, rows), padding)
    return replace(bare(site, "closed_helmet"), pieces=(shell, lining), pressed=ears_pressed(site))


def _lacquer(rng: Generator, vented: bool) -> Array:
    """``(TILE, TILE, 3)`` linear albedo: one colour, with stripes or vents now and then."""
    pattern = np.tile(linear_of_srgb(np.clip(random_colour(rng), 0.03, 0.95)), (TILE, TILE, 1))
    column = np.arange(TILE)
    if vented:
        slot = (np.abs((column % 32) - 16) < 5)[None, :] & ((np.arange(TILE) % 64) < 44)[:, None]
        pattern[slot] = 0.01
    elif rng.random() < 0.5:
        pattern[:, column % 64 < rng.integers(6, 24)] = linear_of_srgb(np.clip(random_colour(rng), 0.03, 0.95))
    return pattern.astype(np.float32)


def _strap(site: HairSite, side: int) -> Piece:
    """A band from before an ear to under the chin."""
    p = site.landmarks
    temple, jaw, chin = (p[16], p[13], p[9]) if side > 0 else (p[0], p[3], p[7])
    out = np.array([side * 3.0, 0, 0])
    start = temple + np.array([side * 5.0, 30, -4])
    below = np.array([(0, -4, 0), (0, -7, -6), (0, -9, -12)])
    path = np.array([start, temple + out, *(np.array([jaw + out, chin, p[8]]) + below)])
    t = np.linspace(0, 4, 13)
    line = np.stack([np.interp(t, np.arange(5), path[:, c]) for c in range(3)], axis=1)
    across = np.array([0, 0, 6.0])
    points = np.stack([line - across, line + across])
    return sheet(points if side > 0 else points[::-1], np.full((TILE, TILE, 3), 0.012))
