"""How well a rendering explains a photo where it fits at all: the pixel term that needs no mask."""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import Tensor

LOG_TWO_PI = math.log(2 * math.pi)


@dataclass(frozen=True)
class RobustLikelihood:
    """Gaussian colour noise, and where it ends.

    Attributes:
        sigma: standard deviation of each colour channel, in [0, 1].
        cut: a pixel farther than so many ``sigma`` from the rendering shows something else.
    """

    sigma: float = 0.043
    cut: float = 3.0

    @property
    def threshold(self) -> float:
        """Length of the RGB residual at the cut; 0.129 by default."""
        return self.sigma * self.cut


def colour_log_density(photo: Tensor, rendering: Tensor, sigma: float) -> Tensor:
    r"""``(B, 1, H, W)``: :math:`-\frac{|I - J|^2}{2\sigma^2} - \frac32\log 2\pi - 3\log\sigma` at every pixel."""
    squared = (photo - rendering).square().sum(1, keepdim=True)
    return -squared / (2 * sigma**2) - 1.5 * LOG_TWO_PI - 3 * math.log(sigma)


def explained(photo: Tensor, rendering: Tensor, region: Tensor, robust: RobustLikelihood) -> Tensor:
    """Hard mask ``(B, 1, H, W)``: inside ``region`` and less than the cut away from the rendering.

    A decision, which has no gradient. Also the pseudo labels of the reference's second step.
    """
    squared = (photo - rendering).square().sum(1, keepdim=True)
    return region * (squared < robust.threshold**2).to(region)


def likelihood(photo: Tensor, rendering: Tensor, region: Tensor, robust: RobustLikelihood) -> Tensor:
    r"""Negative log density of the explained pixels: :math:`-\frac1P \sum_p O_p\,\ell_p`, per photo.

    The mean is over all P pixels of the picture; O is :func:`explained` and carries no gradient, :math:`\ell` is
    :func:`colour_log_density`. Explained pixels score between 2.18 and 6.68, so the term is negative, and lower the
    larger the explained area. FOCUS (Li et al., CVPR 2023), pretraining.

    Args:
        photo: ``(B, 3, H, W)``.
        rendering: ``(B, 3, H, W)``.
        region: ``(B, 1, H, W)`` 1 where the model projects.
        robust: noise and cut.

    Returns:
        ``(B,)``.
    """
    density = colour_log_density(photo, rendering, robust.sigma)
    return -(explained(photo, rendering, region, robust) * density).mean((1, 2, 3))
