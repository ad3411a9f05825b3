"""Random numbers that depend on a seed and their place alone: the same on every device, worker and process."""

from __future__ import annotations

import torch
from torch import Tensor

_GOLDEN = -7046029254386353131  # 0x9e3779b97f4a7c15 as a signed number


def uniform(seeds: Tensor, draws: int) -> Tensor:
    """``(B, draws)`` float32 in [0, 1), each row determined by one of ``seeds (B,)`` int64.

    SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
    """
    steps = torch.arange(1, draws + 1, device=seeds.device)
    x = seeds[:, None] + steps * _GOLDEN
    x = (x ^ _shift(x, 30)) * -4658895280553007687  # 0xbf58476d1ce4e5b9
    x = (x ^ _shift(x, 27)) * -7723592293110705685  # 0x94d049bb133111eb
    x = x ^ _shift(x, 31)
    return _shift(x, 40).float() / 2**24


def _shift(x: Tensor, by: int) -> Tensor:
    """Shift right without the sign, which torch would carry along."""
    return (x >> by) & ((1 << (64 - by)) - 1)
