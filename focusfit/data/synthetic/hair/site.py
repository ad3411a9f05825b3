"""The head that hair grows on and hats sit on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .hairdo import Hairdo
from .site_kernel import measure_triangles, reach_out

Array = NDArray[np.float32]

AZIMUTHS, ELEVATIONS = 64, 40
"""Cells of the table of a skull's radii, around and from below to above."""

WALL = 2
"""Cells by which the table repeats at both sides."""


@dataclass(frozen=True, eq=False)
class Skull:
    """A head as a distance from its middle in every direction: what hair lies on and hats are fitted to.

    Attributes:
        centre: ``(3,)`` mm.
        radii: ``(ELEVATIONS, AZIMUTHS)`` mm; azimuth 0 is behind, the middle column is in front.
    """

    centre: Array
    radii: Array

    @classmethod
    def around(cls, vertices: Array, centre: Array) -> Skull:
        """The smallest such surface around ``vertices (N, 3)``."""
        radii = np.zeros((ELEVATIONS, AZIMUTHS), np.float32)
        reach_out(vertices, np.asarray(centre, np.float32), radii)
        while (radii == 0).any():
            wider = _wrapped(np.asarray(radii, np.float32))
            grown = cv2.dilate(wider, np.ones((3, 3), np.uint8))[WALL:-WALL, WALL:-WALL]
            radii[radii == 0] = grown[radii == 0]
        return cls(centre.astype(np.float32), _smooth(np.asarray(radii, np.float32)))

    def stretched(self) -> Skull:
        """Cloth over this: it spans hollows, as beside the nose and under the brows."""
        grown = cv2.dilate(_wrapped(self.radii), np.ones((3, 5), np.uint8))[WALL:-WALL, WALL:-WALL]
        return Skull(self.centre, _smooth(np.asarray(grown, np.float32)))

    def radius(self, azimuth: NDArray, elevation: NDArray) -> Array:
        """Distances in directions given by azimuth (0 in front, positive to the subject's left) and elevation, rad."""
        x = (azimuth / (2 * np.pi) + 0.5) * AZIMUTHS - 0.5 + WALL
        y = (np.sin(elevation) + 1) / 2 * ELEVATIONS - 0.5 + WALL
        shape = np.broadcast_shapes(x.shape, y.shape)
        columns, rows = (np.broadcast_to(v, shape).astype(np.float32).reshape(-1, 1) for v in (x, y))
        found = cv2.remap(_wrapped(self.radii), columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found, np.float32).reshape(shape)

    def points(self, azimuth: NDArray, elevation: NDArray, above: NDArray | float) -> Array:
        """``(..., 3)`` mm: points ``above`` mm over the skull in directions given in radians."""
        radius = self.radius(azimuth, elevation) + above
        flat = np.cos(elevation)
        x, y, z = np.sin(azimuth) * flat, np.sin(elevation) + 0 * azimuth, np.cos(azimuth) * flat
        return np.asarray(self.centre + np.stack([x, y, z], axis=-1) * radius[..., None], np.float32)


def _smooth(radii: Array) -> Array:
    """Blurred; around the poles, where cells are narrow, the same in all directions."""
    smooth = np.asarray(cv2.blur(_wrapped(radii), (3, 3))[WALL:-WALL, WALL:-WALL], np.float32)
    for row, share in ((0, 1.0), (1, 0.6), (2, 0.3), (-1, 1.0), (-2, 0.6), (-3, 0.3)):
        smooth[row] += np.float32(share) * (smooth[row].mean() - smooth[row])
    return smooth


def _wrapped(radii: Array) -> Array:
    padded = cv2.copyMakeBorder(radii, 0, 0, WALL, WALL, cv2.BORDER_WRAP)
    return np.asarray(cv2.copyMakeBorder(padded, WALL, WALL, 0, 0, cv2.BORDER_REPLICATE), np.float32)


@dataclass(frozen=True, eq=False)
class HairSite:
    """A person's head, bare; its vertices are the head's, then the face's.

    Attributes:
        vertices: ``(V + N, 3)`` mm, neutral face.
        normals: ``(V + N, 3)`` unit.
        scalp_triangles: ``(S, 3)`` those under a full head of hair.
        beard_triangles: ``(B, 3)`` those of the face where a beard may grow.
        inside: ``(V,)`` about mm inside a full hairline, for the head's vertices.
        beard: ``(V + N,)`` how densely a beard may grow, 0 to 1.
        ears: ``(V,)`` 1 on the ears.
        landmarks: ``(68, 3)`` mm, iBUG points.
        skull: without ears.
        colour: ``(3,)`` linear albedo of the person's hair.
        female: sex as it shows.
        age: years.
        beard_density: of the hair that is painted on the skin, 0 for none.
    """

    vertices: Array
    normals: Array
    scalp_triangles: NDArray[np.int64]
    beard_triangles: NDArray[np.int64]
    inside: Array
    beard: Array
    ears: Array
    landmarks: Array
    skull: Skull
    colour: Array
    female: bool
    age: float
    beard_density: float


HairPainter = Callable[[HairSite, Generator], Hairdo]
"""A style: gives a head its hair; equal generators give equal hair."""


@dataclass(frozen=True, eq=False)
class Roots:
    """Where locks grow.

    Attributes:
        points: ``(N, 3)`` mm.
        normals: ``(N, 3)`` unit.
        carriers: ``(N,)`` vertices nearby.
    """

    points: Array
    normals: Array
    carriers: NDArray[np.int64]

    def kept(self, chosen: NDArray[np.bool_]) -> Roots:
        """Some of them."""
        return Roots(self.points[chosen], self.normals[chosen], self.carriers[chosen])


def scatter(site: HairSite, triangles: NDArray[np.int64], count: int, rng: Generator) -> Roots:
    """``count`` roots, evenly over the given triangles."""
    area = np.empty(len(triangles), np.float32)
    measure_triangles(site.vertices, triangles, area)
    chosen = np.searchsorted(np.cumsum(area) / area.sum(), (np.arange(count) + rng.random(count)) / count)
    chosen = np.minimum(chosen, len(triangles) - 1)
    a, b = rng.random((2, count)).astype(np.float32)
    fold = a + b > 1
    a, b = np.where(fold, 1 - a, a), np.where(fold, 1 - b, b)
    weights = np.stack([1 - a - b, a, b], axis=1)[..., None]
    rows = triangles[chosen]
    normals = (site.normals[rows] * weights).sum(1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
    return Roots((site.vertices[rows] * weights).sum(1), normals, rows[:, 0])
