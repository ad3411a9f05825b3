"""The hand-written derivatives of the data terms equal automatic differentiation's."""

from __future__ import annotations

import pytest
import torch

from focusfit.facemodel.coefficients import FaceCoefficients
from focusfit.fitting.linearize import (
    SampledSurface,
    landmark_jacobian,
    photometric_jacobian,
    pose_points,
    shade,
)
from focusfit.imaging.camera import Camera
from focusfit.imaging.rotation import rotation_matrix

B, S, K, KA = 2, 5, 4, 3


@pytest.fixture
def scene() -> tuple[FaceCoefficients, Camera, SampledSurface]:
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    try:
        coefficients = FaceCoefficients(
            identity=torch.randn(B, 2),
            expression=torch.randn(B, 2),
            albedo=torch.randn(B, KA),
            rotation=0.4 * torch.randn(B, 3),
            translation=10 * torch.randn(B, 3),
            light=torch.randn(B, 3, 9),
        )
        camera = Camera(torch.tensor([900.0, 1000.0]), torch.full((B, 2), 100.0), 201, 201)
        surface = SampledSurface(
            points=50 * torch.randn(B, S, 3),
            normals=torch.randn(B, S, 3),
            geometry=torch.randn(B, S, 6, K),
            albedo=torch.rand(B, S, 3),
            albedo_basis=torch.randn(B, S, 3, KA),
        )
    finally:
        torch.set_default_dtype(torch.float32)
    return coefficients, camera, surface


def _turned(c: FaceCoefficients, step: torch.Tensor) -> torch.Tensor:
    return rotation_matrix(step) @ rotation_matrix(c.rotation)


def test_landmark_jacobian(scene: tuple[FaceCoefficients, Camera, SampledSurface]) -> None:
    c, camera, surface = scene

    def pixels(step: torch.Tensor) -> torch.Tensor:
        points = surface.points + (surface.geometry[..., :3, :] @ step[:, None, :K, None])[..., 0]
        flip = torch.tensor([1.0, -1.0, -1.0]).double()
        placed = points @ _turned(c, step[:, K : K + 3]).transpose(1, 2) * flip
        placed = placed + (c.translation + step[:, K + 3 : K + 6])[:, None] + torch.tensor([0.0, 0.0, 1000.0]).double()
        return camera.project(placed)

    zero = torch.zeros(B, K + 6).double()
    expected = torch.autograd.functional.jacobian(pixels, zero)
    expected = torch.stack([expected[b, :, :, b] for b in range(B)])
    posed = pose_points(surface.points, c, camera)
    assert torch.allclose(posed.pixels, pixels(zero))
    actual = landmark_jacobian(posed, surface.geometry[..., :3, :], c)
    assert torch.allclose(actual, expected, atol=1e-9)


def test_photometric_jacobian(scene: tuple[FaceCoefficients, Camera, SampledSurface]) -> None:
    c, camera, surface = scene
    slope = torch.randn(B, S, 3, 2).double()  # a photo that is a plane around every sample
    start = pose_points(surface.points, c, camera).pixels

    def residual(step: torch.Tensor) -> torch.Tensor:
        moved = (surface.geometry @ step[:, None, :K, None])[..., 0]
        points, normals = surface.points + moved[..., :3], surface.normals + moved[..., 3:]
        turn = _turned(c, step[:, K : K + 3]).transpose(1, 2)
        flip = torch.tensor([1.0, -1.0, -1.0]).double()
        placed = points @ turn * flip
        placed = placed + (c.translation + step[:, K + 3 : K + 6])[:, None] + torch.tensor([0.0, 0.0, 1000.0]).double()
        photo = (slope @ (camera.project(placed) - start)[..., None])[..., 0]
        albedo = surface.albedo + (surface.albedo_basis @ step[:, None, K + 6 : K + 6 + KA, None])[..., 0]
        light = c.light + step[:, K + 6 + KA :].unflatten(1, (3, 9))
        identity = torch.zeros_like(c.rotation)
        return photo - shade(normals @ turn, albedo, c.replace(light=light, rotation=identity)).colour

    zero = torch.zeros(B, K + 6 + KA + 27).double()
    expected = torch.autograd.functional.jacobian(residual, zero)
    expected = torch.stack([expected[b, :, :, b] for b in range(B)])
    posed = pose_points(surface.points, c, camera)
    actual = photometric_jacobian(posed, shade(surface.normals, surface.albedo, c), surface, slope, c)
    assert torch.allclose(actual, expected, atol=1e-8)
