"""A person's face under a scene's light, as a picture of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .anatomy import Anatomy
from .depth_kernel import fill_nearest
from .face_kernel import SURFACE_CHANNELS, gather_surface, light_surface, shrink
from .lighting import Lighting
from .openness import lit_vertices
from .person import Person
from .surface import unit_normals
from .tone import BRIGHTEST, developing_table
from .viewpoint import Viewpoint

Array = NDArray[np.float32]

SUPERSAMPLING = 2

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

    index = np.empty((fine.size, fine.size), np.int32)
    depth = np.empty((fine.size, fine.size), np.float32)
    centre = [float(value) for value in fine.centre]
    fill_nearest(placed, anatomy.drawn_triangles, float(fine.focal), *centre, index, depth)
    surface = np.empty((fine.size, fine.size, SURFACE_CHANNELS), np.float32)
    gather_surface(
        placed, normals, anatomy.drawn_uv, anatomy.drawn_openness, key, anatomy.drawn_inside,
        anatomy.drawn_triangles, person.texture, float(fine.focal), *centre, index, surface,
    )  # fmt: skip
    image = np.empty((fine.size, fine.size, 3), np.float32)
    pixels_per_mm = fine.focal / float(view.translation[2])
    light_surface(
        surface, index, lighting.ambient, lighting.directions, lighting.colours,
        np.float32(lighting.shadow), np.float32(pixels_per_mm), image,
    )  # fmt: skip
    colour = np.empty((view.size, view.size, 3), np.float32)
    cover, inside, coarse = np.empty((3, view.size, view.size), np.float32)
    shrink(image, index, depth, surface, TABLE, np.float32(BRIGHTEST), colour, cover, inside, coarse)
    return FacePicture(colour, cover, inside, coarse, own_normals[: len(vertices)])
