"""Choosing among implementations of one function."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TypeVar

import torch

from ..errors import BackendError

Implementation = TypeVar("Implementation")


def choose_backend(registry: Mapping[str, Implementation], backend: str, device: torch.device) -> Implementation:
    """The implementation called ``backend``; ``auto`` is the fastest one on the device.

    That is ``cpu`` on the CPU, ``triton`` on a CUDA device where Triton is installed, else ``reference``.

    Raises:
        BackendError: no such backend, or it cannot run on ``device``.
    """
    if backend == "auto":
        backend = "cpu" if device.type == "cpu" else "triton" if _triton_runs_on(device) else "reference"
    if backend not in registry:
        known = ", ".join(["auto", *registry])
        raise BackendError(f"there is no backend {backend!r}", remedy=f"Choose one of: {known}.")
    if backend == "cpu" and device.type != "cpu":
        raise BackendError(
            f"backend 'cpu' cannot work on tensors on {device}", remedy="Move them to the CPU, or choose 'reference'."
        )
    if backend == "triton" and not _triton_runs_on(device):
        raise BackendError(
            f"backend 'triton' cannot work on tensors on {device} here",
            remedy="It needs a CUDA device and the package triton; choose 'reference'.",
        )
    return registry[backend]


def _triton_runs_on(device: torch.device) -> bool:
    """On a GPU, or anywhere in Triton's own interpreter."""
    interpreted = os.environ.get("TRITON_INTERPRET") == "1"
    return (device.type == "cuda" or (interpreted and device.type == "cpu")) and find_spec("triton") is not None
