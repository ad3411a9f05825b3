"""The segmenter, taught by masks that are known, over fits as wrong as those that it will meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
from ...facemodel.dense_points import dense_points
from ...facemodel.morphable import MorphableModel
from ...fitting.config import FitConfig
from ...fitting.encoded_start import draw_start, encoded_start
from ...fitting.problem import FitProblem
from ...fitting.surface_evidence import SurfaceTerm, surface_targets
from ...imaging.camera import Camera
from ...networks.segmenter import FaceSegmenter
from ...networks.surface_encoder import SurfaceEncoderConfig
from ...objectives.known_mask import mask_cross_entropy, occluder_dice
from ..stage import StepLosses
from .noisy_look import LookErrors, noisy_look


@dataclass(frozen=True)
class KnownMaskConfig:
    """How the segmenter is taught.

    Attributes:
        cross_entropy: weight of the pixels' cross entropy.
        dice: weight of the occluders' overlap.
        learning_rate: at its peak.
        weight_decay: of AdamW.
        warm_up: share of the iterations in which the learning rate rises.
        augmentation: how faces are moved; never mirrored, since surface points have no mirror image.
        covers: what is put over them.
        colours: how their colours are changed.
        errors: of the fits that it sees.
    """

    cross_entropy: float = 1.0
    dice: float = 0.5
    learning_rate: float = 1.5e-3
    weight_decay: float = 0.02
    warm_up: float = 0.08
    augmentation: Augmentation = field(
        default_factory=lambda: Augmentation(shift=0.06, scale=(0.82, 1.2), rotation=15.0, flip=0.0)
    )
    covers: RandomCover = field(default_factory=lambda: RandomCover(share=0.2))
    colours: ColourJitter = field(default_factory=ColourJitter)
    errors: LookErrors = field(default_factory=LookErrors)


@dataclass(frozen=True, eq=False)
class MaskLesson:
    """One batch as the segmenter sees it, and what it should say.

    Attributes:
        photo: ``(B, 3, S, S)``.
        rendering: ``(B, 3, S, S)`` of a fit as wrong as fits are, black outside the face.
        region: ``(B, 1, S, S)`` 1 where that fit is.
        truth: ``(B, 1, S, S)`` 1 where the face is seen.
    """

    photo: Tensor
    rendering: Tensor
    region: Tensor
    truth: Tensor


class KnownMaskStage:
    """See :class:`focusfit.training.stage.Stage`.

    Args:
        segmenter: what is taught.
        sizes: of the encoder whose fits it is for.
        model: the face model.
        config: how it is taught.
        iterations: of the whole training, for the learning rate's schedule.
    """

    name = "known_mask"

    def __init__(
        self,
        segmenter: FaceSegmenter,
        sizes: SurfaceEncoderConfig,
        model: MorphableModel,
        config: KnownMaskConfig,
        iterations: int,
    ) -> None:
        self.config, self.sizes, self.model = config, sizes, model
        self.points = dense_points(model, sizes.points)
        self.fit = replace(FitConfig(), size=sizes.size, landmark_steps=3)
        self.networks: Mapping[str, nn.Module] = {"segmenter": segmenter}
        optimizer = AdamW(segmenter.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
        self.optimizers: Mapping[str, Optimizer] = {"segmenter": optimizer}
        self.schedulers: Mapping[str, Any] = {
            "segmenter": OneCycleLR(
                optimizer, config.learning_rate, max(iterations, 2), pct_start=config.warm_up, cycle_momentum=False
            )
        }

    def to(self, device: torch.device | str) -> None:
        """Move what is not trained."""
        self.model, self.points = self.model.to(device), self.points.to(device)

    def trained_at(self, iteration: int) -> str:
        """The segmenter, always."""
        return "segmenter"

    def ahead(self, batch: FaceBatch, iteration: int) -> MaskLesson:
        """The faces as they are shown, and what lies over each."""
        c = self.config
        faces = cover_faces(augment(batch, self.sizes.size, c.augmentation), batch.seed, c.covers)
        return self._lesson(faces.with_photo(jitter_colours(faces.photo, batch.seed, c.colours)), batch.seed)

    def losses(self, lesson: MaskLesson, iteration: int) -> StepLosses:
        """Weighted errors against the true masks."""
        c, answer = self.config, (self._logits(lesson), lesson.truth, lesson.region)
        terms = {
            "cross_entropy": c.cross_entropy * mask_cross_entropy(*answer).mean(),
            "dice": c.dice * occluder_dice(*answer).mean(),
        }
        total = torch.stack(list(terms.values())).sum()
        return StepLosses(total, {name: term.detach() for name, term in terms.items()}, {})

    def _logits(self, lesson: MaskLesson) -> Tensor:
        logits: Tensor = self.networks["segmenter"](lesson.rendering, lesson.photo)
        return logits

    @torch.no_grad()
    def _lesson(self, faces: FramedFaces, seeds: Tensor) -> MaskLesson:
        assert faces.visible_face is not None
        size = self.sizes.size
        look = noisy_look(faces, seeds, self.sizes, self.config.errors)
        camera = Camera.for_crop(size, len(faces), faces.photo.device)
        targets = surface_targets(look, self.points, self.model, size, SurfaceTerm())
        problem = FitProblem(faces.photo, faces.inside, camera, targets)
        rendering, region = draw_start(self.model, encoded_start(problem, self.model, look, self.fit), problem)
        return MaskLesson(faces.photo, (rendering.image * region).clamp(0, 1), region, faces.visible_face)

    def validate(self, batch: FaceBatch) -> Mapping[str, Tensor]:
        """Hard masks inside the region: accuracy, and how what hides the face overlaps, per photo."""
        lesson = self._lesson(frame_middle(batch, self.sizes.size), batch.seed)
        logits = self._logits(lesson)
        inside, seen, said = lesson.region > 0.5, lesson.truth > 0.5, logits > 0
        share = lambda mask: (mask & inside).flatten(1).sum(1).float()  # noqa: E731
        pixels = share(inside).clamp(min=1)
        both, either = share(~seen & ~said), share(~seen | ~said)
        return {
            "accuracy": share(seen == said) / pixels,
            "occluder_iou": (both + 1) / (either + 1),
            "hidden": share(~seen) / pixels,
            "cross_entropy": mask_cross_entropy(logits, lesson.truth, lesson.region),
        }

    def pictures(self, batch: FaceBatch) -> Tensor:
        """Photo, rendering, mask and true mask side by side."""
        lesson = self._lesson(frame_middle(batch, self.sizes.size), batch.seed)
        mask, truth = (each * lesson.region for each in (self._logits(lesson).sigmoid(), lesson.truth))
        wide = [each.expand_as(lesson.photo) for each in (mask, truth)]
        return torch.cat([lesson.photo, lesson.rendering, *wide], dim=3)
