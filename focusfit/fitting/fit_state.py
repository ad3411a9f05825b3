"""Where EM stands."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..imaging.renderer import Rendering
from .unknowns import NormalEquations


@dataclass(frozen=True, eq=False)
class FitState:
    """Where EM stands.

    Attributes:
        coefficients: of the batch.
        visible: ``(B, 1, S, S)`` posterior of the last E-step, 0 outside the region.
        rendering: of ``coefficients`` at the last E-step.
        equations: of the last M-step, for the uncertainty.
    """

    coefficients: FaceCoefficients
    visible: Tensor
    rendering: Rendering
    equations: NormalEquations | None = None
