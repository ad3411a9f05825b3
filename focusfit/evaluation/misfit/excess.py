"""Spread that known noise does not explain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

ROUNDS = 80
LARGEST = 0.6
"""Residuals are cut here: a single wild pixel must not speak for a vertex."""


def excess_variance(residual: Values, variance: Values, weight: Values) -> Values:
    r"""``(V,)`` most likely extra variance :math:`e` per column, given :math:`r_i \sim N(0, v_i + e)`.

    Multiplicative steps on the stationarity condition
    :math:`\sum w_i r_i^2 / (v_i + e)^2 = \sum w_i / (v_i + e)`, which keep :math:`e \ge 0`.

    Args:
        residual: ``(N, V)``.
        variance: ``(N, V)`` known, positive.
        weight: ``(N, V)`` non-negative; a column without weight gets 0.
    """
    square = np.minimum(np.abs(residual), LARGEST) ** 2
    excess = np.full(residual.shape[1], float(np.average(square, weights=weight + 1e-12)))
    for _ in range(ROUNDS):
        total = variance + excess
        needed = (weight * square / total**2).sum(0)
        offered = (weight / total).sum(0)
        excess = excess * np.where(offered > 0, needed / np.maximum(offered, 1e-12), 0)
    return excess
