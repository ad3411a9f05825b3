"""Does a rendered pixel resemble any photo pixel near it?"""

from __future__ import annotations

import torch
from torch import Tensor

from ..imaging.channels import channel_length

REACH = 2
"""Pixels in each direction: a window of 5 x 5."""


def neighbour(photo: Tensor, rendering: Tensor, region: Tensor, mask: Tensor) -> Tensor:
    r"""Distance of rendered pixels to the nearest colour in a 5 x 5 window of the photo, per photo.

    .. math:: \frac{1}{|P'|} \sum_{p \in P'} \min_{d \in [-2, 2]^2} \left| (mJ)(p) - (mI)(p + d) \right|_2

    with m = region mask and P' all pixels but a border of 2. Forgives a rendering that is off by a pixel or two.
    FOCUS (Li et al., CVPR 2023), segmenter's step of the EM training. The window is searched without a graph, one
    offset after the other; gradients then flow through the nearest neighbour alone, so that memory stays at a few
    pictures.

    Args:
        photo: ``(B, 3, H, W)``.
        rendering: ``(B, 3, H, W)``.
        region: ``(B, 1, H, W)`` 1 where the model projects.
        mask: ``(B, 1, H, W)`` probability of a visible face.

    Returns:
        ``(B,)``.
    """
    visible = region * mask
    shown, seen = visible * photo, visible * rendering
    centre = seen[..., REACH:-REACH, REACH:-REACH]
    nearest = shown.flatten(2).gather(2, _nearest(shown, centre).expand(-1, 3, -1))
    return channel_length(centre.flatten(2) - nearest).mean(1)


@torch.no_grad()
def _nearest(shown: Tensor, centre: Tensor) -> Tensor:
    """``(B, 1, H' * W')`` flat index into ``shown``'s pixels of each centre's most similar neighbour."""
    height, width = centre.shape[-2:]
    least = centre.new_full((len(centre), height, width), torch.inf)
    offset = torch.zeros_like(least, dtype=torch.int64)
    full_width = shown.shape[-1]
    for dy in range(2 * REACH + 1):
        for dx in range(2 * REACH + 1):
            squared = (centre - shown[..., dy : dy + height, dx : dx + width]).square().sum(1)
            better = squared < least
            least = torch.where(better, squared, least)
            offset = torch.where(better, dy * full_width + dx, offset)
    rows = torch.arange(height, device=centre.device)[:, None] * full_width
    return (offset + rows + torch.arange(width, device=centre.device)).flatten(1)[:, None]
