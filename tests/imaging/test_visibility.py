from __future__ import annotations

import torch

from focusfit.imaging import Camera, rasterize, vertex_normals, vertex_visibility, visible_in_depth
from focusfit.imaging.normals import unit
from focusfit.imaging.visibility import visible_in_depth_reference

from .scenes import HEAD_MM, bumpy_heads, ellipsoid


def test_a_convex_head_shows_what_faces_the_camera() -> None:
    vertices, triangles = ellipsoid(60, 61, torch.float32)
    camera = Camera.for_crop(224)
    still = torch.zeros(1, 3)
    placed = camera.place(vertices[None], still, still)
    normals = unit(vertices / vertices.new_tensor(HEAD_MM) ** 2)[None] * torch.tensor([1.0, -1, -1])
    visible = vertex_visibility(placed, normals, triangles, camera, min_cosine=0.1)
    cosine = -(normals * placed).sum(-1) / placed.norm(dim=-1)
    assert torch.equal(visible, cosine > 0.1)


def test_a_plate_hides_what_is_behind_it_by_more_than_the_tolerance() -> None:
    camera = Camera(torch.tensor([100.0]), torch.tensor([[16.0, 16.0]]), 33, 33)
    plate = torch.tensor([[-50.0, -50, 500], [-50, 50, 500], [50, -50, 500], [50, 50, 500]])
    points = torch.tensor([[0.0, 0, 503], [0, 0, 505], [0, 0, 400], [70, 0, 505], [0, 0, -505], [400, 0, 505]])
    vertices = torch.cat([plate, points])[None]
    towards = torch.tensor([0.0, 0.0, -1.0]).expand_as(vertices)
    triangles = torch.tensor([[0, 1, 2], [2, 1, 3]])
    visible = vertex_visibility(vertices, towards, triangles, camera, tolerance_mm=4.0)[0]
    # within tolerance, hidden, in front, beside the plate, behind the camera, outside the image
    assert visible[4:].tolist() == [True, False, True, True, False, False]
    assert not vertex_visibility(vertices, -towards, triangles, camera).any()


def test_compiled_visibility_is_the_references() -> None:
    scene = bumpy_heads(3, size=64, rows=40, columns=41, dtype=torch.float32)
    camera = scene.camera.scaled(0.5)
    placed = camera.place(scene.vertices, scene.rotation, scene.translation)
    normals = vertex_normals(placed, scene.triangles)
    depth = rasterize(placed, scene.triangles, camera).depth
    fast = visible_in_depth(placed, normals, depth, camera)
    assert 0.1 < fast.float().mean() < 0.6
    assert torch.equal(fast, visible_in_depth_reference(placed, normals, depth, camera))
    assert torch.equal(fast, vertex_visibility(placed, normals, scene.triangles, camera))
