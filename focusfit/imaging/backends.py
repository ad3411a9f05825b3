"""Choosing among implementations of one function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import torch

from ..errors import BackendError

Implementation = TypeVar("Implementation")


def choose_backend(registry: Mapping[str, Implementation], backend: str, device: torch.device) -> Implementation:
    """The implementation called ``backend``; ``auto`` is the compiled one on the CPU, else the torch reference.

    Raises:
        BackendError: no such backend, or it cannot run on ``device``.
    """
    if backend == "auto":
        backend = "cpu" if device.type == "cpu" else "reference"
    if backend not in registry:
        known = ", ".join(["auto", *registry])
        raise BackendError(f"there is no backend {backend!r}", remedy=f"Choose one of: {known}.")
    if backend == "cpu" and device.type != "cpu":
        raise BackendError(
            f"backend 'cpu' cannot work on tensors on {device}", remedy="Move them to the CPU, or choose 'reference'."
        )
    return registry[backend]
