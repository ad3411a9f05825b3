"""Notices when a segmenter gives up: masks all black, all white, or far from what each photo itself says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class MaskHealth:
    """Masks of fixed validation photos with known occluders, in two numbers.

    Attributes:
        visible_share: mean of the mask inside the face region, over all photos.
        agreement: mean IoU of the masks with a given posterior (of the per-photo fit, say), over all photos.
    """

    visible_share: float
    agreement: float


@dataclass(frozen=True)
class CollapseGuard:
    """When masks count as collapsed, and what is done about it.

    A collapse counts once ``patience`` looks in a row have seen it, so it is noticed within
    ``patience * every`` iterations; training then returns to the last good checkpoint. No checkpoint is written while
    masks look collapsed, hence the last is always good.

    Attributes:
        check: looks at the masks of the present weights, with all networks in eval mode and without gradients.
        every: iterations between looks.
        patience: looks in a row that must see a collapse.
        begin: first iteration with a look; a segmenter that starts from nothing needs time to leave it.
        black: a smaller visible share is a black mask.
        white: a larger one is a white mask.
        far: a smaller agreement is far from the posterior.
        returns: how many times training may go back before it ends with a report.
    """

    check: Callable[[], MaskHealth]
    every: int = 25
    patience: int = 2
    begin: int = 0
    black: float = 0.05
    white: float = 0.98
    far: float = 0.2
    returns: int = 3

    def fault(self, health: MaskHealth) -> str | None:
        """How masks are collapsed, None when they are not; figures that are not numbers count as collapsed."""
        if not health.visible_share >= self.black:
            return f"masks are all black (visible share {health.visible_share:.3f})"
        if not health.visible_share <= self.white:
            return f"masks are all white (visible share {health.visible_share:.3f})"
        if not health.agreement >= self.far:
            return f"masks are far from the photos' own posterior (mean IoU {health.agreement:.3f})"
        return None

    def looks_at(self, iteration: int) -> bool:
        """Whether there is a regular look after so many iterations."""
        return iteration >= self.begin and iteration % self.every == 0
