"""Every source of random numbers of this process: torch's (with its GPU's), numpy's and Python's."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch


def seed_everything(seed: int) -> None:
    """Start all of them from one seed."""
    torch.manual_seed(seed)  # GPUs too
    np.random.seed(seed % 2**32)  # noqa: NPY002 - the global one, which somebody's augmentation may use
    random.seed(seed)


def random_state(device: torch.device) -> dict[str, Any]:
    """State of all of them, with ``device``'s own where it is a GPU."""
    state: dict[str, Any] = {
        "torch": torch.get_rng_state(),
        "numpy": np.random.get_state(),  # noqa: NPY002
        "python": random.getstate(),
    }
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def set_random_state(state: dict[str, Any], device: torch.device) -> None:
    """Return all of them to a state; a GPU's is left alone where the state came from a machine without one."""
    torch.set_rng_state(state["torch"])
    np.random.set_state(state["numpy"])  # noqa: NPY002
    random.setstate(state["python"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
