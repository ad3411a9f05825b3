"""Shadows that an occluder casts on the face and on itself, from the depth maps of both."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from ..layer import Layer
from ..posed_face import PosedFace
from .drawing import Array, Drawing, main_light
from .kernels import blocked_light

REACH = 130.0
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
    for rays, per_pixel in ((towards_light, 3), (sky, 4)):
        rays = np.ascontiguousarray(rays / np.linalg.norm(rays, axis=1, keepdims=True), np.float32)
        out = np.empty_like(receiver)
        centre = face.centre / 2
        blocked_light(
            np.ascontiguousarray(receiver), np.ascontiguousarray(caster), float(face.focal / 2), float(centre[0]),
            float(centre[1]), rays, per_pixel, REACH, float(thickness), out,
        )  # fmt: skip
        dark.append(out)
    loss = share * dark[0] + AMBIENT_SHARE * (1 - share) * dark[1]
    on_itself = _spread(face.size, loss, solid)
    on_face = _spread(face.size, loss, ~solid & (behind < 1e9))
    on_face = on_face * cv2.blur((face.depth < 1e9).astype(np.float32), (3, 3))
    lost = np.clip(0.85 * on_itself, 0, 0.85)[..., None] * np.array([0.94, 1.02, 1.04], np.float32)
    colour = np.clip(drawing.colour * (1 - lost), 0, 1)
    shadow = np.clip(1 - 0.9 * on_face, 0.1, 1)
    return Layer(kind, colour.astype(np.float32), drawing.cover, shadow.astype(np.float32), occludes)


def _spread(size: int, values: Array, where: np.ndarray) -> Array:
    """Half-size ``values`` known at ``where``, smoothed and enlarged; zero far from there."""
    weight = where.astype(np.float32)
    both: Array = np.dstack([values * weight, weight])
    both = cv2.GaussianBlur(both, (0, 0), 1.3 * size / 224)
    both = cv2.resize(both, (size, size), interpolation=cv2.INTER_LINEAR)
    return np.asarray(both[..., 0] / np.maximum(both[..., 1], 0.05), np.float32)
