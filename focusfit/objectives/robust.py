"""The robust kernel shared by every data term."""

from __future__ import annotations

import torch
from torch import Tensor


def cauchy(q: Tensor, scale: float) -> Tensor:
    r"""Energy :math:`c \log(1 + q / c)` of a squared, normalised residual ``q``; ``c`` is ``scale``.

    Quadratic for small residuals, logarithmic for large ones, so that an outlier costs a bounded pull.
    """
    return scale * torch.log1p(q / scale)


def cauchy_weight(q: Tensor, scale: float) -> Tensor:
    r"""Its weight in iteratively reweighted least squares, :math:`1 / (1 + q / c)`."""
    return 1 / (1 + q / scale)
