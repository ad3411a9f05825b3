"""What all stages that explain photos share: how a batch is looked at, judged and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from ...data.augmentation import augment, frame_middle
from ...data.colour_jitter import jitter_colours
from ...data.face_batch import FaceBatch
from ...data.framed_faces import FramedFaces
from ...facemodel.coefficients import FaceCoefficients
from ...networks.encoder import FaceEncoder
from ...objectives.likelihood import explained
from ..figures import landmark_error, mask_figures, photometric_error, shape_error
from ..input_config import DataConfig
from .covered_lesson import CoveredPhotos
from .explanation import Explanation, explain
from .ingredients import TermContext


@dataclass(frozen=True, eq=False)
class Presented:
    """One batch before any network that learns has seen it.

    Attributes:
        view: what the encoder sees.
        landmark_fit: the least squares fit of its landmarks, or None where no term of the turn asks for that.
        covered: what the segmenter sees instead, where it is the one that learns.
    """

    view: FramedFaces
    landmark_fit: FaceCoefficients | None
    covered: CoveredPhotos | None = None


@dataclass(frozen=True, eq=False)
class Look:
    """One batch, explained.

    Attributes:
        view: what the encoder sees.
        fit: what the encoder says.
        region: ``(B, 1, S, S)`` 1 where the model projects and the photo has pixels; carries no gradient.
        landmark_fit: as in :class:`Presented`.
    """

    view: FramedFaces
    fit: Explanation
    region: Tensor
    landmark_fit: FaceCoefficients | None = None

    @property
    def shown(self) -> Tensor:
        """``(B, 3, S, S)`` the rendering as the segmenter gets it, here and ever after: RGB in [0, 1] on black."""
        return self.fit.rendering.image.clamp(0, 1)


def training_view(batch: FaceBatch, size: int, data: DataConfig) -> FramedFaces:
    """A batch moved and recoloured as the configuration says."""
    return recoloured(augment(batch, size, data.augmentation), batch, data)


def recoloured(view: FramedFaces, batch: FaceBatch, data: DataConfig) -> FramedFaces:
    """A view of ``batch`` with other colours, as the configuration says."""
    if data.colours is None:
        return view
    return view.with_photo(jitter_colours(view.photo, batch.seed, data.colours))


def look_at(
    view: FramedFaces, encoder: FaceEncoder, context: TermContext, landmark_fit: FaceCoefficients | None = None
) -> Look:
    """Explain a view."""
    coefficients: FaceCoefficients = encoder(view.photo)
    fit = explain(context.model, coefficients, view.photo.shape[-1])
    return Look(view, fit, fit.region * view.inside, landmark_fit)


def validation_look(batch: FaceBatch, encoder: FaceEncoder, context: TermContext) -> Look:
    """Explain the middle of the canvases."""
    return look_at(frame_middle(batch, encoder.config.size), encoder, context)


def explained_mask(look: Look, context: TermContext) -> Tensor:
    """``(B, 1, S, S)`` 1 where the rendering explains the photo: a mask without a segmenter."""
    return explained(look.view.photo, look.shown.detach(), look.region, context.settings.robust)


def look_figures(look: Look, mask: Tensor, context: TermContext) -> Mapping[str, Tensor]:
    """Validation figures, ``(B,)`` each; see :mod:`focusfit.training.figures`.

    Args:
        look: at a validation batch.
        mask: ``(B, 1, S, S)`` what the stage takes for visible face.
        context: of the stage.
    """
    view, fit = look.view, look.fit
    counted = mask
    figures = {"landmarks_nme": landmark_error(fit.landmarks, view.landmarks)}
    if view.visible_face is not None:
        counted = torch.where(view.mask_known[:, None, None, None], view.visible_face, mask)
        figures |= mask_figures(mask, look.region, view.visible_face, view.mask_known, view.inside)
    figures["photo_error"] = photometric_error(view.photo, look.shown, look.region * counted)
    figures["mask_share"] = (mask * look.region).sum((1, 2, 3)) / look.region.sum((1, 2, 3)).clamp(min=1)
    if view.neutral is not None:
        neutral = context.model.vertices(fit.coefficients.identity)
        figures["shape_mm"] = shape_error(neutral, view.neutral, view.shape_known)
    return figures


def sheet(photo: Tensor, rendering: Tensor, region: Tensor, mask: Tensor) -> Tensor:
    """``(B, 3, S, 3 S)`` for people: the photo, the rendering over it, the mask (white is face, red is covered)."""
    over = torch.lerp(photo, rendering, region)
    covered = torch.cat([torch.ones_like(mask), mask, mask], dim=1)
    return torch.cat([photo, over, region * covered], dim=3).clamp(0, 1)
