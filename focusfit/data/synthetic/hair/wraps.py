"""What goes all around the face: headscarves, hoods, balaclavas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .dressing import bare, ramp
from .hairdo import Hairdo, Piece
from .headwear import COLUMNS, around, cloth_pattern, folds, sheet
from .site import HairSite

Array = NDArray[np.floating]

SHOULDERS = np.array([185.0, 120.0])
"""mm, half width and half depth of what a cape lies on."""


def headscarf(site: HairSite, rng: Generator) -> Hairdo:
    """Cloth close around the face, over the neck and onto the shoulders."""
    opening = around_face(site, top=rng.uniform(18, 42), side=rng.uniform(-9, 1), bottom=rng.uniform(-6, 10))
    thick, rows = rng.uniform(4, 9), 16
    above = thick + folds(rng, rows, 1.2) * np.linspace(0, 1, rows)[:, None]
    pattern = cloth_pattern(rng)
    pieces = (_on_jaw(sheet(wrap(site, opening, above, rows), pattern)), cape(site, pattern, thick + 4, rng))
    return replace(bare(site, "headscarf"), pieces=pieces, pressed=ears_pressed(site))


def hood(site: HairSite, rng: Generator) -> Hairdo:
    """The hood of a jacket or jumper: it stands off the head and shades the face."""
    opening = around_face(site, top=rng.uniform(30, 62), side=rng.uniform(2, 20), bottom=rng.uniform(15, 45))
    rows = 16
    share = np.linspace(0, 1, rows)[:, None]
    loose = rng.uniform(12, 32)
    upper = np.clip(np.sin(around()) + 0.4, 0, 1.4)
    above = loose * (0.55 + 0.45 * upper) * (0.75 + 0.5 * share) + folds(rng, rows, 2.5)
    pattern = cloth_pattern(rng)
    pieces = (sheet(wrap(site, opening, above, rows), pattern), cape(site, pattern, loose, rng))
    hair = replace(bare(site, "hood"), inside=site.inside, colour=0.6 * site.colour)
    return replace(hair, pressed=ears_pressed(site), thickness=3.0 * ramp(site.inside, 10), pieces=pieces)


def balaclava(site: HairSite, rng: Generator) -> Hairdo:
    """Knitted cloth on the whole head, open around the eyes or around eyes and mouth."""
    low = rng.uniform(-62, -45) if rng.random() < 0.6 else rng.uniform(0, 6)
    opening = around_face(site, top=rng.uniform(2, 22), side=rng.uniform(-22, -6), bottom=low)
    rows = 18
    above = rng.uniform(3, 6) + folds(rng, rows, 0.4) * np.linspace(0, 1, rows)[:, None]
    pattern = cloth_pattern(rng)
    pieces = (_on_jaw(sheet(wrap(site, opening, above, rows), pattern)), cape(site, pattern, 3.0, rng))
    return replace(bare(site, "balaclava"), pieces=pieces, pressed=ears_pressed(site))


def around_face(site: HairSite, top: float, side: float, bottom: float) -> Array:
    """``(4, 3)`` mm: an opening's middle on the subject's left, above, on the right, below.

    Args:
        site: the head.
        top: mm above the brows.
        side: mm beyond the jaw line.
        bottom: mm below the chin.
    """
    p = site.landmarks
    brows, eyes = p[17:27].mean(0), p[36:48].mean(0)
    out = np.array([side, 0, 0.4 * side])
    left, right = p[15] + out, p[1] + out * np.array([-1, 0, 1])
    left[1] = right[1] = eyes[1] - 12
    upper = brows + np.array([0, top, -0.25 * max(top, 0)])
    return np.array([left, upper, right, p[8] + np.array([0, -bottom, -0.4 * bottom])])


def wrap(site: HairSite, opening: Array, above: Array | float, rows: int) -> Array:
    """``(rows, COLUMNS, 3)`` points from an opening in front to the back of the head."""
    centre = site.skull.centre
    middle = (opening[0] + opening[2] + opening[1] + opening[3]) / 4 - centre
    axis = middle / np.linalg.norm(middle)
    right = np.array([1.0, 0, 0])
    up = np.cross(axis, right)
    offset = opening - centre
    reach = np.arccos(np.clip(offset @ axis / np.linalg.norm(offset, axis=1), -1, 1))
    # smooth between the four given directions
    turn = around()
    c, s = np.cos(turn), np.sin(turn)
    sides = np.where(c > 0, reach[0], reach[2])
    ends = np.where(s > 0, reach[1], reach[3])
    start = 1 / np.sqrt((c / sides) ** 2 + (s / ends) ** 2)
    share = np.linspace(1, 0, rows)[:, None]
    away = start + (np.pi - 0.05 - start) * share
    direction = (
        np.cos(away)[..., None] * axis
        + (np.sin(away) * c)[..., None] * right
        + (np.sin(away) * s)[..., None] * up
    )  # fmt: skip
    azimuth = np.arctan2(direction[..., 0], direction[..., 2])
    elevation = np.arcsin(np.clip(direction[..., 1], -1, 1))
    return site.skull.stretched().points(azimuth, elevation, np.broadcast_to(above, (rows, COLUMNS)))


def ears_pressed(site: HairSite) -> Array:
    """``(V, 3)`` mm that bring the ears' vertices onto the skull."""
    count = len(site.inside)
    rows = np.flatnonzero(site.ears > 0.02)
    offset = site.vertices[rows] - site.skull.centre
    flat = np.hypot(offset[:, 0], offset[:, 2])
    aim = site.skull.points(np.arctan2(offset[:, 0], offset[:, 2]), np.arctan2(offset[:, 1], flat), 0.5)
    pressed = np.zeros((count, 3), np.float32)
    pressed[rows] = np.minimum(1, 1.5 * site.ears[rows])[:, None] * (aim - site.vertices[rows])
    return pressed


def _on_jaw(piece: Piece) -> Piece:
    return replace(piece, on_jaw=True)


def cape(site: HairSite, pattern: Array, above: float, rng: Generator) -> Piece:
    """Cloth from under the chin over neck and shoulders."""
    rows = 9
    share = np.linspace(1, 0, rows)[:, None]
    chin = site.landmarks[8]
    elevation = np.arctan2(chin[1] - 4 - site.skull.centre[1], 75.0)
    ring = site.skull.points(around(), np.full((1, COLUMNS), elevation), above)
    ring[..., 1] = np.clip(ring[..., 1], chin[1] - 10, chin[1] + 25)
    ease = share**1.3
    middle = np.array([0, 0, site.skull.centre[2] - 15])
    down = np.full((1, COLUMNS), chin[1] - 165)
    low = middle + np.stack([SHOULDERS[0] * np.sin(around()), down, SHOULDERS[1] * np.cos(around())], axis=-1)
    points = ring + (low - ring) * np.concatenate([ease, share**0.8, ease], axis=1)[:, None]
    bulge = folds(rng, rows, 4.0) * share
    points[..., 0] += bulge * np.sin(around())
    points[..., 2] += bulge * np.cos(around())
    return _on_jaw(sheet(points, pattern))
