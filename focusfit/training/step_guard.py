"""Keeps broken iterations out of the weights, and ends a training that has too many of them."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import TrainingError

RECENT = 100
"""Accepted iterations of a network that its next one is compared with."""
ENOUGH = 20
"""Below so many of them nothing counts as exploding."""
WINDOW = 1000
"""Iterations over which skipped ones are counted."""


class StepGuard:
    """Judges each iteration by its loss and the norm of its gradient.

    Args:
        explosion: a size this many times the largest recent one of the same network is an explosion.
        limit: so many skipped iterations among the last ``WINDOW`` end the training.
    """

    def __init__(self, explosion: float, limit: int) -> None:
        self.explosion, self.limit = explosion, limit
        self._recent: dict[str, deque[tuple[float, float]]] = {}
        self._skipped: list[tuple[int, str, list[str]]] = []

    def fault(self, network: str, loss: float, norm: float) -> str | None:
        """What is wrong with an iteration, None when nothing is; it is then one to compare with."""
        if not math.isfinite(loss):
            return f"the loss of {network} is {loss}"
        if not math.isfinite(norm):
            return f"the gradient of {network} has norm {norm}"
        recent = self._recent.setdefault(network, deque(maxlen=RECENT))
        if len(recent) >= ENOUGH:
            for what, size, largest in (
                ("loss", abs(loss), max(each for each, _ in recent)),
                ("gradient norm", norm, max(each for _, each in recent)),
            ):
                if size > self.explosion * largest > 0.0:
                    return f"the {what} of {network} is {size:.4g}, of late at most {largest:.4g}"
        recent.append((abs(loss), norm))
        return None

    def skip(self, iteration: int, fault: str, names: Sequence[str]) -> None:
        """Count a skipped iteration.

        Args:
            iteration: which one.
            fault: what was wrong.
            names: photos of its batch, of all processes.

        Raises:
            TrainingError: there were too many; names the photos, those that were in most of them first.
        """
        self._skipped = [skipped for skipped in self._skipped if skipped[0] > iteration - WINDOW]
        self._skipped.append((iteration, fault, list(names)))
        if len(self._skipped) < self.limit:
            return
        counts = Counter(name for _, _, batch in self._skipped for name in set(batch))
        shown = ", ".join(f"{name} ({count}x)" for name, count in counts.most_common(20)) or "without names"
        more = f" and {len(counts) - 20} more" if len(counts) > 20 else ""
        raise TrainingError(
            f"{len(self._skipped)} of the last {min(WINDOW, iteration)} iterations had to be skipped, lately because "
            f"{fault}. Photos in them: {shown}{more}",
            remedy="Look at the photos named most often, or lower the learning rate.",
        )

    def state_dict(self) -> dict[str, Any]:
        """What later judgements depend on."""
        recent = {name: [list(pair) for pair in pairs] for name, pairs in self._recent.items()}
        return {"recent": recent, "skipped": [list(skipped) for skipped in self._skipped]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Return to a saved state."""
        self._recent = {
            name: deque(((loss, norm) for loss, norm in pairs), maxlen=RECENT)
            for name, pairs in state["recent"].items()
        }
        self._skipped = [(iteration, fault, names) for iteration, fault, names in state["skipped"]]
