"""Terms for photos whose truth is known: surface points with a learned deviation, and coefficients."""

from __future__ import annotations

import torch
from torch import Tensor


def point_negative_log_likelihood(points: Tensor, sigma: Tensor, truth: Tensor) -> Tensor:
    r"""``(B,)`` mean over points of :math:`2 \log\sigma + |p - t|^2 / 2 \sigma^2`, an isotropic Gaussian's.

    Wood et al., "3D face reconstruction with dense landmarks" (2022), equation 1. The unit of length only shifts it.

    Args:
        points: ``(B, K, 2)`` predicted.
        sigma: ``(B, K)`` predicted standard deviation, in the same unit.
        truth: ``(B, K, 2)``.
    """
    squared = (points - truth).square().sum(-1)
    return (2 * torch.log(sigma) + squared / (2 * sigma**2)).mean(1)


def coefficient_error(predicted: Tensor, truth: Tensor) -> Tensor:
    """``(B,)`` mean squared difference of coefficients ``(B, N)`` in standard deviations; 1 is what the mean costs."""
    return (predicted - truth).square().mean(1)


def surface_error(predicted: Tensor, truth: Tensor, metric: Tensor) -> Tensor:
    """``(B,)`` mean square distance of the vertices that coefficients ``(B, N)`` move, as a share of the mean's.

    Coefficients count as they move the surface, the many that nobody can see hardly; 1 is what the mean costs on
    average.

    Args:
        predicted: in standard deviations.
        truth: likewise.
        metric: ``(N, N)`` mm^2, as :attr:`focusfit.facemodel.morphable.MorphableModel.identity_metric`.
    """
    difference, metric = predicted - truth, metric.to(predicted)
    return ((difference @ metric) * difference).sum(1) / metric.diagonal().sum()
