"""What the face model is known to miss: measured once, used in every fit."""

from __future__ import annotations

from .file import SHIPPED_MISFIT, read_misfit, shipped_misfit, write_misfit
from .prior import MisfitPrior

__all__ = ["SHIPPED_MISFIT", "MisfitPrior", "read_misfit", "shipped_misfit", "write_misfit"]
