"""What a face recogniser says about photo and rendering.

``embedding``s are its deep features ``(B, K)``, who it is; ``shallow`` maps ``(B, C, H, W)`` are its early features,
what a place looks like. Lengths do not matter: cosines are taken.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from ..imaging.channels import channel_length


def identity(photo_embedding: Tensor, rendering_embedding: Tensor) -> Tensor:
    r"""Perceptual distance :math:`1 - \cos(f(J), f(I))` of the deep features of whole, unmasked pictures.

    FOCUS (Li et al., CVPR 2023), pretraining and encoder's step; f is ArcFace (Deng et al., CVPR 2019).

    Args:
        photo_embedding: ``(B, K)`` of the photo aligned by its own landmarks.
        rendering_embedding: ``(B, K)`` of the rendering aligned by the model's landmarks.

    Returns:
        ``(B,)`` in [0, 2].
    """
    return 1 - F.cosine_similarity(rendering_embedding, photo_embedding, dim=1)


def masked_identity(photo_visible_embedding: Tensor, rendering_visible_embedding: Tensor) -> Tensor:
    """:func:`identity` of pictures in which both show the same in place of what is hidden, an occluder least of all.

    Args:
        photo_visible_embedding: ``(B, K)`` of the photo with its hidden parts replaced.
        rendering_visible_embedding: ``(B, K)`` of the rendering with the same parts replaced alike.

    Returns:
        ``(B,)`` in [0, 2].
    """
    return identity(photo_visible_embedding, rendering_visible_embedding)


def distance(masked_photo_shallow: Tensor, masked_rendering_shallow: Tensor) -> Tensor:
    r"""Mean over places of :math:`1 - \cos(s(mJ), s(mI))`: under a good mask, both pictures look alike.

    FOCUS (Li et al., CVPR 2023), segmenter's step; s are shallow features, m = region mask.

    Args:
        masked_photo_shallow: ``(B, C, H, W)`` of ``mask * photo``, aligned by the photo's landmarks.
        masked_rendering_shallow: ``(B, C, H, W)`` of ``mask * rendering``, aligned by the model's.

    Returns:
        ``(B,)`` in [0, 2].
    """
    return _map_distance(masked_rendering_shallow, masked_photo_shallow)


def preserve(photo_shallow: Tensor, masked_photo_shallow: Tensor) -> Tensor:
    r"""Mean over places of :math:`1 - \cos(s(I), s(mI))`: a mask should leave the photo what it is.

    FOCUS (Li et al., CVPR 2023), segmenter's step.

    Args:
        photo_shallow: ``(B, C, H, W)`` of the photo.
        masked_photo_shallow: ``(B, C, H, W)`` of ``mask * photo``, aligned alike.

    Returns:
        ``(B,)`` in [0, 2].
    """
    return _map_distance(photo_shallow, masked_photo_shallow)


def _map_distance(first: Tensor, second: Tensor) -> Tensor:
    cosine = (first * second).sum(1) / (channel_length(first) * channel_length(second)).clamp(min=1e-8)
    return (1 - cosine).mean((1, 2))
