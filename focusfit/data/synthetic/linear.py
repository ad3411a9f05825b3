"""Linear modes, both ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

RIDGE = 1e-3
"""Weight of the coefficients' prior against a squared deviation, relative to the modes' mean energy."""


@dataclass(frozen=True, eq=False)
class LinearModes:
    """A mean and modes scaled by standard deviation.

    Attributes:
        mean: ``(V, 3)``.
        basis: ``(K, V * 3)``, one mode a row, so that few coefficients touch few bytes.
        rows: ``(W,)`` vertices from which coefficients are estimated.
        inverse: ``(K, W * 3)``: their deviations to coefficients.
    """

    mean: Array
    basis: Array
    rows: NDArray[np.int64]
    inverse: Array

    @classmethod
    def of(cls, mean: NDArray, basis: NDArray, every: int = 1) -> LinearModes:
        """From ``mean (V, 3)`` and ``basis (V, 3, K)``; ``every`` n-th vertex is enough to estimate coefficients."""
        modes = np.ascontiguousarray(basis.reshape(-1, basis.shape[2]).T.astype(np.float64))
        rows = np.arange(0, len(mean), every)
        there = modes.reshape(len(modes), -1, 3)[:, rows].reshape(len(modes), -1)
        gram = there @ there.T
        gram += RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
        inverse = np.linalg.solve(gram, there)
        return cls(mean.astype(np.float32), modes.astype(np.float32), rows, inverse.astype(np.float32))

    @property
    def count(self) -> int:
        """K."""
        return len(self.basis)

    def values(self, coefficients: Array) -> Array:
        """``(V, 3)`` of ``coefficients (K,)``."""
        return self.mean + (coefficients @ self.basis).reshape(self.mean.shape)

    def coefficients(self, values: Array) -> Array:
        """``(K,)`` of ``values (V, 3)``: the part that the modes can express (ridge regression)."""
        return self.coefficients_of_rows(values[self.rows])

    def coefficients_of_rows(self, values: Array) -> Array:
        """The same from the values ``(W, 3)`` at ``rows`` alone."""
        return np.asarray(self.inverse @ (values - self.mean[self.rows]).ravel(), np.float32)
