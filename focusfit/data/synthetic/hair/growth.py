"""Growing locks: out of the skin, the way they are combed, down by their weight, never into the head."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ....imaging.kernels.compile import fast
from .hairdo import Strands
from .site import HairSite, Roots

Array = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Growth:
    """How locks grow; every entry is one number, or one per lock.

    Attributes:
        comb: ``(N, 3)`` direction that locks are combed to; need not be of unit length: longer pulls harder.
        length: mm.
        lift: 0 to leave the skin flat, 1 to stand up.
        hold: mm along a lock over which the direction that it was combed to fades.
        weight: pull downwards, 0 for stiff hair, 1 for long hair.
        clearance: mm over the skull at which hair lies.
        curl: mm, radius of curls.
        turns: of a curl per 100 mm.
        steps: points of a curve.
    """

    comb: Array
    length: Array | float
    lift: Array | float = 0.3
    hold: Array | float = 60.0
    weight: Array | float = 0.15
    clearance: Array | float = 4.0
    curl: Array | float = 0.6
    turns: Array | float = 1.0
    steps: int = 12


def grow(site: HairSite, roots: Roots, growth: Growth, colour: Array, width: float, rng: Generator) -> Strands:
    """Locks from their roots.

    Args:
        site: the head.
        roots: where they start.
        growth: how they grow.
        colour: ``(N, 3)`` linear albedo.
        width: mm.
        rng: decides how curls begin.
    """
    count = len(roots.points)
    per_lock = np.empty((count, 7), np.float32)
    settings = (growth.length, growth.lift, growth.hold, growth.weight, growth.clearance, growth.curl, growth.turns)
    for column, value in enumerate(settings):
        per_lock[:, column] = value
    comb = np.broadcast_to(growth.comb, (count, 3)).astype(np.float32)
    # neighbours curl together: the phase runs over the head in waves, with some disorder
    phase = (roots.points @ rng.normal(0, 0.05, 3) + rng.normal(0, 0.9, count)).astype(np.float32)
    points = np.empty((count, growth.steps, 3), np.float32)
    march(roots.points, roots.normals, comb, per_lock, phase, site.skull.centre, site.skull.radii, points)
    return Strands(points, roots.carriers, colour, width)


@fast
def march(roots, normals, comb, per_lock, phase, centre, radii, points):  # type: ignore[no-untyped-def]
    """Fill ``points (N, P, 3)``."""
    steps = points.shape[1]
    path = np.empty((steps, 3), np.float32)
    one = np.float32(1)
    for n in range(points.shape[0]):
        length, lift, hold, weight, clearance, curl, turns = per_lock[n]
        step = length / np.float32(steps - 1)
        cx, cy, cz = comb[n, 0], comb[n, 1], comb[n, 2]
        pull = math.sqrt(cx * cx + cy * cy + cz * cz) + np.float32(1e-6)
        # leave the skin: the combed direction in its plane, lifted off it
        nx, ny, nz = normals[n, 0], normals[n, 1], normals[n, 2]
        along = cx * nx + cy * ny + cz * nz
        dx, dy, dz = (cx - along * nx) / pull, (cy - along * ny) / pull, (cz - along * nz) / pull
        dx, dy, dz = dx * (one - lift) + nx * lift, dy * (one - lift) + ny * lift, dz * (one - lift) + nz * lift
        x, y, z = roots[n, 0], roots[n, 1], roots[n, 2]
        path[0, 0], path[0, 1], path[0, 2] = x, y, z
        for k in range(1, steps):
            t = np.float32(k) / np.float32(steps - 1)
            size = one / math.sqrt(dx * dx + dy * dy + dz * dz + np.float32(1e-12))
            # what the comb did is forgotten with the distance from the root
            held = np.float32(0.35) * math.exp(-step * np.float32(k) / hold)
            dx = dx * size + held * cx
            dy = dy * size + held * cy - weight * step * np.float32(0.066)
            dz = dz * size + held * cz
            size = step / math.sqrt(dx * dx + dy * dy + dz * dz + np.float32(1e-12))
            px, py, pz = x + dx * size, y + dy * size, z + dz * size
            vx, vy, vz = px - centre[0], py - centre[1], pz - centre[2]
            r = math.sqrt(vx * vx + vy * vy + vz * vz) + np.float32(1e-6)
            least = skull_radius(vx, vy / r, vz, radii) + clearance * min(one, np.float32(0.25) + np.float32(2) * t)
            if r < least:
                grow_by = least / r
                px, py, pz = centre[0] + vx * grow_by, centre[1] + vy * grow_by, centre[2] + vz * grow_by
            dx, dy, dz = px - x, py - y, pz - z
            x, y, z = px, py, pz
            path[k, 0], path[k, 1], path[k, 2] = x, y, z
        for k in range(steps):
            # a helix about the path, whose radius grows from the root on
            last, first = min(k + 1, steps - 1), max(k - 1, 0)
            tx, ty, tz = path[last, 0] - path[first, 0], path[last, 1] - path[first, 1], path[last, 2] - path[first, 2]
            size = one / math.sqrt(tx * tx + ty * ty + tz * tz + np.float32(1e-12))
            tx, ty, tz = tx * size, ty * size, tz * size
            ux, uy, uz = ty * nz - tz * ny, tz * nx - tx * nz, tx * ny - ty * nx
            size = one / math.sqrt(ux * ux + uy * uy + uz * uz + np.float32(1e-6))
            ux, uy, uz = ux * size, uy * size, uz * size
            wx, wy, wz = ty * uz - tz * uy, tz * ux - tx * uz, tx * uy - ty * ux
            angle = phase[n] + np.float32(0.0628) * turns * step * np.float32(k)
            amount = curl * min(one, np.float32(3 * k) / np.float32(steps - 1))
            a, b = amount * math.cos(angle), amount * math.sin(angle)
            points[n, k, 0] = path[k, 0] + a * ux + b * wx
            points[n, k, 1] = path[k, 1] + a * uy + b * wy
            points[n, k, 2] = path[k, 2] + a * uz + b * wz


@fast
def skull_radius(x, sine, z, radii):  # type: ignore[no-untyped-def]
    """The table's value, linear between cells; ``sine`` is that of the elevation."""
    rows, columns = radii.shape
    u = (math.atan2(x, z) * np.float32(0.15915494) + np.float32(0.5)) * np.float32(columns) - np.float32(0.5)
    v = (sine + np.float32(1)) * np.float32(0.5) * np.float32(rows) - np.float32(0.5)
    v = min(max(v, np.float32(0)), np.float32(rows) - np.float32(1.001))
    column, row = math.floor(u), math.floor(v)
    fu, fv = u - np.float32(column), v - np.float32(row)
    left, right, top = column % columns, (column + 1) % columns, int(row)
    upper = radii[top, left] * (np.float32(1) - fu) + radii[top, right] * fu
    lower = radii[top + 1, left] * (np.float32(1) - fu) + radii[top + 1, right] * fu
    return upper * (np.float32(1) - fv) + lower * fv
