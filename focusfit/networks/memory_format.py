"""Pixels that keep their channels together: on most machines convolutions run a tenth to a half faster so."""

from __future__ import annotations

import torch
from torch import nn

FEW_CHANNELS = 16


def fast_memory_format(network: nn.Module) -> torch.memory_format:
    """Convert a network to ``channels_last`` if that is safe, and say in which format it wants its input.

    torch 2.15 writes past its memory on CPUs in the gradient of a 1 x 1 convolution with stride 2 of fewer than 16
    channels in that format. Networks that begin with one (RepVGG, MobileOne) stay as they are.
    """
    if any(_is_unsafe(module) for module in network.modules()):
        return torch.contiguous_format
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return torch.channels_last


def _is_unsafe(module: nn.Module) -> bool:
    return (
        isinstance(module, nn.Conv2d)
        and module.kernel_size == (1, 1)
        and module.stride == (2, 2)
        and module.in_channels < FEW_CHANNELS
    )
