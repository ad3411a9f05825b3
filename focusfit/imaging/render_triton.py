"""The renderer with its pixels in Triton kernels; vertices go through torch, pixels through one autograd node."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ..constants import constant
from .camera import FLIP
from .normals import vertex_normals_reference
from .rasterize import rasterize
from .rendering import Rendering, Scene
from .rotation import rotation_matrix
from .visibility import visible_in_depth_reference


def render_triton(scene: Scene) -> Rendering:
    """See :func:`focusfit.imaging.render`; differentiable once."""
    camera, triangles = scene.camera, scene.triangles
    turned = _turned(scene.vertices, rotation_matrix(scene.rotation))
    vertices_camera = camera.place_turned(turned, scene.translation)
    vertex_normals = vertex_normals_reference(turned, triangles)
    fragments = rasterize(vertices_camera, triangles, camera, "triton")
    kind = vertices_camera.dtype
    inputs = (vertex_normals, scene.albedo, scene.light, camera.focal, camera.centre)
    image, depth, normals = _Shade.apply(
        triangles, fragments.face_index, vertices_camera, *(t.to(kind) for t in inputs)
    )
    placed, normals_camera = vertices_camera.detach(), vertex_normals.detach() * constant(FLIP, vertex_normals)
    return Rendering(
        image=image,
        region=fragments.region[:, None],
        depth=depth,
        normals=normals,
        face_index=fragments.face_index,
        vertices_camera=placed,
        see_vertices=lambda: visible_in_depth_reference(placed, normals_camera, fragments.depth, camera),
    )


def _turned(vertices: Tensor, matrix: Tensor) -> Tensor:
    """``vertices @ matrix'``, as a sum: matrix products on GPUs are slow at the gradient of nine numbers a face."""
    return (vertices[:, :, None] * matrix[:, None]).sum(-1)


class _Shade(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        triangles: Tensor,
        face_index: Tensor,
        points: Tensor,
        normals: Tensor,
        albedo: Tensor,
        light: Tensor,
        focal: Tensor,
        centre: Tensor,
    ) -> tuple[Tensor, ...]:
        from .triton_kernels.shade import LANES, shade_kernel

        inputs = [t.contiguous() for t in (points, normals, albedo, triangles, light, focal, centre, face_index)]
        batch, height, width = face_index.shape
        image, depth, normal_map = (points.new_empty(batch, channels, height, width) for channels in (3, 1, 3))
        grid = (-(-height * width // LANES), batch)
        shade_kernel[grid](*inputs, image, depth, normal_map, points.shape[1], height, width, LANES=LANES)
        ctx.save_for_backward(*inputs)
        return image, depth, normal_map

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grad_pixels: Tensor) -> tuple[Tensor | None, ...]:
        from .triton_kernels.shade import LANES
        from .triton_kernels.shade_backward import shade_backward_kernel

        points, normals, albedo, _, light, focal, centre, face_index = ctx.saved_tensors
        batch, height, width = face_index.shape
        grads = [torch.zeros_like(t) for t in (points, normals, albedo, light, focal, centre)]
        grid = (-(-height * width // LANES), batch)
        shade_backward_kernel[grid](
            *ctx.saved_tensors, *(g.contiguous() for g in grad_pixels), *grads,
            points.shape[1], height, width, LANES=LANES,
        )  # fmt: skip
        return None, None, *grads
