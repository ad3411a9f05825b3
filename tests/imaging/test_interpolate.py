from __future__ import annotations

import torch

from focusfit.imaging import Camera, barycentrics, interpolate, rasterize

from .scenes import bumpy_heads


def test_interpolation_is_perspective_correct() -> None:
    # a wall that recedes to the right: a pixel's ray x = u z meets the plane x = a + b z at z = a / (u - b)
    a, b = -40.0, 0.5
    depths = torch.tensor([80.0, 80.0, 800.0, 800.0], dtype=torch.float64)
    heights = torch.tensor([-200.0, 200.0, -200.0, 200.0], dtype=torch.float64)
    vertices = torch.stack([a + b * depths, heights, depths], -1)[None]
    triangles = torch.tensor([[0, 1, 2], [2, 1, 3]])
    camera = Camera(torch.tensor([40.0]).double(), torch.tensor([[10.0, 5.0]]).double(), 11, 40)
    fragments = rasterize(vertices, triangles, camera)
    weights = barycentrics(vertices, triangles, camera, fragments)
    region = fragments.region
    assert region.sum() > 100

    u = ((torch.arange(40, dtype=torch.float64) - 10) / 40).expand(1, 11, 40)
    v = ((torch.arange(11, dtype=torch.float64) - 5) / 40)[None, :, None].expand(1, 11, 40)
    z = a / (u - b)
    expected = torch.stack([u * z, v * z, z], -1)
    torch.testing.assert_close(interpolate(vertices, weights, triangles, fragments)[region], expected[region])
    torch.testing.assert_close(fragments.depth[region], z[region])
    # and differs from interpolation in the image plane, or this would prove little
    assert (u[region].diff() / z[region].diff()).std() > 1e-6


def test_weights_are_convex_inside_and_zero_outside() -> None:
    scene = bumpy_heads(2, size=40, dtype=torch.float32)
    placed = scene.camera.place(scene.vertices, scene.rotation, scene.translation)
    fragments = rasterize(placed, scene.triangles, scene.camera)
    weights = barycentrics(placed, scene.triangles, scene.camera, fragments)
    assert (weights >= 0).all()
    torch.testing.assert_close(weights.sum(-1), fragments.region.float())


def test_barycentrics_gradcheck() -> None:
    scene = bumpy_heads(1, size=9, rows=4, columns=5)
    placed = scene.camera.place(scene.vertices, scene.rotation, scene.translation)
    fragments = rasterize(placed, scene.triangles, scene.camera)

    def weights(points: torch.Tensor, focal: torch.Tensor, centre: torch.Tensor) -> torch.Tensor:
        return barycentrics(points, scene.triangles, Camera(focal, centre, 9, 9), fragments)

    inputs = (t.clone().requires_grad_() for t in (placed, scene.camera.focal, scene.camera.centre))
    assert torch.autograd.gradcheck(weights, tuple(inputs))
