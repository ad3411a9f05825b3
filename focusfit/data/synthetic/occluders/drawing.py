"""Drawing meshes in front of a face: fine samples of what is seen, light on them, and the layer they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..posed_face import PosedFace
from .kernels import bounds, put_samples, sample_mesh, shade

Array = NDArray[Any]

FINENESS = 2
"""Samples along each side of a pixel."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """A surface in the camera frame.

    Attributes:
        vertices: ``(V, 3)`` mm, camera frame.
        triangles: ``(F, 3)`` counter-clockwise seen from outside.
        attributes: ``(V, K)`` whatever the material needs at every sample: texture coordinates, colours.
        two_sided: whether the inside is seen too (a sheet rather than a body).
    """

    vertices: Array
    triangles: NDArray[np.int64]
    attributes: Array
    two_sided: bool = False


@dataclass(frozen=True, eq=False)
class Samples:
    """The N pixels where a mesh is seen.

    Attributes:
        window: top, left, height, width in pixels of the part of the frame that they lie in.
        pixel: ``(N,)`` row-major number of the pixel within the window.
        share: ``(N,)`` of the pixel that the mesh fills.
        depth: ``(N,)`` mm along the camera's axis of its nearest part there.
        normals: ``(N, 3)`` unit, viewer's frame.
        attributes: ``(N, K)`` of the mesh, interpolated.
    """

    window: tuple[int, int, int, int]
    pixel: NDArray[np.int64]
    share: Array
    depth: Array
    normals: Array
    attributes: Array

    def __len__(self) -> int:
        return len(self.pixel)


@dataclass(frozen=True, eq=False)
class Drawing:
    """Drawn things before they cast a shadow.

    Attributes:
        colour: ``(S, S, 3)`` lit sRGB.
        cover: ``(S, S)`` opacity.
        depth: ``(S, S)`` mm, infinite where nothing solid is drawn.
    """

    colour: Array
    cover: Array
    depth: Array

    @classmethod
    def empty(cls, size: int) -> Drawing:
        """Nothing."""
        zeros = np.zeros((size, size), np.float32)
        return cls(np.zeros((size, size, 3), np.float32), zeros, np.full((size, size), np.inf, np.float32))


def sample(face: PosedFace, mesh: Mesh, tolerance: float = np.inf) -> Samples:
    """Find what is seen of a mesh.

    Args:
        face: whose camera looks, and which hides what lies behind it.
        mesh: to look at.
        tolerance: mm that a point may lie inside the face and still be drawn (soft things give way); infinite draws
            the mesh whatever the face does.
    """
    top, left, height, width = window = _window(face, mesh.vertices)
    behind = face.depth[top : top + height, left : left + width]
    seen = sample_mesh(
        np.ascontiguousarray(mesh.vertices, np.float32),
        np.ascontiguousarray(mesh.triangles, np.int64),
        np.ascontiguousarray(mesh.attributes, np.float32),
        float(face.focal),
        float(face.centre[0] - left),
        float(face.centre[1] - top),
        np.ascontiguousarray(behind, np.float32),
        float(tolerance),
        mesh.two_sided,
        height,
        width,
        FINENESS,
    )
    return Samples(window, *seen)


def _window(face: PosedFace, vertices: Array) -> tuple[int, int, int, int]:
    """Top, left, height and width of the frame's part that can show ``vertices``."""
    places = bounds(np.ascontiguousarray(vertices, np.float32), face.focal, *(float(c) for c in face.centre))
    left, top, right, bottom = np.clip(places, -2, face.size + 2)
    left, top = max(int(left) - 1, 0), max(int(top) - 1, 0)
    right, bottom = min(int(right) + 2, face.size), min(int(bottom) + 2, face.size)
    return top, left, max(bottom - top, 0), max(right - left, 0)


def lit(face: PosedFace, normals: Array) -> Array:
    """``(N, 3)`` light of the scene on unit ``normals (N, 3)`` of the viewer's frame."""
    out = np.empty_like(normals)
    shade(normals, np.ascontiguousarray(face.light, np.float32), out)
    return out


def main_light(face: PosedFace) -> tuple[Array, float]:
    """Unit direction to the strongest light in the viewer's frame, and its share of all light in [0, 1]."""
    mean = face.light.mean(0)
    direction = np.array([-mean[3], -mean[1], mean[2]], np.float32)  # the linear harmonics are -y, z, -x
    strength = float(np.linalg.norm(direction))
    if strength < 1e-6:
        return np.array([0, 0, 1], np.float32), 0.0
    share = np.clip(1.1 * strength * 0.4886 / max(float(mean[0]) * 0.2821, 1e-6), 0, 0.85)
    return direction / strength, float(share)


def gleam(face: PosedFace, normals: Array, sharpness: float) -> Array:
    """``(N,)`` mirror-like reflection of the main light in [0, 1] (Blinn's half-vector model)."""
    direction, share = main_light(face)
    half = direction + np.array([0, 0, 1], np.float32)
    half = half / np.float32(max(float(np.linalg.norm(half)), 1e-6))
    return np.asarray(share * np.maximum(normals @ half, 0) ** np.float32(sharpness), np.float32)


def resolve(
    face: PosedFace, samples: Samples, colour: Array, opacity: Array | float = 1.0, below: Drawing | None = None
) -> Drawing:
    """Samples put into the frame, in front of what is already drawn.

    Args:
        face: whose frame.
        samples: N of them.
        colour: ``(N, 3)`` lit sRGB.
        opacity: ``(N,)`` in [0, 1], on top of the samples' share of their pixels.
        below: what they stand before; nothing by default.
    """
    if below is None:
        above = Drawing.empty(face.size)
    else:
        above = Drawing(below.colour.copy(), below.cover.copy(), below.depth.copy())
    top, left, height, width = samples.window
    part = (slice(top, top + height), slice(left, left + width))
    put_samples(
        samples.pixel,
        width,
        np.ascontiguousarray(colour, np.float32),
        np.asarray(samples.share * np.asarray(opacity, np.float32), np.float32),
        samples.depth,
        above.colour[part],
        above.cover[part],
        above.depth[part],
    )
    return above
