"""Networks before and after adaptation, on photos whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from train_demo_scores import FIGURES, HeldOut, Scores, joined, segmented, table

from focusfit.data.face_batch import FaceBatch, collate
from focusfit.networks.encoder import FaceEncoder
from focusfit.networks.segmenter import FaceSegmenter
from focusfit.training.resolve import resolve
from focusfit.training.run_folder import RunFolder, find_encoder, find_segmenter
from focusfit.training.stages.face_stage import look_figures, sheet, validation_look
from focusfit.training.stages.ingredients import TermContext
from focusfit.training.steps.request import term_context, used_model

BEFORE, HALF, AFTER = "not adapted", "encoder alone adapted", "adapted"
"""Masks are scored in the fitted face's region, which moves with the fit; the second has the region of the last."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Encoder and segmenter of step 4, and one or both adapted to the photos of some name."""

    context: TermContext
    pairs: Mapping[str, tuple[FaceEncoder, FaceSegmenter]]

    @classmethod
    def of(cls, run: Path, name: str) -> Pairs:
        """What ``run`` has left."""
        folder = RunFolder(run)
        config = resolve(None, folder.plan)
        networks, used = config.networks, used_model(None, config.networks)
        pairs = {
            method: (
                find_encoder(place, networks.encoder, used.model, "step 4").eval(),
                find_segmenter(place, networks.segmenter, "step 4").eval(),
            )
            for method, place in ((BEFORE, folder.joint), (AFTER, folder.adapted(name)))
        }
        mixed = {BEFORE: pairs[BEFORE], HALF: (pairs[AFTER][0], pairs[BEFORE][1]), AFTER: pairs[AFTER]}
        return cls(term_context(used, config, {}, ()), mixed)

    @torch.no_grad()
    def scores(self, held_out: HeldOut) -> Scores:
        """Of each, on every photo."""
        figures = {}
        for method, (encoder, segmenter) in self.pairs.items():
            looks = (validation_look(batch, encoder, self.context) for batch in held_out.batches())
            figures[method] = joined([look_figures(look, segmented(segmenter, look), self.context) for look in looks])
        return Scores(held_out.occluded(), figures)

    @torch.no_grad()
    def pictures(self, batch: FaceBatch) -> NDArray[np.uint8]:
        """A row a photo: photo, rendering and mask before; the same after; the truth."""
        columns = []
        for encoder, segmenter in (self.pairs[BEFORE], self.pairs[AFTER]):
            look = validation_look(batch, encoder, self.context)
            columns.append(sheet(look.view.photo, look.shown, look.region, segmented(segmenter, look)))
        assert look.view.visible_face is not None
        columns.append(look.view.visible_face.expand(-1, 3, -1, -1))
        picture = torch.cat(list(torch.cat(columns, dim=3)), dim=1).permute(1, 2, 0)
        return (255 * picture.clamp(0, 1)).round().byte().numpy()


def pooled(parts: Sequence[Scores]) -> Scores:
    """Of all parts' photos."""
    figures = {
        method: {name: np.concatenate([part.figures[method][name] for part in parts]) for name in found}
        for method, found in parts[0].figures.items()
    }
    return Scores(np.concatenate([part.occluded for part in parts]), figures)


def adaptation_table(scores: Scores) -> str:
    """Markdown, with the difference of every figure."""
    return table(scores, AFTER, tuple(FIGURES))


def some_photos(held_out: HeldOut, count: int) -> FaceBatch:
    """Every so many of the photos."""
    return collate([held_out.item(index) for index in range(0, len(held_out), max(1, len(held_out) // count))][:count])
