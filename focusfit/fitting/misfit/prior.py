"""The misfit prior: how far a fit is usually from a face, vertex by vertex."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class MisfitPrior:
    """Measured on faces that the model cannot represent, fitted by our own fitter.

    Attributes:
        model_sha256: of the face model that it belongs to.
        faces: number of faces that it was measured on.
        colour: ``(V, 2)`` standard deviation of colour that is missed beyond a photo's own noise, along the rendered
            colour and in hue, over the face's mean brightness (length of the RGB vector).
        shape_mean: ``(V, 3)`` mm, mean of (fitted - true) neutral face after a similarity, model frame.
        shape_covariance: ``(V, 6)`` mm^2, its covariance: xx, yy, zz, xy, xz, yz.
    """

    model_sha256: str
    faces: int
    colour: Values
    shape_mean: Values
    shape_covariance: Values

    def corrected(self, neutral: Values) -> Values:
        """A fitted neutral face ``(V, 3)`` less what fits are usually wrong by."""
        return np.asarray(neutral - self.shape_mean, np.float32)
