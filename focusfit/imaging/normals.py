"""Unit vertex normals."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .kernels.normals import MIN_SQUARED_LENGTH, normals_of_image, normals_of_image_backward
from .kernels.threads import for_each_image


def vertex_normals(vertices: Tensor, triangles: Tensor) -> Tensor:
    """Area-weighted mean of the adjoining triangles' normals, at unit length; differentiable.

    On the CPU a compiled loop (differentiable once); elsewhere :func:`vertex_normals_reference`.

    Args:
        vertices: ``(B, V, 3)`` in any right-handed frame.
        triangles: ``(F, 3)`` int64, counter-clockwise seen from outside.

    Returns:
        ``(B, V, 3)`` pointing out; zero where no triangle with area adjoins.
    """
    if vertices.device.type != "cpu":
        return vertex_normals_reference(vertices, triangles)
    return _VertexNormals.apply(vertices, triangles)


def vertex_normals_reference(vertices: Tensor, triangles: Tensor) -> Tensor:
    """The same in plain torch."""
    # one by one: the gradient of index_select is an addition, that of an index by a matrix a sort
    a, b, c = (vertices.index_select(1, triangles[:, corner]) for corner in range(3))
    face_normals = torch.linalg.cross(b - a, c - a)
    sums = torch.zeros_like(vertices)
    for corner in range(3):
        sums = sums.index_add(1, triangles[:, corner], face_normals)
    return unit(sums)


def unit(vectors: Tensor) -> Tensor:
    """``(..., 3)`` divided by their length; finite in value and gradient for zero vectors too."""
    squared = (vectors * vectors).sum(-1, keepdim=True)
    return vectors * squared.clamp(min=MIN_SQUARED_LENGTH).rsqrt()


class _VertexNormals(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, vertices: Tensor, triangles: Tensor) -> Tensor:
        vertices = vertices.contiguous()
        normals, inverse_length = torch.empty_like(vertices), torch.empty_like(vertices[..., 0])
        arrays = (t.detach().numpy() for t in (vertices, triangles.contiguous(), normals, inverse_length))
        for_each_image(normals_of_image, len(vertices), *arrays)
        ctx.save_for_backward(vertices, triangles, normals, inverse_length)
        return normals

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_normals: Tensor) -> tuple[Tensor, None]:
        vertices, triangles, normals, inverse_length = ctx.saved_tensors
        grad_vertices = torch.zeros_like(vertices)
        scratch = grad_normals.clone(memory_format=torch.contiguous_format)
        tensors = (vertices, triangles.contiguous(), normals, inverse_length, scratch, grad_vertices)
        arrays = (t.detach().numpy() for t in tensors)
        for_each_image(normals_of_image_backward, len(vertices), *arrays)
        return grad_vertices, None
