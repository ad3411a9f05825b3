"""Terms for masks whose truth is known."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def mask_cross_entropy(logits: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """``(B,)`` mean binary cross entropy over the region, all ``(B, 1, H, W)``; ``truth`` in [0, 1]."""
    each = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return (each * region).flatten(1).sum(1) / region.flatten(1).sum(1).clamp(min=1)


def occluder_dice(logits: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """``(B,)`` one minus the soft Dice overlap of what hides the face, smoothed by one percent of the region.

    Milletari et al., "V-Net" (2016), equation 2, of the complement of the mask inside the region.
    """
    hidden, predicted = (1 - truth) * region, (1 - logits.sigmoid()) * region
    smooth = 0.01 * region.flatten(1).sum(1).clamp(min=1)
    both = (hidden * predicted).flatten(1).sum(1)
    either = (hidden.square() + predicted.square()).flatten(1).sum(1)
    return 1 - (2 * both + smooth) / (either + smooth)
