"""Small tensors of fixed numbers, sent to each device once: sending one again makes the host wait for the device."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

import torch
from torch import Tensor

Numbers: TypeAlias = "float | tuple[Numbers, ...]"


def constant(values: Numbers, like: Tensor) -> Tensor:
    """``values``, nested tuples of numbers, with the type and on the device of ``like``; not to be written to."""
    return _constant(values, like.dtype, like.device)


def index_constant(rows: tuple[int, ...], device: torch.device) -> Tensor:
    """``rows`` as an int64 index on ``device``; not to be written to."""
    return _constant(rows, torch.int64, device)


@lru_cache(maxsize=256)
def _constant(values: Numbers, dtype: torch.dtype, device: torch.device) -> Tensor:
    return torch.tensor(values, dtype=dtype, device=device)
