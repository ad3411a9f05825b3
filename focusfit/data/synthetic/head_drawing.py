"""A picture of everything around a face: head, hair, clothes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ...imaging.kernels.raster import fill_depth
from .clothing import Garment
from .hair.hairdo import Hairdo
from .head import UPRIGHT, HeadAnatomy, HeadShape, place_trunk, trunk_turn
from .head_kernel import CHANNELS, GARMENT, PLACE, SCALP, draw_surface, halve, light_vertices
from .layer import Layer
from .lighting import Lighting
from .openness import lit_vertices
from .posed_face import PosedFace
from .surface import unit_normals
from .tone import BRIGHTEST, developing_table

Array = NDArray[np.float32]

SUPERSAMPLING = 2
SKIN_SHINE = np.float32(0.22)
TABLE = developing_table()
SPAN = 620.0
"""mm that the shadow map covers."""


@dataclass(frozen=True, eq=False)
class HairLayers:
    """What surrounds a face.

    Attributes:
        behind: head, neck, trunk and all hair that is not before the face; to be drawn before the face is.
        front: beard, hair and headwear before the face, farthest first; a beard does not occlude, the rest does.
    """

    behind: Layer
    front: tuple[Layer, ...]


def draw_head(
    anatomy: HeadAnatomy,
    shape: HeadShape,
    hairdo: Hairdo,
    garment: Garment,
    posed: PosedFace,
    lighting: Lighting,
    rng: Generator,
) -> HairLayers:
    """Draw one person's head around the face.

    Args:
        anatomy: of heads.
        shape: the person's head.
        hairdo: hair and headwear.
        garment: what the person wears.
        posed: the face in the scene.
        lighting: of the scene, exposed.
        rng: decides how the trunk is turned.
    """
    head = anatomy.head
    vertices = head.joined(shape.own, posed.vertices)
    vertices = place_trunk(anatomy, vertices, trunk_turn(posed, rng))
    below = garment.below_edge(head.garment, head.mean[:, 0])
    normals = unit_normals(vertices, head.triangles)
    lift = hairdo.thickness + garment.thickness * np.clip(below / 6, 0, 1)
    vertices = np.ascontiguousarray(vertices + lift[:, None] * normals)
    both = np.concatenate([vertices, posed.vertices])

    values = np.empty((anatomy.count, CHANNELS), np.float32)
    values[:, GARMENT], values[:, SCALP], values[:, PLACE:] = below, hairdo.inside, head.mean
    turn = UPRIGHT[:, None] * posed.rotation
    key = np.ones(anatomy.count, np.float32)
    if len(lighting.directions) and lighting.shadow > 0.05:
        key = _lit(both, anatomy, turn.T @ lighting.directions[0])
    normals = unit_normals(vertices, head.triangles) @ turn.T
    light_vertices(
        normals, anatomy.openness, key, shape.skin, lighting.ambient, lighting.directions, lighting.colours,
        np.float32(lighting.shadow), SKIN_SHINE, values,
    )  # fmt: skip

    size = posed.size * SUPERSAMPLING
    centre = [float(value) for value in (posed.centre + 0.5) * SUPERSAMPLING - 0.5]
    focal = float(posed.focal) * SUPERSAMPLING
    placed = np.ascontiguousarray(posed.to_camera(vertices), np.float32)
    index = np.empty((size, size), np.int32)
    depth = np.empty((size, size))
    fill_depth(placed, head.triangles, focal, *centre, index, depth)
    image = np.empty((size, size, 3), np.float32)
    draw_surface(
        placed, values, head.triangles, focal, *centre, index, garment.pattern, np.float32(garment.texels_per_mm),
        np.float32(garment.collar), hairdo.colour, np.float32(hairdo.edge), _speckle(), image,
    )  # fmt: skip
    return HairLayers(_layer(image, index >= 0, posed.size, hairdo.kind), ())


def _lit(vertices: Array, anatomy: HeadAnatomy, direction: Array) -> Array:
    """``(V,)`` share of the key light that reaches the head past itself and the face."""
    middle = np.array([0, -70, -60], np.float32)
    return lit_vertices(vertices - middle, anatomy.triangles, direction, 200, SPAN)[: anatomy.count]


def _layer(image: Array, filled: NDArray[np.bool_], size: int, kind: str) -> Layer:
    colour, cover = np.zeros((size, size, 3), np.float32), np.zeros((size, size), np.float32)
    halve(image, filled, TABLE, np.float32(BRIGHTEST), colour, cover)
    return Layer(kind, colour, cover, np.ones((size, size), np.float32))


@cache
def _speckle() -> NDArray[np.int8]:
    noise = np.random.default_rng(5).standard_normal((256, 256))
    return np.clip(np.rint(32 * noise), -127, 127).astype(np.int8)
