"""What a mask should be, said by somebody else: pseudo labels, a posterior, or the truth."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def labels(logits: Tensor, pseudo_labels: Tensor) -> Tensor:
    r"""Binary cross entropy :math:`-\frac1P\sum_p y_p\log\sigma(x_p) + (1 - y_p)\log(1 - \sigma(x_p))`, per photo.

    The mean is over all pixels of the picture. FOCUS (Li et al., CVPR 2023), pretraining of the segmenter; taken of
    logits x. The reference implementation takes the sigmoid twice, :math:`\sigma(\sigma(x))`, which cannot get below
    0.313 on a face and 0.693 elsewhere.

    Args:
        logits: ``(B, 1, H, W)`` of a visible face.
        pseudo_labels: ``(B, 1, H, W)`` 1 where the face is seen.

    Returns:
        ``(B,)``.
    """
    return F.binary_cross_entropy_with_logits(logits, pseudo_labels.to(logits), reduction="none").mean((1, 2, 3))


def teacher(logits: Tensor, region: Tensor, posterior: Tensor) -> Tensor:
    r"""Cross entropy of the segmenter to a photo's own posterior, mean over the region, per photo.

    With soft labels its gradient is :math:`\sigma(x) - q`: the segmenter amortises the E-step. The posterior (of
    :func:`.visible_face.visible_face`) carries no gradient.

    Args:
        logits: ``(B, 1, H, W)`` x, of a visible face.
        region: ``(B, 1, H, W)`` 1 where the model projects.
        posterior: ``(B, 1, H, W)`` q in [0, 1].

    Returns:
        ``(B,)``; 0 where the region is empty.
    """
    target = posterior.detach().to(logits)
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return _region_mean(entropy, region)


def true_mask(logits: Tensor, region: Tensor, true_visible: Tensor, mask_known: Tensor) -> Tensor:
    """Cross entropy to a true mask, mean over the region, per photo.

    Args:
        logits: ``(B, 1, H, W)`` of a visible face.
        region: ``(B, 1, H, W)`` 1 where the model projects: elsewhere a mask means nothing.
        true_visible: ``(B, 1, H, W)`` in [0, 1], soft at edges.
        mask_known: ``(B,)`` whether ``true_visible`` is a truth.

    Returns:
        ``(B,)``; 0 where nothing is known.
    """
    return mask_known.to(logits) * teacher(logits, region, true_visible)


def dice(logits: Tensor, region: Tensor, true_visible: Tensor, mask_known: Tensor) -> Tensor:
    r"""Overlap of what is *hidden*, :math:`1 - \frac{2\sum_p h_p t_p + 1}{\sum_p h_p^2 + \sum_p t_p^2 + 1}`, per photo.

    h is the hidden share that the segmenter sees inside the region, t the true one. A thin occluder counts as much as a
    large one, unlike in :func:`true_mask`. Squares as in Milletari et al., "V-Net" (3DV 2016), so that a soft truth is
    its own best answer; the 1 keeps clean faces defined.

    Args:
        logits: ``(B, 1, H, W)`` of a visible face.
        region: ``(B, 1, H, W)`` 1 where the model projects.
        true_visible: ``(B, 1, H, W)`` in [0, 1].
        mask_known: ``(B,)`` whether ``true_visible`` is a truth.

    Returns:
        ``(B,)`` in [0, 1]; 0 where nothing is known.
    """
    return mask_known.to(logits) * _hidden_overlap(logits, region, true_visible)


def teacher_dice(logits: Tensor, region: Tensor, posterior: Tensor) -> Tensor:
    """:func:`dice` with what a photo's own posterior decides, at one half, in the truth's place.

    Where posteriors find an occluder in some photos and miss it in others, :func:`teacher` teaches their mean, which a
    decision at one half takes for face. The overlap with decisions is largest where also the less likely is called
    hidden, as soon as its probability is above half of the overlap that can be reached.

    Args:
        logits: ``(B, 1, H, W)`` of a visible face.
        region: ``(B, 1, H, W)`` 1 where the model projects.
        posterior: ``(B, 1, H, W)`` q in [0, 1], without gradient.

    Returns:
        ``(B,)`` in [0, 1].
    """
    return _hidden_overlap(logits, region, (posterior > 0.5).to(logits))


def _hidden_overlap(logits: Tensor, region: Tensor, visible: Tensor) -> Tensor:
    hidden = region * torch.sigmoid(-logits)
    wanted = region * (1 - visible.detach().to(logits))
    both = (hidden * wanted).sum((1, 2, 3))
    sizes = (hidden.square() + wanted.square()).sum((1, 2, 3))
    return 1 - (2 * both + 1) / (sizes + 1)


def _region_mean(values: Tensor, region: Tensor) -> Tensor:
    return (region * values).sum((1, 2, 3)) / region.sum((1, 2, 3)).clamp(min=1)
