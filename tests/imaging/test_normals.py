from __future__ import annotations

import numpy as np
import torch
import trimesh

from focusfit.imaging import vertex_normals
from focusfit.imaging.normals import unit, vertex_normals_reference

from .scenes import HEAD_MM, bumpy_heads, ellipsoid


def test_normals_are_trimeshs() -> None:
    scene = bumpy_heads(1)
    mesh = trimesh.Trimesh(scene.vertices[0].numpy(), scene.triangles.numpy(), process=False)
    sums = np.zeros((len(mesh.vertices), 3))
    for corner in range(3):
        np.add.at(sums, mesh.faces[:, corner], mesh.face_normals * mesh.area_faces[:, None])
    expected = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    np.testing.assert_allclose(vertex_normals(scene.vertices, scene.triangles)[0], expected, atol=1e-12)


def test_normals_point_out_of_an_ellipsoid() -> None:
    vertices, triangles = ellipsoid(60, 61)
    exact = unit(vertices / vertices.new_tensor(HEAD_MM) ** 2)
    inner = slice(61, -61)  # the rims of the holes at the poles see one side only
    cosine = (vertex_normals(vertices[None], triangles)[0] * exact).sum(-1)[inner]
    assert cosine.min() > 0.999


def test_compiled_normals_are_the_references() -> None:
    scene = bumpy_heads(3, dtype=torch.float32)
    fast, slow = (f(scene.vertices, scene.triangles) for f in (vertex_normals, vertex_normals_reference))
    torch.testing.assert_close(fast, slow, atol=1e-6, rtol=0)


def test_normals_gradcheck() -> None:
    scene = bumpy_heads(2, rows=5, columns=6)
    vertices = scene.vertices.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda v: vertex_normals(v, scene.triangles), vertices)


def test_vertices_without_area_have_zero_normals_and_finite_gradients() -> None:
    vertices = torch.tensor([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [5, 5, 5], [7, 0, 0]]], requires_grad=True)
    triangles = torch.tensor([[0, 1, 2], [1, 4, 1], [4, 4, 4]])  # vertex 3 unused, vertex 4 only in slivers
    for function in (vertex_normals, vertex_normals_reference):
        normals = function(vertices, triangles)
        torch.testing.assert_close(normals[0, :3], torch.tensor([0.0, 0, 1]).expand(3, 3))
        assert (normals[0, 3:] == 0).all()
        (gradient,) = torch.autograd.grad(normals.sum(), vertices)
        assert torch.isfinite(gradient).all()
