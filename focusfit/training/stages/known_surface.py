"""The surface encoder, taught by faces whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import OneCycleLR

from ...data.augmentation import Augmentation, augment, frame_middle
from ...data.colour_jitter import ColourJitter, jitter_colours
from ...data.face_batch import FaceBatch
from ...data.framed_faces import FramedFaces
from ...data.random_cover import RandomCover, cover_faces
from ...facemodel.morphable import MorphableModel
from ...networks.surface_encoder import EncodedFace, SurfaceEncoder
from ...objectives.known_surface import coefficient_error, point_negative_log_likelihood, surface_error
from ..stage import StepLosses

INNER = slice(17, 68)
"""iBUG-68 points inside the face."""


@dataclass(frozen=True)
class KnownSurfaceConfig:
    """How the encoder is taught.

    Attributes:
        points: weight of the surface points' negative log likelihood.
        identity: weight of the error of the neutral surface.
        expression: weight of the error of what the expression adds to it.
        albedo: weight of the albedo coefficients' error.
        light: weight of the light coefficients' error.
        learning_rate: at its peak.
        weight_decay: of AdamW.
        warm_up: share of the iterations in which the learning rate rises.
        augmentation: how faces are moved; never mirrored, since coefficients have no mirror image.
        covers: what is put over them.
        colours: how their colours are changed.
    """

    points: float = 1.0
    identity: float = 1.0
    expression: float = 1.0
    albedo: float = 0.2
    light: float = 0.5
    learning_rate: float = 1.0e-3
    weight_decay: float = 0.02
    warm_up: float = 0.08
    augmentation: Augmentation = field(
        default_factory=lambda: Augmentation(shift=0.09, scale=(0.78, 1.25), rotation=18.0, flip=0.0)
    )
    covers: RandomCover = field(default_factory=RandomCover)
    colours: ColourJitter = field(default_factory=ColourJitter)


class KnownSurfaceStage:
    """See :class:`focusfit.training.stage.Stage`.

    Args:
        encoder: what is taught.
        model: the face model of its coefficients.
        config: how it is taught.
        iterations: of the whole training, for the learning rate's schedule.
    """

    name = "known_surface"

    def __init__(
        self, encoder: SurfaceEncoder, model: MorphableModel, config: KnownSurfaceConfig, iterations: int
    ) -> None:
        self.config = config
        self.identity_metric, self.expression_metric = model.identity_metric, model.expression_metric
        self.encoder = encoder
        self.networks: Mapping[str, nn.Module] = {"encoder": encoder}
        optimizer = AdamW(encoder.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
        self.optimizers: Mapping[str, Optimizer] = {"encoder": optimizer}
        self.schedulers: Mapping[str, Any] = {
            "encoder": OneCycleLR(
                optimizer, config.learning_rate, max(iterations, 2), pct_start=config.warm_up, cycle_momentum=False
            )
        }

    def to(self, device: torch.device | str) -> None:
        """Move what is not trained."""
        self.identity_metric = self.identity_metric.to(device)
        self.expression_metric = self.expression_metric.to(device)

    def trained_at(self, iteration: int) -> str:
        """The encoder, always."""
        return "encoder"

    def ahead(self, batch: FaceBatch, iteration: int) -> FramedFaces:
        """The faces as they are shown."""
        c = self.config
        faces = cover_faces(augment(batch, self.encoder.config.size, c.augmentation), batch.seed, c.covers)
        return faces.with_photo(jitter_colours(faces.photo, batch.seed, c.colours))

    def losses(self, faces: FramedFaces, iteration: int) -> StepLosses:
        """Weighted errors against the truth."""
        c = self.config
        encoded: EncodedFace = self.networks["encoder"](faces.photo)
        errors = self._errors(encoded, faces)
        weights = {"points": c.points, "identity": c.identity, "expression": c.expression}
        weights |= {"albedo": c.albedo, "light": c.light}
        terms = {name: weight * errors[name].mean() for name, weight in weights.items()}
        total = torch.stack(list(terms.values())).sum()
        figures = {"sigma": encoded.sigma.detach().mean(), "distance": _distance(encoded, faces).mean().detach()}
        return StepLosses(total, {name: term.detach() for name, term in terms.items()}, figures)

    def _errors(self, encoded: EncodedFace, faces: FramedFaces) -> dict[str, Tensor]:
        assert faces.surface_points is not None
        assert faces.coefficients is not None
        sizes = self.encoder.config
        count = self.encoder.start_light.numel()
        albedo = faces.coefficients.shape[1] - sizes.identity - sizes.expression - count
        true_identity, true_expression, true_albedo, true_light = faces.coefficients.split(
            [sizes.identity, sizes.expression, albedo, count], dim=1
        )
        size = faces.photo.shape[-1]
        return {
            "points": point_negative_log_likelihood(
                encoded.points / size, encoded.sigma / size, faces.surface_points / size
            ),
            "identity": surface_error(encoded.identity, true_identity, self.identity_metric),
            "expression": surface_error(encoded.expression, true_expression, self.expression_metric),
            "albedo": coefficient_error(encoded.albedo, true_albedo[:, : sizes.albedo]),
            "light": coefficient_error(encoded.light.flatten(1), true_light),
        }

    def validate(self, batch: FaceBatch) -> Mapping[str, Tensor]:
        """Figures per photo; ``inner51`` as in ``focusfit evaluate landmarks``, in % of the landmark box's size."""
        faces = frame_middle(batch, self.encoder.config.size)
        encoded: EncodedFace = self.networks["encoder"](faces.photo)
        assert faces.surface_points is not None
        errors = self._errors(encoded, faces)
        apart = _distance(encoded, faces)
        extent = faces.landmarks.amax(1) - faces.landmarks.amin(1)
        box = extent.prod(1).sqrt()
        surprise = (encoded.points - faces.surface_points).square().sum(-1) / (2 * encoded.sigma**2)
        return {
            "inner51": 100 * apart[:, INNER].mean(1) / box,
            "all_points": 100 * apart.mean(1) / box,
            "squared_error_over_variance": surprise.mean(1),  # 1 where sigmas tell the truth
            **{name: error for name, error in errors.items() if name != "points"},
            "likelihood": errors["points"],
        }

    def pictures(self, batch: FaceBatch) -> Tensor:
        """The photos with the points found, the less sure the redder."""
        faces = frame_middle(batch, self.encoder.config.size)
        encoded: EncodedFace = self.networks["encoder"](faces.photo)
        sheet = torch.nn.functional.interpolate(faces.photo, scale_factor=2).clone()
        at = ((encoded.points + 0.5) * 2 - 0.5).round().long().clamp(0, sheet.shape[-1] - 1)
        doubt = (encoded.sigma / (0.05 * self.encoder.config.size)).clamp(0, 1)
        colour = torch.stack([doubt, 1 - doubt, torch.zeros_like(doubt)], dim=1)
        rows = torch.arange(len(sheet), device=sheet.device)[:, None]
        sheet[rows, :, at[..., 1], at[..., 0]] = colour.transpose(1, 2)
        return sheet


def _distance(encoded: EncodedFace, faces: FramedFaces) -> Tensor:
    """``(B, K)`` pixels."""
    assert faces.surface_points is not None
    return (encoded.points - faces.surface_points).norm(dim=-1)
