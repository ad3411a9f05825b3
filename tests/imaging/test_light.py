from __future__ import annotations

import numpy as np
import torch
from scipy.special import sph_harm_y

from focusfit.facemodel.morphable import AMBIENT
from focusfit.imaging import harmonics, shading
from focusfit.imaging.light import harmonics_derivative, turned


def directions(count: int) -> torch.Tensor:
    random = torch.Generator().manual_seed(0)
    return torch.nn.functional.normalize(torch.randn(count, 3, generator=random, dtype=torch.float64), dim=-1)


def test_harmonics_are_scipys_real_form() -> None:
    normals = directions(50)
    x, y, z = normals.numpy().T
    polar, azimuth = np.arccos(z), np.arctan2(y, x)
    expected = []
    for degree in range(3):
        for order in range(-degree, degree + 1):
            # scipy's complex harmonics carry the Condon-Shortley sign; the real ones keep it
            value = sph_harm_y(degree, abs(order), polar, azimuth)
            part = value.real if order >= 0 else value.imag
            expected.append(part * (1 if order == 0 else np.sqrt(2)))
    np.testing.assert_allclose(harmonics(normals), np.stack(expected, -1), atol=1e-14)


def test_harmonics_are_orthonormal_over_the_sphere() -> None:
    cosine, weight = np.polynomial.legendre.leggauss(6)
    azimuth = np.arange(12) * 2 * np.pi / 12
    sine = np.sqrt(1 - cosine**2)
    grid = np.stack(
        [np.outer(sine, np.cos(azimuth)), np.outer(sine, np.sin(azimuth)), np.outer(cosine, azimuth**0)], -1
    )
    basis = harmonics(torch.from_numpy(grid)).numpy()
    gram = np.einsum("rci,rcj,r->ij", basis, basis, weight * 2 * np.pi / 12)
    np.testing.assert_allclose(gram, np.eye(9), atol=1e-14)


def test_ambient_light_is_one_everywhere() -> None:
    light = torch.zeros(1, 3, 9, dtype=torch.float64)
    light[:, :, 0] = AMBIENT
    torch.testing.assert_close(shading(directions(20)[None], light), torch.ones(1, 20, 3, dtype=torch.float64))


def test_shading_gradient_is_finite_on_the_axes() -> None:
    normals = torch.cat([torch.eye(3), -torch.eye(3), torch.zeros(1, 3)]).double()[None].requires_grad_()
    light = torch.randn(1, 3, 9, generator=torch.Generator().manual_seed(1), dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(shading, (normals, light))


def test_harmonics_derivative_is_autograds() -> None:
    normals = directions(10)
    expected = torch.stack([torch.autograd.functional.jacobian(harmonics, normal) for normal in normals])
    torch.testing.assert_close(harmonics_derivative(normals), expected)


def test_light_turned_with_the_scene_shades_it_alike() -> None:
    random = torch.Generator().manual_seed(1)
    light, angle = (
        torch.randn(4, 3, 9, generator=random, dtype=torch.float64),
        torch.tensor([0.0, 0.3, -1.2, 4.0]).double(),
    )
    cos, sin, zero, one = angle.cos(), angle.sin(), torch.zeros(4).double(), torch.ones(4).double()
    anticlockwise = torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], dim=1).view(4, 3, 3)
    normals = directions(20).expand(4, 20, 3)
    moved = normals @ anticlockwise.transpose(1, 2)
    torch.testing.assert_close(shading(moved, turned(light, angle)), shading(normals, light))
