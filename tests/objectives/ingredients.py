"""One small batch with everything that any term asks for, in double precision."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from focusfit.facemodel.coefficients import FaceCoefficients
from focusfit.objectives.landmarks import LandmarkNoise
from focusfit.objectives.likelihood import RobustLikelihood
from focusfit.objectives.pixels import PixelNoise
from focusfit.objectives.prior import PriorWeights

SETTINGS = {
    "robust": RobustLikelihood(),
    "pixel_noise": PixelNoise(),
    "landmark_noise": LandmarkNoise(),
    "prior_weights": PriorWeights(),
    "image_size": 12,
    "identity_metric": 2 * torch.eye(5, dtype=torch.float64) + 0.5,
    "expression_metric": torch.eye(4, dtype=torch.float64) + 0.2,
}
"""Not batched."""


def make_ingredients(batch: int = 3, size: int = 12, seed: int = 0) -> dict[str, Any]:
    """Random pictures with a hole in the region, landmarks, features, coefficients and truths."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(batch, *shape, generator=generator, dtype=torch.float64)

    def normal(*shape: int) -> Tensor:
        return torch.randn(batch, *shape, generator=generator, dtype=torch.float64)

    photo = 0.2 + 0.6 * uniform(3, size, size)
    region = torch.ones(batch, 1, size, size, dtype=torch.float64)
    region[:, :, :3] = 0
    region[0, :, :, -2:] = 0
    # half of the pixels clearly inside the cut of 0.129, half clearly outside
    near = (uniform(1, size, size) < 0.5).double()
    rendering = photo + (2 * uniform(3, size, size) - 1).sign() * (0.3 - 0.27 * near) * (0.8 + 0.2 * uniform(3, 1, 1))
    coefficients = lambda: FaceCoefficients(normal(5), normal(4), normal(3), normal(3), normal(3), normal(3, 9))  # noqa: E731
    known = torch.arange(batch) != 1
    return {
        "photo": photo,
        "rendering": rendering * region,
        "region": region,
        "mask": 0.05 + 0.9 * uniform(1, size, size),
        "visible": region * uniform(1, size, size),
        "misfit": 0.1 * uniform(2, size, size),
        "logits": normal(1, size, size),
        "posterior": uniform(1, size, size),
        "pseudo_labels": (uniform(1, size, size) < 0.5).double(),
        "true_visible": uniform(1, size, size),
        "mask_known": known,
        "photo_embedding": normal(16),
        "rendering_embedding": normal(16),
        "photo_visible_embedding": normal(16),
        "rendering_visible_embedding": normal(16),
        "photo_shallow": normal(4, 5, 5),
        "masked_photo_shallow": normal(4, 5, 5),
        "masked_rendering_shallow": normal(4, 5, 5),
        "landmarks": size * uniform(68, 2),
        "projected_landmarks": size * uniform(68, 2),
        "landmark_visibility": uniform(68),
        "coefficients": coefficients(),
        "true_coefficients": coefficients(),
        "landmark_fit": coefficients(),
        "coefficients_known": known,
        "neutral_vertices": 50 * normal(7, 3),
        "true_neutral_vertices": 50 * normal(7, 3),
        "shape_known": known,
        "posed_vertices": 50 * normal(7, 3),
        "true_posed_vertices": 50 * normal(7, 3),
        "projected_vertices": size * uniform(7, 2),
        "true_projected_vertices": size * uniform(7, 2),
        "posed_landmarks": 50 * normal(68, 3),
        "true_posed_landmarks": 50 * normal(68, 3),
        "true_landmarks": size * uniform(68, 2),
        "landmarks_known": known,
        "vertices_known": known,
        **SETTINGS,
    }


def rows(ingredients: dict[str, Any], chosen: slice) -> dict[str, Any]:
    """The same for some photos of the batch."""
    return {name: value if name in SETTINGS else value[chosen] for name, value in ingredients.items()}
