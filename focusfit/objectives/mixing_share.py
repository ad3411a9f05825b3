"""How much of the faces is visible at all, when evidence cannot be trusted in that.

Colours under a rendering that fits badly look noisy, noise makes misses likely, and evidence as a whole then leans to
"visible": it still says well where a photo fits its rendering better than elsewhere.
"""

from __future__ import annotations

import torch
from torch import Tensor

LARGEST_OFFSET = 6.0
"""Log odds."""

HALVINGS = 12
"""Of the interval in which an offset is sought: to a three hundredth."""


def rebalanced(log_odds: Tensor, prior: Tensor, region: Tensor, balance: float) -> Tensor:
    """Posterior log odds ``(B, 1, H, W)`` moved towards the share of visible pixels that their prior has.

    The share is that of all photos together: one may still have more, another less.

    Args:
        log_odds: ``(B, 1, H, W)`` of a visible face, prior and evidence.
        prior: ``(B, 1, H, W)`` log odds without the evidence.
        region: ``(B, 1, H, W)`` 1 where pixels count.
        balance: 0 leaves the log odds as they are, 1 has the prior's share in them.
    """
    if balance == 0:
        return log_odds
    return log_odds + balance * offset_to_share(log_odds, region, _share(prior, region))


def offset_to_share(log_odds: Tensor, region: Tensor, share: Tensor) -> Tensor:
    """Scalar to add to ``log_odds (B, 1, H, W)`` for the mean probability over ``region`` to be ``share``, a scalar."""
    low, high = (torch.full_like(share, end, dtype=log_odds.dtype) for end in (-LARGEST_OFFSET, LARGEST_OFFSET))
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        too_much = _share(log_odds + middle, region) > share
        low, high = torch.where(too_much, low, middle), torch.where(too_much, middle, high)
    return 0.5 * (low + high)


def _share(log_odds: Tensor, region: Tensor) -> Tensor:
    return (region * torch.sigmoid(log_odds)).sum() / region.sum().clamp(min=1)
