"""Making headwear: surfaces over the skull, and hair pressed down by them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..clothing import PATTERNS, TILE
from ..tone import linear_of_srgb
from .hairdo import Hairdo, Piece
from .long import bob, falling
from .short import combed, cropped
from .site import HairSite
from .thinning import bald

Array = NDArray[np.floating]

COLUMNS = 49
"""Vertices around a hat; the last lies on the first."""


def cloth_pattern(rng: Generator) -> Array:
    """``(TILE, TILE, 3)`` linear albedo of a fabric, plain as a rule."""
    pattern = PATTERNS[rng.choice(len(PATTERNS), p=(0.7, 0.12, 0.08, 0.1))](rng)
    return linear_of_srgb(np.clip(pattern, 0.02, 0.95)).astype(np.float32)


def ribbed(pattern: Array, period: int, depth: float = 0.5) -> Array:
    """The same fabric knitted in ribs."""
    column = np.arange(TILE) * 2 * np.pi / period
    return np.asarray(pattern * (1 - depth * (0.5 + 0.5 * np.cos(column)))[None, :, None], np.float32)


def around() -> Array:
    """``(1, COLUMNS)`` azimuths of a hat, rad; 0 is in front."""
    return np.linspace(-np.pi, np.pi, COLUMNS)[None]


def sheet(points: Array, pattern: Array, texels_per_mm: float = 1.0, shine: float = 0.0) -> Piece:
    """A piece from a grid of points ``(R, C, 3)``; seen from outside, rows go up and columns to the left."""
    rows, columns = points.shape[:2]
    along = np.linalg.norm(np.diff(points, axis=1), axis=2).mean(0)
    up = np.linalg.norm(np.diff(points, axis=0), axis=2).mean(1)
    u, v = np.r_[0, np.cumsum(along)], np.r_[0, np.cumsum(up)]
    uv = np.stack(np.broadcast_arrays(u[None, :], v[:, None]), axis=-1) * texels_per_mm
    corner = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:], corner[1:, :-1]
    triangles = np.stack([a, b, c, a, c, d], axis=-1).reshape(-1, 3)
    return Piece(
        points.reshape(-1, 3).astype(np.float32), triangles, uv.reshape(-1, 2).astype(np.float32),
        np.asarray(pattern, np.float32), shine,
    )  # fmt: skip


def dome(site: HairSite, edge: Array, above: Array | float, rows: int = 12) -> Array:
    """``(rows, COLUMNS, 3)`` points from an edge to the top of the head.

    Args:
        site: the head.
        edge: ``(1, COLUMNS)`` elevation of the edge, rad.
        above: mm over the skull, broadcast to ``(rows, COLUMNS)``.
        rows: of the grid.
    """
    share = np.linspace(0, 1, rows)[:, None]
    elevation = edge + (np.pi / 2 - 0.02 - edge) * share
    height = np.broadcast_to(above, elevation.shape)
    # towards the top, where all columns meet, so do their heights
    height = height + share**4 * (height[-1].mean() - height)
    return site.skull.points(np.broadcast_to(around(), elevation.shape), elevation, height)


def hat_line(site: HairSite, front_mm: float, side_deg: float, back_deg: float) -> Array:
    """``(1, COLUMNS)`` elevations (rad) of a hat's edge.

    Args:
        site: the head.
        front_mm: above the brows in front.
        side_deg: elevation above the ears.
        back_deg: elevation behind.
    """
    brows = site.landmarks[17:27].mean(0) + np.array([0, front_mm, 0]) - site.skull.centre
    front = np.arctan2(brows[1], abs(brows[2]))
    turn = np.abs(around())
    return np.interp(turn, [0, 0.45, np.pi / 2, np.pi], [front, front, np.radians(side_deg), np.radians(back_deg)])


def folds(rng: Generator, rows: int, strength: float) -> Array:
    """``(rows, COLUMNS)`` mm: soft folds that run around and up."""
    turn, up = around(), np.linspace(0, 1, rows)[:, None]
    waves = [np.sin(k * turn + rng.uniform(0, 6) + rng.normal(0, 4) * up) / k**0.5 for k in (2, 3, 5, 7, 11)]
    return np.asarray(strength * sum(waves) / 1.5)


def under_hat(site: HairSite, line: Array, above: float, rng: Generator) -> Hairdo:
    """Hair of some length that a hat presses down.

    Args:
        site: the head.
        line: ``(1, COLUMNS)`` elevations of the hat's edge, rad.
        above: mm between skull and hat.
        rng: the generator.
    """
    styles = (cropped, combed, bob, falling, bald)
    odds = (0.15, 0.2, 0.2, 0.43, 0.02) if site.female else (0.4, 0.35, 0.05, 0.05, 0.15)
    hairdo = styles[rng.choice(len(styles), p=odds)](site, rng)
    limit = 0.6 * above
    place = site.vertices[: len(site.inside)] - site.skull.centre
    covered = _height(place) > _at(line, place) - 0.1
    strands = []
    for lock in hairdo.strands:
        offset = lock.points - site.skull.centre
        radius = np.linalg.norm(offset, axis=2)
        azimuth, height = np.arctan2(offset[..., 0], offset[..., 2]), _height(offset)
        most = site.skull.radius(azimuth, height) + limit
        # just outside the hat's edge hair springs back gradually
        most = most + 40 * np.clip(_at(line, offset) - height - 0.05, 0, None) ** 0.8
        points = site.skull.centre + offset * np.minimum(1, most / radius)[..., None]
        strands.append(replace(lock, points=points.astype(np.float32)))
    thickness = np.where(covered, np.minimum(hairdo.thickness, limit), hairdo.thickness)
    return replace(hairdo, strands=tuple(strands), thickness=thickness.astype(np.float32))


def _height(offset: Array) -> Array:
    """Elevations, rad."""
    return np.arctan2(offset[..., 1], np.hypot(offset[..., 0], offset[..., 2]))


def _at(line: Array, offset: Array) -> Array:
    """The edge's elevation in the directions of points."""
    return np.interp(np.arctan2(offset[..., 0], offset[..., 2]), around()[0], line[0])
