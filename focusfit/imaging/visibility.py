"""Which vertices the camera sees."""

from __future__ import annotations

import torch
from torch import Tensor

from .camera import Camera
from .fragments import NEAR
from .kernels.raster import see_vertices
from .kernels.threads import for_each_image
from .rasterize import rasterize

TOLERANCE_MM = 4.0
"""How far a vertex may lie behind the surface drawn at its pixel and still count as on it."""

MIN_COSINE = 0.1
"""Least cosine between a visible vertex's normal and its line of sight."""


def vertex_visibility(
    vertices_camera: Tensor,
    normals_camera: Tensor,
    triangles: Tensor,
    camera: Camera,
    tolerance_mm: float = TOLERANCE_MM,
    min_cosine: float = MIN_COSINE,
) -> Tensor:
    """Vertices that project into the image, face the camera, and have nothing in front of them.

    Works at the camera's resolution; ``camera.scaled(0.5)`` is enough for most uses and four times faster.

    Args:
        vertices_camera: ``(B, V, 3)`` mm in the camera frame.
        normals_camera: ``(B, V, 3)`` unit normals in the camera frame.
        triangles: ``(F, 3)`` int64, counter-clockwise seen from outside.
        camera: of the batch.
        tolerance_mm: how far behind the surface drawn at its pixel a vertex may lie.
        min_cosine: least cosine between normal and line of sight.

    Returns:
        ``(B, V)`` bool; carries no gradient.
    """
    depth = rasterize(vertices_camera, triangles, camera).depth
    return visible_in_depth(vertices_camera, normals_camera, depth, camera, tolerance_mm, min_cosine)


def visible_in_depth(
    vertices_camera: Tensor,
    normals_camera: Tensor,
    depth: Tensor,
    camera: Camera,
    tolerance_mm: float = TOLERANCE_MM,
    min_cosine: float = MIN_COSINE,
) -> Tensor:
    """:func:`vertex_visibility` where the z-buffer ``depth (B, H, W)`` is already there."""
    if vertices_camera.device.type != "cpu":
        return visible_in_depth_reference(vertices_camera, normals_camera, depth, camera, tolerance_mm, min_cosine)
    visible = torch.empty(vertices_camera.shape[:2], dtype=torch.bool)
    inputs = (vertices_camera, normals_camera, camera.focal, camera.centre, depth)
    arrays = (t.detach().contiguous().numpy() for t in inputs)
    for_each_image(see_vertices, len(visible), *arrays, float(tolerance_mm), float(min_cosine), visible.numpy())
    return visible


@torch.no_grad()
def visible_in_depth_reference(
    vertices_camera: Tensor,
    normals_camera: Tensor,
    depth: Tensor,
    camera: Camera,
    tolerance_mm: float = TOLERANCE_MM,
    min_cosine: float = MIN_COSINE,
) -> Tensor:
    """:func:`visible_in_depth` in plain torch."""
    points, normals = vertices_camera.double(), normals_camera.double()
    z = points[..., 2]
    facing = -(points * normals).sum(-1) > min_cosine * points.norm(dim=-1)
    precise = Camera(camera.focal.double(), camera.centre.double(), camera.height, camera.width)
    column, row = precise.project(points).round().unbind(-1)
    inside = (column >= 0) & (column < camera.width) & (row >= 0) & (row < camera.height)
    pixel = torch.where(inside, row * camera.width + column, torch.zeros_like(row)).long()
    in_front = z <= depth.double().flatten(1).gather(1, pixel) + tolerance_mm
    return (z > NEAR) & facing & inside & in_front
