"""What a mask should be like in itself: large and decided."""

from __future__ import annotations

from torch import Tensor


def area(region: Tensor, mask: Tensor) -> Tensor:
    r"""Share of the face that the mask gives away, :math:`\sum_p M_p (1 - U_p) \,/\, \sum_p M_p`, per photo.

    FOCUS (Li et al., CVPR 2023), both steps of the EM training.

    Args:
        region: ``(B, 1, H, W)`` M, 1 where the model projects.
        mask: ``(B, 1, H, W)`` U, probability of a visible face.

    Returns:
        ``(B,)`` in [0, 1]; 0 where the region is empty.
    """
    return (region * (1 - mask)).sum((1, 2, 3)) / region.sum((1, 2, 3)).clamp(min=1)


def binary(region: Tensor, mask: Tensor) -> Tensor:
    r"""How undecided the mask is, :math:`\frac12 - \frac1P \sum_p |m_p - \frac12|` with m = region mask, per photo.

    The mean is over all P pixels of the picture, those outside the region (m = 0) included. FOCUS (Li et al., CVPR
    2023), segmenter's step.

    Args:
        region: ``(B, 1, H, W)`` 1 where the model projects.
        mask: ``(B, 1, H, W)`` probability of a visible face.

    Returns:
        ``(B,)`` in [0, 0.5].
    """
    return 0.5 - (region * mask - 0.5).abs().mean((1, 2, 3))
