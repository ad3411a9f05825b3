"""What the terms of a training energy are made from, for one batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ...data.framed_faces import FramedFaces
from ...errors import TrainingError
from ...facemodel.coefficients import FaceCoefficients
from ...facemodel.morphable import MorphableModel
from ...networks.coefficient_head import CoefficientSizes
from ...networks.recognition.recogniser import Recogniser
from ...objectives.contour import ContourLines, visible_landmarks
from ...objectives.landmarks import landmark_visibility_of
from ...objectives.registry import TERMS, Ingredients
from ..term_settings import TermSettings
from .explanation import Explanation
from .landmark_teacher import fit_of_landmarks
from .posterior import KnownMisfit, photo_posterior
from .recognised import RecognisedFaces

Maker = Callable[[], Any]


@dataclass(frozen=True, eq=False)
class TermContext:
    """What stays the same from batch to batch.

    Attributes:
        model: the face model, as many coefficients as are used.
        known_sizes: how many coefficients of each kind known ones have, in data sets that know them.
        lines: along which the jaw line's points may move.
        misfit: of the model.
        recogniser: the judge of identity, or None where no term needs one.
        settings: of the terms.
    """

    model: MorphableModel
    known_sizes: CoefficientSizes
    lines: ContourLines
    misfit: KnownMisfit
    recogniser: Recogniser | None
    settings: TermSettings

    def to(self, device: torch.device | str) -> TermContext:
        """The same on another device; the recogniser is moved in place."""
        recogniser = None if self.recogniser is None else self.recogniser.to(device)
        return TermContext(
            self.model.to(device),
            self.known_sizes,
            self.lines.to(device),
            self.misfit.to(device),
            recogniser,
            self.settings,
        )


def fit_ingredients(
    context: TermContext,
    view: FramedFaces,
    fit: Explanation,
    region: Tensor,
    opinion: Tensor | None,
    balance: float = 0.0,
    landmark_fit: FaceCoefficients | None = None,
) -> dict[str, Maker]:
    """Ingredients that an explained batch has, masks aside.

    Args:
        context: what stays the same.
        view: the batch.
        fit: how it is explained.
        region: ``(B, 1, S, S)`` 1 where the model projects and the photo has pixels.
        opinion: ``(B, 1, S, S)`` of a segmenter, for the posterior, or None.
        balance: of the posterior.
        landmark_fit: made before, or None.
    """
    settings, image = context.settings, fit.rendering.image

    def posterior() -> Tensor:
        shown = image.detach().clamp(0, 1)
        misfit = context.misfit.at(fit.rendering)
        return photo_posterior(view.photo, shown, region, misfit, opinion, settings, balance)

    def projected_landmarks() -> Tensor:
        if settings.contour == "fixed":
            return fit.landmarks
        return visible_landmarks(fit.landmarks, context.lines, fit.vertices, fit.coefficients, fit.camera)

    return {
        "photo": lambda: view.photo,
        "rendering": lambda: image,
        "region": lambda: region,
        "coefficients": lambda: fit.coefficients,
        "landmarks": lambda: view.landmarks,
        "projected_landmarks": projected_landmarks,
        "landmark_fit": lambda: fit_of_landmarks(context.model, view) if landmark_fit is None else landmark_fit,
        "identity_metric": lambda: context.model.identity_metric,
        "expression_metric": lambda: context.model.expression_metric,
        "image_size": lambda: view.photo.shape[-1],
        "misfit": lambda: context.misfit.at(fit.rendering),
        "posterior": posterior,
        "neutral_vertices": lambda: context.model.vertices(fit.coefficients.identity),
        **_settings(settings),
        **_truth(context, view),
    }


def recognition_ingredients(
    recogniser: Recogniser, view: FramedFaces, fit: Explanation, mask: Maker, visible: Maker
) -> dict[str, Maker]:
    """Ingredients that the recogniser makes; ``mask`` and ``visible`` give ``(B, 1, S, S)``, 0 outside the region."""
    faces = RecognisedFaces(recogniser, view.photo, view.landmarks, fit.rendering.image, fit.landmarks)
    return {
        "photo_embedding": faces.photo_embedding,
        "rendering_embedding": faces.rendering_embedding,
        "photo_visible_embedding": lambda: faces.photo_visible_embedding(visible()),
        "rendering_visible_embedding": lambda: faces.rendering_visible_embedding(visible()),
        "photo_shallow": faces.photo_shallow,
        "masked_photo_shallow": lambda: faces.masked_photo_shallow(mask()),
        "masked_rendering_shallow": lambda: faces.masked_rendering_shallow(mask()),
    }


def visibility_ingredients(view: FramedFaces, region: Tensor, visible: Maker) -> dict[str, Maker]:
    """``visible``, a posterior without gradient, and what it says of the landmarks."""
    return {
        "visible": visible,
        "landmark_visibility": lambda: landmark_visibility_of(view.landmarks, region, visible()),
    }


def landmark_fit_ahead(
    context: TermContext, view: FramedFaces, weights: Mapping[str, float], logged: Sequence[str]
) -> FaceCoefficients | None:
    """The fit of a view's landmarks, if any of these terms asks for it."""
    wanted = any("landmark_fit" in TERMS[name].needs for name in (*weights, *logged))
    return fit_of_landmarks(context.model, view) if wanted else None


def require_ingredients(weights: Mapping[str, float], logged: Sequence[str], given: Ingredients, stage: str) -> None:
    """Raise TrainingError where no term has a weight, or a term that counts or is logged needs what there is not."""
    if not weights:
        raise TrainingError(
            f"{stage} has nothing to learn from: all weights of the network whose turn it is are 0",
            remedy="Give a term some weight, or the network no turn.",
        )
    for name in dict.fromkeys([*weights, *logged]):
        lacking = [needed for needed in TERMS[name].needs if needed not in given]
        if lacking:
            raise TrainingError(
                f"{stage} cannot compute the term {name!r}: it has no {', '.join(lacking)}",
                remedy=f"Set its weight to 0 and do not log it, or give data in which {lacking[0]} is known.",
            )


def _settings(settings: TermSettings) -> dict[str, Maker]:
    return {
        "robust": lambda: settings.robust,
        "pixel_noise": lambda: settings.pixel_noise,
        "landmark_noise": lambda: settings.landmark_noise,
        "prior_weights": lambda: settings.prior_weights,
    }


def _truth(context: TermContext, view: FramedFaces) -> dict[str, Maker]:
    """What is known of synthetic faces; all that no item of the batch knows is zero and flagged so."""
    batch, size = len(view), view.photo.shape[-1]
    nothing = view.photo.new_zeros(batch, 1, size, size)
    return {
        "mask_known": lambda: view.mask_known,
        "true_visible": lambda: nothing if view.visible_face is None else view.visible_face,
        "coefficients_known": lambda: view.surface_known,
        "true_coefficients": lambda: _true_coefficients(context, view),
        "shape_known": lambda: view.shape_known,
        "true_neutral_vertices": lambda: context.model.shape_mean[None] if view.neutral is None else view.neutral,
        "landmarks_known": lambda: view.mask_known,
        "true_landmarks": lambda: view.landmarks,
    }


def _true_coefficients(context: TermContext, view: FramedFaces) -> FaceCoefficients:
    """As many as the model has; zero, the mean face, for photos that know none."""
    mean = context.model.neutral_coefficients(len(view))
    if view.coefficients is None:
        return mean
    sizes = context.known_sizes
    blocks = view.coefficients.split(
        [sizes.identity, sizes.expression, sizes.albedo, view.coefficients.shape[1] - sum(sizes.widths[:3])], dim=1
    )
    names = ("identity", "expression", "albedo")
    leading = {name: block[:, : getattr(mean, name).shape[1]] for name, block in zip(names, blocks, strict=False)}
    return mean.replace(**leading)
