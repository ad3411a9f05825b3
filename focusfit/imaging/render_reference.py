"""The renderer in plain torch, put together from the package's own pieces; any device, any order of derivative."""

from __future__ import annotations

import torch
from torch import Tensor

from ..constants import constant
from .camera import FLIP
from .interpolate import barycentrics, interpolate
from .light import shading
from .normals import unit, vertex_normals_reference
from .rasterize import rasterize
from .rendering import Rendering, Scene
from .rotation import rotation_matrix
from .visibility import visible_in_depth_reference


def render_reference(scene: Scene) -> Rendering:
    """See :func:`focusfit.imaging.render`."""
    camera, triangles = scene.camera, scene.triangles
    vertices_camera = camera.place(scene.vertices, scene.rotation, scene.translation)
    turned = scene.vertices @ rotation_matrix(scene.rotation).transpose(1, 2)
    vertex_normals = vertex_normals_reference(turned, triangles)

    fragments = rasterize(vertices_camera, triangles, camera, "reference")
    weights = barycentrics(vertices_camera, triangles, camera, fragments)
    values = torch.cat([scene.albedo, vertex_normals, vertices_camera[..., 2:]], dim=-1)
    albedo, normals, depth = interpolate(values, weights, triangles, fragments).split([3, 3, 1], dim=-1)
    normals = unit(normals)
    lit = shading(normals.flatten(1, 2), scene.light).view_as(albedo)

    placed, normals_camera = vertices_camera.detach(), vertex_normals.detach() * constant(FLIP, vertex_normals)
    return Rendering(
        image=_planes(albedo * lit),
        region=fragments.region[:, None],
        depth=_planes(depth),
        normals=_planes(normals),
        face_index=fragments.face_index,
        vertices_camera=placed,
        see_vertices=lambda: visible_in_depth_reference(placed, normals_camera, fragments.depth, camera),
    )


def _planes(pixels: Tensor) -> Tensor:
    """``(B, H, W, C)`` to ``(B, C, H, W)``."""
    return pixels.permute(0, 3, 1, 2)
