"""The U-Net of the published FOCUS code, for its weights and for comparison.

Ronneberger et al., "U-Net: Convolutional networks for biomedical image segmentation" (2015), with batch normalisation
and nearest-neighbour upsampling.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTHS = (64, 128, 256, 512, 1024)
SHARPNESS = 5.0
"""The published network ends in ``sigmoid(5 x)``; here the factor is part of the logits."""

DROPOUT_LEVELS = (3, 4)
"""The two deepest levels, which drop half of their features in training."""


def double_convolution(inputs: int, outputs: int) -> nn.Sequential:
    """Two 3 x 3 convolutions, each normalised over the batch and rectified."""
    return nn.Sequential(*_convolution(inputs, outputs), *_convolution(outputs, outputs))


def widening(inputs: int, outputs: int) -> nn.Sequential:
    """Twice as large by repeating pixels, then a convolution."""
    return nn.Sequential(nn.Upsample(scale_factor=2.0), *_convolution(inputs, outputs))


class PlainUNet(nn.Module):
    """``(B, 6, H, W)`` to logits ``(B, 1, H, W)``; H and W multiples of 16. 34,528,769 parameters."""

    def __init__(self, inputs: int = 6) -> None:
        super().__init__()
        self.down = nn.ModuleList(map(double_convolution, (inputs, *WIDTHS[:-1]), WIDTHS))
        self.up = nn.ModuleList(map(widening, WIDTHS[:0:-1], WIDTHS[-2::-1]))
        self.merge = nn.ModuleList(map(double_convolution, WIDTHS[:0:-1], WIDTHS[-2::-1]))
        self.last = nn.Conv2d(WIDTHS[0], 1, 1)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of visible face."""
        levels = []
        for level, convolve in enumerate(self.down):
            x = convolve(nn.functional.max_pool2d(x, 2) if level else x)
            x = self.dropout(x) if level in DROPOUT_LEVELS else x
            levels.append(x)
        for beside, widen, merge in zip(levels[-2::-1], self.up, self.merge, strict=True):
            x = merge(torch.cat([beside, widen(x)], dim=1))
        return SHARPNESS * self.last(x)


def _convolution(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
