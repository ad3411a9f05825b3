"""A picture of everything around a face: head, hair, clothes, hats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .clothing import Garment
from .depth_kernel import fill_nearest
from .hair.hairdo import Hairdo, Strands
from .head import UPRIGHT, HeadAnatomy, HeadShape, place_trunk, trunk_turn
from .head_kernel import draw_surface, halve, light_vertices
from .head_surface import Surface, head_surface, joined_surface, moved_with_jaw, piece_surface
from .layer import Layer
from .lighting import Lighting
from .openness import lit_vertices
from .posed_face import PosedFace
from .strand_kernel import draw_strands
from .surface import unit_normals
from .tone import BRIGHTEST, developing_table

Array = NDArray[np.float32]

SUPERSAMPLING = 2
SKIN_SHINE = np.float32(0.22)
TABLE = developing_table()
SHADOW_SPAN, SHADOW_CELLS = 620.0, 176
"""mm that the shadow map covers, and its cells a side."""

SHADOW_MIDDLE = np.array([0, -70, -60], np.float32)
SHADOW_BIAS = 5.0
"""mm that a vertex may lie behind what the light sees there and still be lit."""

LOCKS_SINK = 2.5
"""mm that a lock may lie below the head's surface and still be drawn: it is thicker than a line."""

CONTACT_SHADOW = 0.45
"""Share of the light that hair and hats take from the face just below them."""


@dataclass(frozen=True, eq=False)
class HairLayers:
    """What surrounds a face.

    Attributes:
        behind: head, neck, trunk and all hair that is not before the face; to be drawn before the face is.
        joined: ``(S, S)`` 1 where the head's skin lies close under the face's: there, the face's edge may fade into it.
        front: beard, hair and headwear before the face, farthest first; a beard does not occlude, the rest does.
    """

    behind: Layer
    joined: Array
    front: tuple[Layer, ...]


class _Pictures:
    """What is drawn behind the face and the hair before it, twice as fine as the photo."""

    def __init__(self, posed: PosedFace) -> None:
        self.size = posed.size * SUPERSAMPLING
        self.focal = float(posed.focal) * SUPERSAMPLING
        self.centre = [float(value) for value in (posed.centre + 0.5) * SUPERSAMPLING - 0.5]
        self.index = np.empty((self.size, self.size), np.int32)
        self.behind, self.hair = self._picture(), self.blank()

    def blank(self) -> tuple[Array, Array]:
        """Linear colour, and depth in mm."""
        image, depth = self._picture()
        depth.fill(np.inf)
        return image, depth

    def _picture(self) -> tuple[Array, Array]:
        return np.empty((self.size, self.size, 3), np.float32), np.empty((self.size, self.size), np.float32)


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
    skin = anatomy.head.joined(shape.own, posed.vertices)
    moved = np.concatenate([skin, posed.vertices]) - shape.neutral
    skin = place_trunk(anatomy, skin, trunk_turn(posed, rng))
    surface = _lit_surface(anatomy, shape, hairdo, garment, skin, posed, lighting)

    pictures = _Pictures(posed)
    image, depth = pictures.behind
    placed = np.ascontiguousarray(posed.to_camera(surface.vertices), np.float32)
    fill_nearest(placed, surface.triangles, pictures.focal, *pictures.centre, pictures.index, depth)
    patterns = np.stack([garment.pattern, *(piece.pattern for piece in hairdo.pieces)])
    joined = np.zeros((posed.size, posed.size), np.float32)
    draw_surface(
        placed, surface.values, surface.triangles, surface.part, pictures.focal, *pictures.centre, pictures.index,
        depth, patterns, np.float32(garment.texels_per_mm), np.float32(garment.collar), hairdo.colour,
        np.float32(hairdo.edge), _speckle(), posed.depth, image, *pictures.hair, joined,
    )  # fmt: skip
    depth += np.float32(LOCKS_SINK)
    front = []
    if hairdo.beard:
        beard = pictures.blank()
        _draw_strands(hairdo.beard, hairdo, moved, posed, lighting, pictures, beard)
        front.append(_front(*beard, posed.size, "beard", False))
    _draw_strands(hairdo.strands, hairdo, moved, posed, lighting, pictures, pictures.hair)
    front.append(_front(*pictures.hair, posed.size, hairdo.kind, True))
    colour, cover = _developed(image, depth, posed.size)
    # at the face's outline the rest of a pixel is the face: no background between the two
    cover[(cover > 0) & (posed.depth < np.inf)] = 1
    behind = Layer(hairdo.kind, colour, cover, np.ones_like(cover))
    return HairLayers(behind, joined, tuple(layer for layer in front if layer is not None))


def _lit_surface(
    anatomy: HeadAnatomy,
    shape: HeadShape,
    hairdo: Hairdo,
    garment: Garment,
    skin: Array,
    posed: PosedFace,
    lighting: Lighting,
) -> Surface:
    """Head and headwear with the light on them."""
    turn = UPRIGHT[:, None] * posed.rotation
    head = head_surface(anatomy, hairdo, garment, skin)
    key = np.ones(anatomy.count, np.float32)
    if len(lighting.directions) and lighting.shadow > 0.05:
        both = np.concatenate([head.vertices, posed.vertices]) - SHADOW_MIDDLE
        towards = turn.T @ lighting.directions[0]
        key = lit_vertices(both, anatomy.triangles, towards, SHADOW_CELLS, SHADOW_SPAN, SHADOW_BIAS, anatomy.count)
    _light(head, turn, anatomy.openness, key, shape.skin, SKIN_SHINE, lighting)
    parts = [head]
    for number, piece in enumerate(hairdo.pieces, start=1):
        part = piece_surface(moved_with_jaw(piece, shape.landmarks, posed.landmarks), number)
        count = len(part.vertices)
        open_sky = np.repeat(np.array([1.0, 0.4], np.float32), count // 2)
        _light(part, turn, open_sky, open_sky, np.zeros((count, 3), np.float32), np.float32(piece.shine), lighting)
        parts.append(part)
    return joined_surface(parts)


def _light(
    surface: Surface, turn: Array, openness: Array, key: Array, skin: Array, shine: np.float32, lighting: Lighting
) -> None:
    normals = unit_normals(surface.vertices, surface.triangles) @ turn.T
    light_vertices(
        normals, openness, key, skin, lighting.ambient, lighting.directions, lighting.colours,
        np.float32(lighting.shadow), shine, surface.values,
    )  # fmt: skip


def _draw_strands(
    locks: Sequence[Strands],
    hairdo: Hairdo,
    moved: Array,
    posed: PosedFace,
    lighting: Lighting,
    pictures: _Pictures,
    front: tuple[Array, Array],
) -> None:
    for strands in locks:
        nearest = strands.points[:, strands.points.shape[1] // 3] @ posed.rotation[2]
        draw_strands(
            np.argsort(nearest), strands.points, moved[strands.carriers], strands.colour, np.float32(strands.width),
            np.float32(strands.shine), hairdo.centre, posed.rotation, posed.translation,
            np.float32(pictures.focal), np.float32(pictures.centre[0]), np.float32(pictures.centre[1]),
            lighting.ambient, lighting.directions, lighting.colours, np.float32(lighting.shadow), posed.depth,
            *pictures.behind, *front,
        )  # fmt: skip


def _front(image: Array, depth: Array, size: int, kind: str, occludes: bool) -> Layer | None:
    """What was drawn before the face, with its shadow on it; None if that is nothing."""
    colour, cover = _developed(image, depth, size)
    if not cover.any():
        return None
    reach = max(3, size // 40 * 2 + 1)
    fallen = np.roll(cover, reach // 2, axis=0)
    shadow = 1 - np.float32(CONTACT_SHADOW) * cv2.blur(fallen, (reach, reach))
    return Layer(kind, colour, cover, np.asarray(shadow, np.float32), occludes)


def _developed(image: Array, depth: Array, size: int) -> tuple[Array, Array]:
    colour, cover = np.zeros((size, size, 3), np.float32), np.zeros((size, size), np.float32)
    halve(image, depth, TABLE, np.float32(BRIGHTEST), colour, cover)
    return colour, cover


@cache
def _speckle() -> NDArray[np.int8]:
    noise = np.random.default_rng(5).standard_normal((256, 256))
    return np.clip(np.rint(32 * noise), -127, 127).astype(np.int8)
