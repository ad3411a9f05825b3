"""A person's face under a scene's light, as a picture of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .anatomy import Anatomy
from .depth_kernel import fill_nearest
from .eye_shade import eye_openness
from .eyelashes import BUNDLE
from .face_kernel import SURFACE_CHANNELS, gather_surface, light_surface, shrink
from .lighting import Lighting
from .openness import lit_vertices
from .person import Person
from .strand_kernel import draw_strands
from .surface import unit_normals
from .tone import BRIGHTEST, developing_table
from .viewpoint import Viewpoint

Array = NDArray[np.float32]

SUPERSAMPLING = 2

LASH_SHINE = np.float32(0.3)
HEAD_MIDDLE = np.array([0, 20, -60], np.float32)
"""mm; lashes are lit as if they faced away from here."""

TABLE = developing_table()


@dataclass(frozen=True, eq=False)
class FacePicture:
    """The bare face over nothing.

    Attributes:
        colour: ``(S, S, 3)`` sRGB, where ``cover`` is above 0.
        cover: ``(S, S)`` share of each pixel that the face covers, teeth and the inside of the mouth included.
        inside: ``(S, S)`` 0 at the outer edge of the face's surface, 1 some millimetres inwards.
        depth: ``(S, S)`` mm along the camera's axis, infinite where there is no face.
        normals: ``(V, 3)`` unit, the face's own frame.
    """

    colour: Array
    cover: Array
    inside: Array
    depth: Array
    normals: Array


def render_face(
    anatomy: Anatomy, person: Person, vertices: Array, mouth: Array, view: Viewpoint, lighting: Lighting
) -> FacePicture:
    """Draw a face.

    Args:
        anatomy: of the world.
        person: whose skin it is.
        vertices: ``(V, 3)`` mm with expression, model frame.
        mouth: ``(M, 3)`` the mouth's own vertices.
        view: camera and pose.
        lighting: exposed light.
    """
    fine = view.enlarged(SUPERSAMPLING)
    drawn = np.concatenate([vertices, mouth])
    own_normals = unit_normals(drawn, anatomy.drawn_triangles)
    normals = own_normals @ view.turn.T
    placed = np.ascontiguousarray(view.place(drawn))
    key = np.ones(len(drawn), np.float32)
    if len(lighting.directions) and lighting.shadow > 0.05:
        towards = view.turn.T @ lighting.directions[0]
        key = lit_vertices(drawn, anatomy.drawn_triangles, towards)
    openness = anatomy.drawn_openness.copy()
    balls = anatomy.eyeballs
    openness[balls] = eye_openness(drawn[balls], anatomy.landmarks(vertices))
    key[balls] *= openness[balls]

    index = np.empty((fine.size, fine.size), np.int32)
    depth = np.empty((fine.size, fine.size), np.float32)
    centre = [float(value) for value in fine.centre]
    fill_nearest(placed, anatomy.drawn_triangles, float(fine.focal), *centre, index, depth)
    surface = np.empty((fine.size, fine.size, SURFACE_CHANNELS), np.float32)
    gather_surface(
        placed, normals, anatomy.drawn_uv, openness, key, anatomy.drawn_inside,
        anatomy.drawn_triangles, person.texture, float(fine.focal), *centre, index, surface,
    )  # fmt: skip
    image = np.empty((fine.size, fine.size, 3), np.float32)
    pixels_per_mm = fine.focal / float(view.translation[2])
    light_surface(
        surface, index, lighting.ambient, lighting.directions, lighting.colours,
        np.float32(lighting.shadow), np.float32(pixels_per_mm), image,
    )  # fmt: skip
    _draw_lashes(anatomy, person, vertices, fine, lighting, image, depth)
    colour = np.empty((view.size, view.size, 3), np.float32)
    cover, inside, coarse = np.empty((3, view.size, view.size), np.float32)
    shrink(image, index, depth, surface, TABLE, np.float32(BRIGHTEST), colour, cover, inside, coarse)
    return FacePicture(colour, cover, inside, coarse, own_normals[: len(vertices)])


def _draw_lashes(
    anatomy: Anatomy, person: Person, vertices: Array, fine: Viewpoint, lighting: Lighting, image: Array, depth: Array
) -> None:
    """Put a person's lashes into ``image (2 S, 2 S, 3)`` and ``depth``, where nothing is nearer."""
    lashes = person.complexion.eyelashes
    points = anatomy.lash_roots.curves(vertices, lashes.length, lashes.curl)
    count = len(points)
    free = np.full((fine.size // SUPERSAMPLING,) * 2, np.inf, np.float32)
    draw_strands(
        np.argsort(points[:, 1] @ fine.placement[2]), points, np.zeros((count, 3), np.float32),
        np.tile(lashes.colour, (count, 1)), np.float32(BUNDLE), LASH_SHINE, HEAD_MIDDLE, fine.placement,
        fine.translation, np.float32(fine.focal), np.float32(fine.centre[0]), np.float32(fine.centre[1]),
        lighting.ambient, lighting.directions, lighting.colours, np.float32(lighting.shadow), free,
        image, depth, image, depth,
    )  # fmt: skip
