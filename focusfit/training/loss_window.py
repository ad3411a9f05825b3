"""Means of losses over the iterations since the log's last row, without waiting for the device in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor

from .optimisation import Gradient


class LossWindow:
    """Running sums of every named loss and figure, for each network that learned."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._sums: dict[str, dict[str, Tensor]] = {}

    def add(self, gradient: Gradient) -> None:
        """Take one iteration in."""
        losses = gradient.losses
        values = {"total": losses.total, **losses.terms, **losses.figures, "gradient_norm": gradient.sizes[1]}
        sums = self._sums.setdefault(gradient.network, {})
        for name, value in values.items():
            value = value.detach().float()
            sums[name] = sums[name] + value if name in sums else value
        self._counts[gradient.network] = self._counts.get(gradient.network, 0) + 1

    def means(self, fabric: Fabric) -> dict[str, dict[str, float]]:
        """By network, over all processes; the window is empty afterwards."""
        means = {}
        for network, sums in self._sums.items():
            stacked = torch.stack(list(sums.values())) / self._counts[network]
            everyones = fabric.all_reduce(stacked, reduce_op="mean")
            assert isinstance(everyones, Tensor)
            means[network] = dict(zip(sums, everyones.tolist(), strict=True))
        self._counts, self._sums = {}, {}
        return means

    def state_dict(self) -> dict[str, Any]:
        """Counts and sums."""
        return {"counts": self._counts, "sums": self._sums}

    def load_state_dict(self, state: Mapping[str, Any], device: torch.device) -> None:
        """Return to a saved state."""
        self._counts = dict(state["counts"])
        self._sums = {
            network: {name: value.to(device) for name, value in sums.items()} for network, sums in state["sums"].items()
        }
