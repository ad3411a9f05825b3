"""Shadows that an occluder casts on the face and on itself, from the depth maps of both."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from ..layer import Layer
from ..posed_face import PosedFace
from .drawing import Drawing, main_light
from .shadow_kernels import blocked_light, shade_by_loss

LAMP_REACH, SKY_REACH = 120.0, 60.0
"""How far (mm) a surface looks for things in its light."""

AMBIENT_SHARE = 0.75
"""How much of the unlit sky's share a fully enclosed place loses; the rest is light bounced between skin and skin."""


def cast(
    face: PosedFace, drawing: Drawing, rng: Generator, kind: str, thickness: float = 30.0, occludes: bool = True
) -> Layer:
    """The finished layer: a drawing with its shadow on the face and, where it is solid, on itself.

    Rays march from every second pixel through the drawing's depth map towards the main light (a cone, for soft edges)
    and over the hemisphere before the surface (for the darkness of contact).

    Args:
        face: what the shadow falls on.
        drawing: what casts it.
        rng: jitters the rays.
        kind: the layer's.
        thickness: mm that the drawn things are thick along the line of sight.
        occludes: the layer's.
    """
    caster = drawing.depth[::2, ::2]
    behind = np.minimum(face.depth[::2, ::2], 1e10).astype(np.float32)
    direct, share = main_light(face)
    solid = caster < 1e9
    receiver = np.where(solid, caster, behind)
    flip = np.array([1, -1, -1], np.float32)  # the viewer's frame to the camera's
    towards_light = (direct + 0.22 * rng.standard_normal((27, 3))) * flip
    sky = rng.standard_normal((36, 3)) * (1.0, 1.0, 0.6) + (0, 0, -0.55)
    sky[:, 2] = -np.abs(sky[:, 2])
    dark = []
    for rays, per_pixel, reach in ((towards_light, 3, LAMP_REACH), (sky, 4, SKY_REACH)):
        rays = np.ascontiguousarray(rays / np.linalg.norm(rays, axis=1, keepdims=True), np.float32)
        out = np.empty_like(receiver)
        centre = face.centre / 2
        blocked_light(
            np.ascontiguousarray(receiver), np.ascontiguousarray(caster), float(face.focal / 2), float(centre[0]),
            float(centre[1]), rays, per_pixel, reach, float(thickness), out,
        )  # fmt: skip
        dark.append(out)
    loss = share * dark[0] + AMBIENT_SHARE * (1 - share) * dark[1]
    on_itself, on_face = solid.astype(np.float32), (~solid & (behind < 1e9)).astype(np.float32)
    weighted = cv2.merge([loss * on_itself, on_itself, loss * on_face, on_face])
    smooth = cv2.GaussianBlur(weighted, (0, 0), 1.3 * face.size / 224)
    colour, shadow = np.clip(drawing.colour, 0, 1, dtype=np.float32), np.empty((face.size, face.size), np.float32)
    depth = np.ascontiguousarray(face.depth, np.float32)
    shade_by_loss(smooth, np.float32(0.85), np.float32(0.9), depth, drawing.cover, colour, shadow)
    cover = np.clip(drawing.cover, 0, 1, dtype=np.float32)
    return Layer(kind, np.maximum(colour, 0), cover, shadow, occludes)
