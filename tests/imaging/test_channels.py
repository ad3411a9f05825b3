"""Lengths across channels: torch's own, and a gradient everywhere."""

from __future__ import annotations

import torch

from focusfit.imaging.channels import channel_length


def test_lengths_are_torch_s():
    picture = torch.randn(2, 3, 5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert torch.allclose(channel_length(picture), torch.linalg.vector_norm(picture, dim=1))
    assert channel_length(picture, keepdim=True).shape == (2, 1, 5, 4)


def test_gradients_are_right_and_zero_where_the_length_is():
    picture = torch.randn(1, 3, 2, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    assert torch.autograd.gradcheck(channel_length, picture.requires_grad_())
    nothing = torch.zeros(1, 3, 2, 2, requires_grad=True)
    channel_length(nothing).sum().backward()
    assert torch.equal(nothing.grad, torch.zeros(1, 3, 2, 2))
