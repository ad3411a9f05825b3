"""Optimisers and schedules that go on from a saved state with the settings of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.optim import Optimizer

HOW = {"foreach", "fused", "capturable", "differentiable", "maximize", "decoupled_weight_decay"}
"""Settings that do not tell one kind of optimiser from another."""

SETTINGS = ("initial_lr", "max_lr", "min_lr", "weight_decay")
"""Of a group of parameters, what is set and not moved by a schedule."""

PLACE = ("last_epoch", "_step_count", "_last_lr")
"""Where a schedule is; the rest of its state is settings."""


class ResumedOptimizer:
    """Takes a state of momenta, not of settings: a learning rate or weight decay that was changed since counts.

    Args:
        optimizer: as it is set today, at the beginning of its schedule.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from ``state``; the rate is where today's schedule would have it by the same factor.

        Raises:
            ValueError: it is of another kind of optimiser, or of other parameters.
        """
        groups = self.optimizer.param_groups
        today = [{key: value for key, value in group.items() if key != "params"} for group in groups]
        for ours, theirs in zip(today, state["param_groups"], strict=False):
            if ours.keys() - HOW != theirs.keys() - HOW - {"params"}:
                raise ValueError("another kind of optimiser")
        self.optimizer.load_state_dict(dict(state))
        for group, settings in zip(self.optimizer.param_groups, today, strict=True):
            before, now = (each.get("initial_lr", each["lr"]) for each in (group, settings))
            if before != now:
                group["lr"] *= now / before
            group.update((name, settings[name]) for name in SETTINGS if name in settings)
        self._lay_out_like_weights()

    def _lay_out_like_weights(self) -> None:
        """Saved tensors are dense; one beside a channels-last weight is faster in that weight's layout."""
        for parameter, state in self.optimizer.state.items():
            for name, value in state.items():
                if isinstance(value, torch.Tensor) and value.shape == parameter.shape:
                    state[name] = torch.empty_like(parameter, dtype=value.dtype).copy_(value)


class ResumedScheduler:
    """Takes the place on the schedule from a state, and nothing else: its length may have been changed since.

    Args:
        scheduler: as it is set today.
    """

    def __init__(self, scheduler: Any) -> None:
        self.scheduler = scheduler

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from ``state``."""
        vars(self.scheduler).update({name: state[name] for name in PLACE if name in state})
