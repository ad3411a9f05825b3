"""A photo, blurred and differentiated, at points between its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..constants import constant
from ..imaging.blur import gaussian_blur


@dataclass(frozen=True, eq=False)
class BlurredPhoto:
    """``channels (B, 9, S, S)``: blurred colours, their derivative by x and by y."""

    channels: Tensor

    @classmethod
    def of(cls, photo: Tensor, sigma: float) -> BlurredPhoto:
        """Blur and differentiate ``photo (B, 3, S, S)``."""
        image = gaussian_blur(photo, sigma) if sigma > 0 else photo
        padded = F.pad(image, (1, 1, 1, 1), mode="replicate")
        smooth_y = (padded[..., :-2, :] + 2 * padded[..., 1:-1, :] + padded[..., 2:, :]) / 8
        smooth_x = (padded[..., :-2] + 2 * padded[..., 1:-1] + padded[..., 2:]) / 8
        dx = smooth_y[..., 2:] - smooth_y[..., :-2]
        dy = smooth_x[..., 2:, :] - smooth_x[..., :-2, :]
        return cls(torch.cat([image, dx, dy], dim=1))


def sample_image(image: Tensor, pixels: Tensor) -> Tensor:
    """``image (B, C, H, W)`` at ``pixels (B, N, 2)``, bilinear, borders replicated: ``(B, N, C)``."""
    size = constant((image.shape[-1] - 1, image.shape[-2] - 1), pixels)
    grid = (2 * pixels / size - 1)[:, None]
    return F.grid_sample(image, grid, align_corners=True, padding_mode="border")[:, :, 0].transpose(1, 2)
