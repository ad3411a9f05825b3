"""Blur against scipy's."""

from __future__ import annotations

import pytest
import torch
from scipy.ndimage import gaussian_filter

from focusfit.imaging.blur import gaussian_blur, gaussian_blur_each


def pictures() -> torch.Tensor:
    return torch.rand(3, 2, 21, 17, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("sigma", [0.4, 1.3, 3.0])
def test_blur_is_scipy_s(sigma):
    expected = gaussian_filter(pictures().numpy(), sigma, mode="nearest", truncate=3.0, axes=(2, 3))
    assert torch.allclose(gaussian_blur(pictures(), sigma), torch.from_numpy(expected), atol=1e-6)


def test_each_picture_has_its_own_and_zero_is_none():
    blurred = gaussian_blur_each(pictures(), torch.tensor([0.0, 1.0, 2.0]), radius=6)
    assert torch.allclose(blurred[0], pictures()[0], atol=1e-6)
    expected = gaussian_filter(pictures()[2].numpy(), 2.0, mode="nearest", truncate=3.0, axes=(1, 2))
    assert torch.allclose(blurred[2], torch.from_numpy(expected), atol=1e-6)


def test_gradients_flow_through_it():
    some = torch.rand(1, 1, 4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda each: gaussian_blur(each, 0.7), some)
