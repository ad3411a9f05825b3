"""Drawing meshes in front of a face: fine samples of what is seen, light on them, and the layer they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..posed_face import PosedFace
from .kernels import average_samples, sample_mesh, shade

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
    """The N places where a mesh is seen, ``FINENESS ** 2`` to a pixel.

    Attributes:
        window: top, left, height, width in pixels of the part of the frame that they lie in.
        pixel: ``(N,)`` row-major number of the fine pixel within the window.
        depth: ``(N,)`` mm along the camera's axis.
        normals: ``(N, 3)`` unit, viewer's frame.
        attributes: ``(N, K)`` of the mesh, interpolated.
    """

    window: tuple[int, int, int, int]
    pixel: NDArray[np.int64]
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

    def over(self, below: Drawing) -> Drawing:
        """This drawing in front of another one."""
        through = below.cover * (1 - self.cover)
        cover = self.cover + through
        colour = self.colour * self.cover[..., None] + below.colour * through[..., None]
        return Drawing(
            colour / np.maximum(cover, 1e-6)[..., None], cover, np.minimum(self.depth, below.depth)
        )

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
    k = FINENESS
    behind = face.depth[top : top + height, left : left + width]
    fine_behind = np.repeat(np.repeat(behind, k, axis=0), k, axis=1)
    pixel, depth, normals, attributes = sample_mesh(
        np.ascontiguousarray(mesh.vertices, np.float32),
        np.ascontiguousarray(mesh.triangles, np.int64),
        np.ascontiguousarray(mesh.attributes, np.float32),
        float(face.focal * k),
        float((face.centre[0] - left + 0.5) * k - 0.5),
        float((face.centre[1] - top + 0.5) * k - 0.5),
        np.ascontiguousarray(fine_behind, np.float32),
        float(tolerance),
        mesh.two_sided,
        height * k,
        width * k,
    )
    return Samples(window, pixel, depth, normals, attributes)


def _window(face: PosedFace, vertices: Array) -> tuple[int, int, int, int]:
    """Top, left, height and width of the frame's part that can show ``vertices``."""
    ahead = vertices[vertices[:, 2] > 1]
    if len(ahead) == 0:
        return 0, 0, 0, 0
    pixels = face.project(ahead)
    low = np.clip(np.floor(pixels.min(0)) - 1, 0, face.size).astype(int)
    high = np.clip(np.ceil(pixels.max(0)) + 2, 0, face.size).astype(int)
    width, height = np.maximum(high - low, 0)
    return int(low[1]), int(low[0]), int(height), int(width)


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
    half = half / max(float(np.linalg.norm(half)), 1e-6)
    return np.asarray(share * np.clip(normals @ half, 0, 1) ** sharpness, np.float32)


def resolve(face: PosedFace, samples: Samples, colour: Array, opacity: Array | float = 1.0) -> Drawing:
    """Lit sample colours ``(N, 3)`` and opacities ``(N,)`` as a drawing over the whole frame."""
    drawing = Drawing.empty(face.size)
    top, left, height, width = samples.window
    part = (slice(top, top + height), slice(left, left + width))
    alpha = np.broadcast_to(np.asarray(opacity, np.float32), len(samples))
    average_samples(
        samples.pixel,
        np.ascontiguousarray(np.clip(colour, 0, 1), np.float32),
        np.ascontiguousarray(np.clip(alpha, 0, 1)),
        samples.depth,
        width * FINENESS,
        FINENESS,
        drawing.colour[part],
        drawing.cover[part],
        drawing.depth[part],
    )
    return drawing
