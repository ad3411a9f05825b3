"""Vertex values at pixels, perspective-correct and differentiable."""

from __future__ import annotations

import torch
from torch import Tensor

from .camera import Camera
from .fragments import Fragments


def barycentrics(vertices_camera: Tensor, triangles: Tensor, camera: Camera, fragments: Fragments) -> Tensor:
    """Weights of a triangle's corners at the point that each pixel sees; differentiable in vertices and camera.

    With corners p0, p1, p2 and the pixel's ray (dx, dy, 1) t, the point b0 p0 + b1 p1 + b2 p2 lies on the ray where
    b0 : b1 : b2 = q1 x q2 : q2 x q0 : q0 x q1 for q_i = (x_i - z_i dx, y_i - z_i dy). No division by depth is needed.

    Args:
        vertices_camera: ``(B, V, 3)`` mm in the camera frame.
        triangles: ``(F, 3)`` int64.
        camera: of the batch.
        fragments: of these vertices.

    Returns:
        ``(B, H, W, 3)``, in [0, 1] with sum 1; zero outside the region.
    """
    # double, as in the rasterizer: the weights of a pixel that it called inside are then never negative
    corners = gather_corners(vertices_camera.double(), triangles, fragments)
    x = torch.arange(camera.width, device=corners.device)
    y = torch.arange(camera.height, device=corners.device)
    focal, centre = camera.focal.double()[:, None], camera.centre.double()
    dx = ((x - centre[:, :1]) / focal)[:, None, :, None]
    dy = ((y - centre[:, 1:]) / focal)[:, :, None, None]
    u, v = corners[..., 0] - corners[..., 2] * dx, corners[..., 1] - corners[..., 2] * dy
    areas = torch.roll(u, -1, -1) * torch.roll(v, -2, -1) - torch.roll(v, -1, -1) * torch.roll(u, -2, -1)
    region = fragments.region[..., None]
    total = torch.where(region, areas.sum(-1, keepdim=True), 1.0)
    return torch.where(region, areas / total, 0.0).to(vertices_camera.dtype)


def interpolate(values: Tensor, weights: Tensor, triangles: Tensor, fragments: Fragments) -> Tensor:
    """Vertex ``values (B, V, C)`` weighted to every pixel, ``(B, H, W, C)``; zero outside the region."""
    return (gather_corners(values, triangles, fragments) * weights[..., None]).sum(-2)


def gather_corners(values: Tensor, triangles: Tensor, fragments: Fragments) -> Tensor:
    """``values (B, V, C)`` at the corners of each pixel's triangle, ``(B, H, W, 3, C)``; zero outside the region."""
    region = fragments.region
    batch, row, column = torch.nonzero(region, as_tuple=True)
    corners = triangles[fragments.face_index[region].long()]
    zeros = values.new_zeros(*region.shape, 3, values.shape[-1])
    return zeros.index_put((batch, row, column), values[batch[:, None], corners])
