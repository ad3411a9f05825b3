"""Exponential moving averages of networks' weights, which are calmer than any one iteration's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn


class WeightAverages:
    """Averages of the weights and the floating-point buffers of several networks; other buffers are the latest.

    The first updates weigh more: update n has decay min(decay, (1 + n) / (10 + n)), so that the random start is
    forgotten soon.

    Args:
        networks: by name; averages start at their present weights.
        decay: what an update leaves of the old average.
    """

    def __init__(self, networks: Mapping[str, nn.Module], decay: float) -> None:
        self._decay = decay
        self._live = {name: _tensors(network) for name, network in networks.items()}
        self._averages = {
            name: {key: value.detach().clone() for key, value in tensors.items()}
            for name, tensors in self._live.items()
        }
        self._updates = dict.fromkeys(networks, 0)

    @torch.no_grad()
    def update(self, name: str) -> None:
        """Take the present weights of network ``name`` in."""
        self._updates[name] += 1
        decay = min(self._decay, (1 + self._updates[name]) / (10 + self._updates[name]))
        live, averages = self._live[name], self._averages[name]
        floating = [key for key, value in live.items() if value.is_floating_point()]
        torch._foreach_lerp_([averages[key] for key in floating], [live[key] for key in floating], 1.0 - decay)
        counts = [key for key, value in live.items() if not value.is_floating_point()]
        if counts:
            torch._foreach_copy_([averages[key] for key in counts], [live[key] for key in counts])

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The networks have the averaged weights inside this context."""
        self._exchange()
        try:
            yield
        finally:
            self._exchange()

    def hand_over(self) -> None:
        """Leave the averaged weights in the networks for good."""
        self._exchange()

    def state_dict(self) -> dict[str, Any]:
        """Averages and how many updates each has seen."""
        return {"averages": self._averages, "updates": self._updates}

    @torch.no_grad()
    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Return to a saved state of the same networks."""
        for name, averages in self._averages.items():
            for key, value in averages.items():
                value.copy_(state["averages"][name][key])
            self._updates[name] = int(state["updates"][name])

    def _exchange(self) -> None:
        for name, live in self._live.items():
            for key, value in live.items():
                average = self._averages[name][key]
                value.data, average.data = average.data, value.data


def _tensors(network: nn.Module) -> dict[str, Tensor]:
    return dict(chain(network.named_parameters(), network.named_buffers()))
