"""Hats: beanies, caps with a peak, brimmed hats, headbands, turbans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .dressing import bare
from .hairdo import Hairdo
from .headwear import around, cloth_pattern, dome, folds, hat_line, ribbed, sheet, under_hat
from .site import HairSite

Array = NDArray[np.floating]


def beanie(site: HairSite, rng: Generator) -> Hairdo:
    """A knitted cap, at times with a cuff, drawn down to the brows or worn high."""
    line = hat_line(site, rng.uniform(-2, 38), rng.uniform(-14, 14), rng.uniform(-28, 0))
    thick, rows = rng.uniform(4, 9), 14
    share = np.linspace(0, 1, rows)[:, None]
    slack = rng.uniform(0, 35) * share**3 * (0.6 - 0.4 * np.cos(around()))
    above = thick * np.clip(share * 8 + 0.5, 0, 1) + slack + folds(rng, rows, 0.8)
    pattern = cloth_pattern(rng)
    knitted = ribbed(pattern, int(rng.choice((4, 8, 16))), rng.uniform(0.1, 0.45))
    pieces = [sheet(dome(site, line, above, rows), knitted)]
    if rng.random() < 0.6:
        wide = np.radians(rng.uniform(18, 34))
        up = line + wide * np.linspace(-0.04, 1, 6)[:, None]
        shell = thick + 3.5 * np.array([0.2, 0.9, 1, 1, 0.9, 0.1])[:, None]
        cuff = ribbed(pattern if rng.random() < 0.8 else cloth_pattern(rng), 8, 0.4)
        pieces.append(sheet(site.skull.points(np.broadcast_to(around(), up.shape), up, shell), cuff))
    return replace(under_hat(site, line, thick, rng), kind="beanie", pieces=tuple(pieces))


def cap(site: HairSite, rng: Generator) -> Hairdo:
    """A cap with a peak, worn forwards or, now and then, backwards."""
    line = hat_line(site, rng.uniform(12, 34), rng.uniform(8, 20), rng.uniform(-8, 10))
    thick, rows = rng.uniform(5, 9), 12
    share = np.linspace(0, 1, rows)[:, None]
    backwards = rng.random() < 0.12
    facing = -1.0 if backwards else 1.0
    crown_height = rng.uniform(0, 16) * share * (1 - share) * 4 * (0.5 + 0.5 * facing * np.cos(around()))
    pattern = cloth_pattern(rng)
    crown = dome(site, line, thick + crown_height, rows)
    peak_pattern = pattern if rng.random() < 0.7 else cloth_pattern(rng)
    peak = _peak(site, line, thick, backwards, rng)
    pieces = (sheet(crown, pattern), sheet(peak, peak_pattern))
    return replace(under_hat(site, line, thick, rng), kind="cap", pieces=pieces)


def _peak(site: HairSite, line: Array, above: float, backwards: bool, rng: Generator) -> Array:
    """``(R, C, 3)`` a curved board that leaves the cap's edge."""
    half, reach = np.radians(rng.uniform(52, 68)), rng.uniform(55, 75)
    turn = np.linspace(-half, half, 21)[None]
    azimuth = turn + (np.pi if backwards else 0.0)
    wrapped = (azimuth + np.pi) % (2 * np.pi) - np.pi
    elevation = np.interp(wrapped, around()[0], line[0])
    out = np.linspace(1, 0, 6)[:, None]
    start = site.skull.points(azimuth, elevation, above)
    shape = np.cos(np.clip(turn / half, -1, 1) * np.pi / 2) ** 0.6
    slope, bow = np.radians(rng.uniform(5, 28)), rng.uniform(4, 16)
    forward = -1.0 if backwards else 1.0
    step = reach * shape * out
    x = 0.35 * np.sin(azimuth) * step
    y = -np.sin(slope) * step - bow * (turn / half) ** 2 * out + 2.0
    z = forward * np.cos(slope) * step
    return start + np.stack(np.broadcast_arrays(x, y, z), axis=-1)


def brimmed(site: HairSite, rng: Generator) -> Hairdo:
    """A sun hat, a fedora, a cowboy's hat."""
    line = hat_line(site, rng.uniform(14, 36), rng.uniform(8, 18), rng.uniform(-5, 12))
    thick, rows = rng.uniform(5, 8), 12
    share = np.linspace(0, 1, rows)[:, None]
    tall = rng.uniform(5, 35) * share
    pattern = cloth_pattern(rng)
    crown = dome(site, line, thick + tall, rows)
    out = np.linspace(1, 0, 7)[:, None]
    wide, droop, rolled = rng.uniform(35, 105), rng.uniform(-0.1, 0.5), rng.uniform(0, 0.5)
    start = site.skull.points(around(), line, thick)
    step = wide * out
    side = np.sin(around()) ** 2
    y = -droop * step + rolled * side * step * out + folds(rng, 7, 2.0) * out
    x, z = np.sin(around()) * step * (1 - 0.35 * rolled * side), np.cos(around()) * step
    brim = start + np.stack(np.broadcast_arrays(x, y, z), axis=-1)
    band = line + np.radians(14) * np.linspace(0, 1, 4)[:, None]
    ribbon = site.skull.points(np.broadcast_to(around(), band.shape), band, thick + 1.5 + tall.max() * 0.1)
    pieces = (sheet(crown, pattern), sheet(brim, pattern), sheet(ribbon, cloth_pattern(rng)))
    return replace(under_hat(site, line, thick, rng), kind="brimmed", pieces=pieces)


def headband(site: HairSite, rng: Generator) -> Hairdo:
    """A band around the head, over the hair."""
    line = hat_line(site, rng.uniform(5, 35), rng.uniform(5, 25), rng.uniform(-20, 5))
    wide, thick = np.radians(rng.uniform(10, 28)), rng.uniform(3, 6)
    up = line + wide * np.linspace(0, 1, 5)[:, None]
    above = thick + np.array([0, 1.5, 2, 1.5, 0])[:, None] + folds(rng, 5, 0.4)
    band = sheet(site.skull.points(np.broadcast_to(around(), up.shape), up, above), cloth_pattern(rng))
    return replace(under_hat(site, line, thick, rng), kind="headband", pieces=(band,))


def turban(site: HairSite, rng: Generator) -> Hairdo:
    """Cloth wound around the head in thick folds."""
    line = hat_line(site, rng.uniform(5, 30), rng.uniform(-8, 10), rng.uniform(-25, -5))
    rows = 26
    share = np.linspace(0, 1, rows)[:, None]
    rising = 0.5 * np.abs(around()) * rng.choice((-1, 1)) + rng.uniform(4, 8) * np.pi * share
    bulk = rng.uniform(10, 32) * np.sin(np.pi * np.clip(0.12 + 0.88 * share, 0, 1)) ** 0.7
    above = 4 + bulk + 3.0 * np.abs(np.sin(rising)) * (1 - share**4)
    pattern = cloth_pattern(rng)
    hairdo = replace(bare(site, "turban"), inside=site.inside, colour=0.5 * site.colour)
    return replace(hairdo, pieces=(sheet(dome(site, line, above, rows), pattern),))
