"""Colour differences under a mask: the pixel terms of the M-step."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..imaging.channels import channel_length
from .robust import cauchy


@dataclass(frozen=True)
class PixelNoise:
    """What a visible pixel's colour may differ by.

    Attributes:
        sigma: standard deviation of the noise along each of three colour axes.
        kernel: squared normalised residual at which a pixel's pull is halved.
        misfit: factor on what the face model is known to miss; 0 to ignore it.
    """

    sigma: float = 0.06
    kernel: float = 4.0
    misfit: float = 1.0


def masked_pixel(photo: Tensor, rendering: Tensor, region: Tensor, mask: Tensor) -> Tensor:
    r"""Mean colour difference under m = region mask: :math:`\sum_p |m_p(I_p - J_p)|_2 \,/\, \max(1, \sum_p m_p)`.

    Both sums run over **all photos of the batch** (of one process's, where several train together): one ratio, in which
    a photo weighs as much as it shows. What is returned per photo is its share times B, so that the mean is the ratio;
    shares depend on the rest of the batch. Nothing is detached. FOCUS (Li et al., CVPR 2023), encoder's step of the EM
    training.

    Args:
        photo: ``(B, 3, H, W)``.
        rendering: ``(B, 3, H, W)``.
        region: ``(B, 1, H, W)`` 1 where the model projects.
        mask: ``(B, 1, H, W)`` probability of a visible face.

    Returns:
        ``(B,)``.
    """
    visible = region * mask
    distance = channel_length(visible * (photo - rendering))
    return len(photo) * distance.sum((1, 2)) / visible.sum().clamp(min=1)


def visible_pixel(
    photo: Tensor, rendering: Tensor, region: Tensor, visible: Tensor, misfit: Tensor, pixel_noise: PixelNoise
) -> Tensor:
    r"""The M-step's likelihood, aware of misfit: :math:`\frac{1}{|M|}\sum_{p \in M} q_p\,\frac12\rho(e_p)`, per photo.

    The residual is split as in :mod:`.visible_face`: a along the rendered colour, where light errs, and h across it,
    in hue; :math:`e = \frac13 (a^2/\sigma_a^2 + |h|^2/\sigma_h^2)`, :math:`\rho` is the Cauchy kernel. The variances
    are the noise's plus the known misfit's. Dividing by the region and not by what is visible leaves hidden faces to
    the priors. Gradients flow to ``rendering`` alone: the posterior q is fixed during an M-step.

    Args:
        photo: ``(B, 3, H, W)``.
        rendering: ``(B, 3, H, W)``.
        region: ``(B, 1, H, W)`` 1 where the model projects.
        visible: ``(B, 1, H, W)`` posterior q; 0 outside ``region``.
        misfit: ``(B, 2, H, W)`` standard deviation of what the model is known to miss at a pixel, along its colour
            and in hue, over the face's mean brightness; zeros where nothing is known.
        pixel_noise: noise and kernel.

    Returns:
        ``(B,)``.
    """
    visible, misfit = visible.detach(), misfit.detach()
    level = channel_length(rendering.detach(), keepdim=True).clamp(min=1e-3)
    brightness = (level * visible).sum((1, 2, 3)) / visible.sum((1, 2, 3)).clamp(min=1)
    variance = pixel_noise.sigma**2 + (pixel_noise.misfit * misfit * brightness[:, None, None, None]).square()
    precision_along, precision_hue = (1 / variance).split(1, dim=1)
    residual = photo - rendering
    along = (residual * (rendering.detach() / level)).sum(1, keepdim=True)
    # |h|^2 = |residual|^2 - a^2, without a picture of h
    whole = residual.square().sum(1, keepdim=True)
    squared = precision_hue * whole + (precision_along - precision_hue) * along.square()
    energy = 0.5 * cauchy(squared / 3, pixel_noise.kernel)
    return (visible * energy).sum((1, 2, 3)) / region.sum((1, 2, 3)).clamp(min=1)
