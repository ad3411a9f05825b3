"""Neighbouring pixels that look alike agree: the mean-field solution of a 4-neighbour random field."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..imaging.kernels.mean_field import sweep_image
from ..imaging.kernels.threads import for_each_image


def mean_field(evidence: Tensor, right: Tensor, down: Tensor, sweeps: int) -> Tensor:
    r"""Beliefs after parallel sweeps :math:`b \leftarrow \frac12 b + \frac12\tanh(e/2 + \sum_n w_n b_n)`.

    On the CPU, in single precision and without gradients, a compiled loop; elsewhere :func:`mean_field_reference`.

    Args:
        evidence: ``(B, 1, H, W)`` log odds of every pixel by itself.
        right: ``(B, 1, H, W)`` non-negative coupling with the neighbour to the right; 0 in the last column.
        down: ``(B, 1, H, W)`` with the one below; 0 in the last row.
        sweeps: how many.

    Returns:
        ``(B, 1, H, W)`` in [-1, 1]: twice the probability, less one.
    """
    given = (evidence, right, down)
    learned_from = torch.is_grad_enabled() and any(each.requires_grad for each in given)
    if learned_from or any(each.device.type != "cpu" or each.dtype != torch.float32 for each in given):
        return mean_field_reference(evidence, right, down, sweeps)
    belief = torch.empty_like(evidence, memory_format=torch.contiguous_format)
    e, r, d, b = (each.detach().contiguous()[:, 0].numpy() for each in (*given, belief))
    for_each_image(sweep_image, len(evidence), e, r, d, sweeps, b)
    return belief


def mean_field_reference(evidence: Tensor, right: Tensor, down: Tensor, sweeps: int) -> Tensor:
    """The same in plain torch."""
    left, up = F.pad(right[..., :-1], (1, 0)), F.pad(down[..., :-1, :], (0, 0, 1, 0))
    belief = torch.tanh(evidence / 2)
    for _ in range(sweeps):
        pull = right * belief.roll(-1, 3) + left * belief.roll(1, 3)
        pull = pull + down * belief.roll(-1, 2) + up * belief.roll(1, 2)
        belief = 0.5 * belief + 0.5 * torch.tanh(evidence / 2 + pull)
    return belief
