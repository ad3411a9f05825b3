"""The rasterizer in plain torch: slow, on any device, written to be checked by eye."""

from __future__ import annotations

import torch
from torch import Tensor

from ..camera import Camera
from ..fragments import MAX_PIXEL, MIN_AREA, NEAR, Fragments


def rasterize_reference(vertices_camera: Tensor, triangles: Tensor, camera: Camera) -> Fragments:
    """See :func:`focusfit.imaging.rasterize`."""
    with torch.no_grad():
        vertices = vertices_camera.double()
        focal, centre = camera.focal.double(), camera.centre.double()
        images = [
            _rasterize_image(v, triangles, f, c, camera.height, camera.width)
            for v, f, c in zip(vertices, focal, centre, strict=True)
        ]
    face_index, depth = (torch.stack(parts) for parts in zip(*images, strict=True))
    return Fragments(face_index, depth.to(vertices_camera.dtype))


def _rasterize_image(
    vertices: Tensor, triangles: Tensor, focal: Tensor, centre: Tensor, height: int, width: int
) -> tuple[Tensor, Tensor]:
    depth = vertices.new_full((height * width,), torch.inf)
    face_index = torch.full((height * width,), -1, dtype=torch.int32, device=vertices.device)

    corners = vertices[triangles.long()]
    pixels = focal * corners[..., :2] / corners[..., 2:] + centre
    faces = torch.nonzero(_drawable(corners, pixels)).squeeze(1)
    face, x, y = _candidates(pixels[faces], faces, height, width)

    # The ray through pixel (x, y) is (dx, dy, 1) t. Moving each corner back along it leaves the problem in a plane:
    # is the origin inside the triangle q0 q1 q2? Front faces run clockwise here, so all three areas are negative.
    ray = torch.stack([(x - centre[0]) / focal, (y - centre[1]) / focal], dim=-1)
    corner = corners[face]
    q = corner[..., :2] - corner[..., 2:] * ray[:, None]
    areas = torch.stack([_cross(q[:, 1], q[:, 2]), _cross(q[:, 2], q[:, 0]), _cross(q[:, 0], q[:, 1])], dim=-1)
    total = areas[:, 0] + areas[:, 1] + areas[:, 2]
    inside = (areas <= 0).all(-1) & (total < 0)

    face, pixel, areas, total = face[inside], (y * width + x)[inside], areas[inside], total[inside]
    z = corners[face, :, 2]
    hit = (areas[:, 0] * z[:, 0] + areas[:, 1] * z[:, 1] + areas[:, 2] * z[:, 2]) / total

    # nearest first; of two equally near, the first triangle
    depth.scatter_reduce_(0, pixel, hit, "amin")
    nearest = hit == depth[pixel]
    winner = torch.full_like(depth, len(triangles), dtype=torch.int64)
    winner.scatter_reduce_(0, pixel[nearest], face[nearest], "amin")
    face_index = torch.where(winner < len(triangles), winner.int(), face_index)
    return face_index.view(height, width), depth.view(height, width)


def _drawable(corners: Tensor, pixels: Tensor) -> Tensor:
    """``(F,)`` bool: whole, in front of the camera and facing it."""
    in_front = (corners[..., 2] > NEAR).all(-1)
    near_by = (pixels.abs() < MAX_PIXEL).flatten(1).all(-1)
    area = _cross(pixels[:, 1] - pixels[:, 0], pixels[:, 2] - pixels[:, 0])
    return in_front & near_by & (area < -MIN_AREA)


def _candidates(pixels: Tensor, faces: Tensor, height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """Every pair of a triangle and a pixel ``x, y`` inside its bounding box."""
    low = torch.ceil(pixels.amin(1) - 1e-6).long().clamp(min=0)
    limit = torch.tensor([width - 1, height - 1], device=pixels.device)
    high = torch.minimum(torch.floor(pixels.amax(1) + 1e-6).long(), limit)
    size = (high - low + 1).clamp(min=0)
    count = size[:, 0] * size[:, 1]
    owner = torch.repeat_interleave(torch.arange(len(faces), device=pixels.device), count)
    rank = torch.arange(len(owner), device=pixels.device) - torch.repeat_interleave(count.cumsum(0) - count, count)
    return faces[owner], low[owner, 0] + rank % size[owner, 0], low[owner, 1] + rank // size[owner, 0]


def _cross(a: Tensor, b: Tensor) -> Tensor:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
