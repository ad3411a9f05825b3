"""The renderer as compiled loops, images over threads: one autograd node from vertices to pixels."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .camera import DISTANCE
from .kernels.pixels import draw_image
from .kernels.pixels_backward import draw_image_backward
from .kernels.threads import for_each_image
from .rendering import Rendering, Scene
from .rotation import rotation_matrix
from .visibility import MIN_COSINE, TOLERANCE_MM


def render_cpu(scene: Scene) -> Rendering:
    """See :func:`focusfit.imaging.render`; differentiable once."""
    vertices, camera = scene.vertices, scene.camera
    offset = scene.translation + scene.translation.new_tensor([0.0, 0.0, DISTANCE])
    inputs = (vertices, scene.albedo, rotation_matrix(scene.rotation), offset, scene.light, camera.focal, camera.centre)
    image, depth, normals, region, face_index, visible, placed = _Draw.apply(
        scene.triangles, (camera.height, camera.width), *(t.to(vertices.dtype) for t in inputs)
    )
    return Rendering(image, region, depth, normals, face_index, placed, lambda: visible)


class _Draw(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        triangles: Tensor,
        size: tuple[int, int],
        vertices: Tensor,
        albedo: Tensor,
        rotation: Tensor,
        offset: Tensor,
        light: Tensor,
        focal: Tensor,
        centre: Tensor,
    ) -> tuple[Tensor, ...]:
        inputs = [t.contiguous() for t in (vertices, albedo, triangles, rotation, offset, light, focal, centre)]
        vertices, albedo, triangles, rotation, _, light, focal, centre = inputs
        batch, count = vertices.shape[:2]
        turned, placed, normals = (torch.empty_like(vertices) for _ in range(3))
        inverse_length = vertices.new_empty(batch, count)
        face_index = torch.empty(batch, *size, dtype=torch.int32)
        image, depth, normal_map = (vertices.new_empty(batch, channels, *size) for channels in (3, 1, 3))
        region = torch.empty(batch, 1, *size, dtype=torch.bool)
        visible = torch.empty(batch, count, dtype=torch.bool)

        outputs = (turned, placed, normals, inverse_length, face_index, image, depth, normal_map, region, visible)
        for_each_image(draw_image, batch, *_arrays(inputs), TOLERANCE_MM, MIN_COSINE, *_arrays(outputs))

        ctx.save_for_backward(
            vertices, albedo, triangles, rotation, light, focal, centre,
            turned, placed, normals, inverse_length, face_index,
        )  # fmt: skip
        ctx.mark_non_differentiable(region, face_index, visible, placed)
        ctx.set_materialize_grads(False)
        return image, depth, normal_map, region, face_index, visible, placed

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, grad_image: Tensor | None, grad_depth: Tensor | None, grad_normal_map: Tensor | None, *_: None
    ) -> tuple[Tensor | None, ...]:
        vertices, albedo, _, rotation, light, focal, centre, *_, face_index = ctx.saved_tensors
        batch, height, width = face_index.shape
        absent = vertices.new_empty(0, 3, height, width)
        if grad_image is None:
            grad_image = vertices.new_zeros(batch, 3, height, width)
        pixels = [absent if g is None else g.contiguous() for g in (grad_image, grad_depth, grad_normal_map)]
        grads = [torch.empty_like(t) for t in (vertices, albedo, rotation, vertices[:, 0], light, focal, centre)]
        for_each_image(draw_image_backward, batch, *_arrays((*ctx.saved_tensors, *pixels, *grads)))
        return None, None, *grads


def _arrays(tensors: Any) -> list[Any]:
    return [t.detach().numpy() for t in tensors]
