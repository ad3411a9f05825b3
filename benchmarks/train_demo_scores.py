"""What every step of a training is worth on held-out photos."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from focusfit.data.face_batch import FaceBatch, FaceItem, collate
from focusfit.data.photos.crop_cache import build_crop_cache
from focusfit.data.photos.dataset import PhotoFaces
from focusfit.data.photos.listing import Split, list_faces
from focusfit.detection import read_photo
from focusfit.detection.landmark_csv import LandmarkTable
from focusfit.detection.photo_list import FACE_REGION, VISIBLE_MASK
from focusfit.evaluation.bootstrap import Bootstrap
from focusfit.fitting.fitter import Fitter
from focusfit.fitting.reconstruction import Reconstruction
from focusfit.networks.segmenter import FaceSegmenter
from focusfit.training.figures import landmark_error, mask_figures, shape_error
from focusfit.training.resolve import resolve
from focusfit.training.run_folder import RunFolder, find_encoder, find_segmenter
from focusfit.training.stages.face_stage import Look, explained_mask, look_figures, sheet, validation_look
from focusfit.training.stages.ingredients import TermContext
from focusfit.training.stages.pseudo_labels import labels_of
from focusfit.training.steps.request import term_context, used_model

FIGURES = {
    "landmarks_nme": "mean distance of 51 inner points in % of the root of width x height of the true points' box",
    "shape_mm": "mean distance of corresponding vertices of the neutral face after the best similarity",
    "mask_accuracy": "share of the fitted face's region that is rightly called face or covered; decisions at one half",
    "occluder_iou": "intersection over union of what is called and what is covered in that region, of occluded photos",
    "face_iou": "intersection over union of what is called and what is visible face anywhere in the photo",
}
"""Means over photos; see :mod:`focusfit.training.figures`."""

OCCLUDED_FROM = 0.01
"""Share of the true face from which on hidden a photo counts as occluded."""

LAST = "step 4"
COMPARED = ("shape_mm", "occluder_iou")
BATCH = 25
Methods = Mapping[str, Callable[[Look], Tensor]]


class HeldOut:
    """Photos whose truth is known, framed by their true landmarks."""

    def __init__(self, folder: Path, size: int, split: Split = "all") -> None:
        self.folder = folder
        listed = list_faces(folder, split)
        cache = build_crop_cache(listed.faces, size, folder / "crops")
        self.paths = [face.path for face in cache.faces]
        self._faces = PhotoFaces(cache, with_truth=True)

    def __len__(self) -> int:
        return len(self._faces)

    def item(self, index: int) -> FaceItem:
        """A photo with its true masks and its true neutral face."""
        with np.load(self.paths[index].with_suffix(".npz"), allow_pickle=False) as truth:
            return replace(self._faces[index], neutral=truth["neutral_vertices_mm"])

    def batches(self) -> Iterator[FaceBatch]:
        """All of them."""
        for first in range(0, len(self), BATCH):
            yield collate([self.item(index) for index in range(first, min(first + BATCH, len(self)))])

    def occluded(self) -> NDArray[np.bool_]:
        """``(N,)`` whether something hides the face."""
        hidden = []
        for path in self.paths:
            masks = [read_photo(path.with_name(path.stem + ending)).rgb for ending in (VISIBLE_MASK, FACE_REGION)]
            visible, region = (float(mask.sum(dtype=np.int64)) for mask in masks)
            hidden.append(1 - visible / region > OCCLUDED_FROM)
        return np.array(hidden)


@dataclass(frozen=True, eq=False)
class Scores:
    """Figures of every method.

    Attributes:
        occluded: ``(N,)`` bool.
        figures: by method and name, ``(N,)`` each; nan where a figure has no meaning.
    """

    occluded: NDArray[np.bool_]
    figures: Mapping[str, Mapping[str, NDArray[np.float64]]]

    def save(self, file: Path) -> None:
        """As plain arrays."""
        flat = {f"{method}/{name}": each for method, found in self.figures.items() for name, each in found.items()}
        np.savez(file, occluded=self.occluded, **flat)  # type: ignore[arg-type]


@torch.no_grad()
def score_methods(held_out: HeldOut, run: Path) -> Scores:
    """Every method on every photo."""
    steps = _Steps(run)
    parts: dict[str, list[Mapping[str, Tensor]]] = {}
    for batch in held_out.batches():
        for methods, look in steps.looks(batch):
            for name, mask in methods.items():
                parts.setdefault(name, []).append(look_figures(look, mask(look), steps.context))
        assert batch.neutral is not None
        mean = steps.context.model.shape_mean[None].expand_as(batch.neutral)
        parts.setdefault("mean face", []).append({"shape_mm": shape_error(mean, batch.neutral, batch.shape_known)})
    figures = {name: joined(found) for name, found in parts.items()}
    figures["per-photo EM"] = _per_photo(held_out)
    order = ("mean face", "step 1, explained pixels", "step 2, labels", "step 3", LAST, "per-photo EM")
    return Scores(held_out.occluded(), {name: figures[name] for name in order})


class _Steps:
    """What the steps have left."""

    def __init__(self, run: Path) -> None:
        folder = RunFolder(run)
        self.config = resolve(None, folder.plan)
        networks = self.config.networks
        used = used_model(None, networks)
        self.context: TermContext = term_context(used, self.config, {}, ())
        self.first = find_encoder(folder.autoencoder, networks.encoder, used.model, "step 1").eval()
        self.last = find_encoder(folder.joint, networks.encoder, used.model, "step 4").eval()
        self.segmenters = [
            find_segmenter(place, networks.segmenter, step).eval()
            for place, step in ((folder.segmenter, "step 3"), (folder.joint, "step 4"))
        ]

    def looks(self, batch: FaceBatch) -> Iterator[tuple[Methods, Look]]:
        """The batch as both encoders explain it, and the masks that methods make of that."""
        labelled, joint = self.segmenters
        first: Methods = {
            "step 1, explained pixels": lambda look: explained_mask(look, self.context),
            "step 2, labels": lambda look: labels_of(look, self.config.step2, self.context),
            "step 3": lambda look: segmented(labelled, look),
        }
        yield first, validation_look(batch, self.first, self.context)
        yield {LAST: lambda look: segmented(joint, look)}, validation_look(batch, self.last, self.context)


def segmented(segmenter: FaceSegmenter, look: Look) -> Tensor:
    """``(B, 1, S, S)`` its mask."""
    return torch.sigmoid(segmenter(look.shown, look.view.photo, look.region))


def joined(parts: list[Mapping[str, Tensor]]) -> Mapping[str, NDArray[np.float64]]:
    """Figures of all batches, nan where a method has none."""
    count = sum(len(part["shape_mm"]) for part in parts)
    return {
        name: torch.cat([part[name] for part in parts]).double().numpy() if name in parts[0] else np.full(count, np.nan)
        for name in FIGURES
    }


def _per_photo(held_out: HeldOut) -> Mapping[str, NDArray[np.float64]]:
    """The fit without a network, from the same landmarks."""
    table = LandmarkTable(held_out.folder / "all_landmarks.csv")
    fitter = Fitter(detector=table, networks=None)
    parts = []
    for first in range(0, len(held_out), 10):
        chosen = range(first, min(first + 10, len(held_out)))
        photos = [read_photo(held_out.paths[index]) for index in chosen]
        faces = [table.detect(photo)[0] for photo in photos]
        parts += [
            _fit_figures(result, held_out.item(index), held_out.paths[index], faces[k].landmarks["ibug68"].points)
            for k, (index, result) in enumerate(zip(chosen, fitter.fit_faces(photos, faces), strict=True))
        ]
    return joined(parts)


def _fit_figures(
    result: Reconstruction, item: FaceItem, path: Path, points: NDArray[np.float64]
) -> Mapping[str, Tensor]:
    known = torch.ones(1, dtype=torch.bool)
    mask = read_photo(path.with_name(path.stem + VISIBLE_MASK)).rgb
    inside = result.crop.inside((mask.shape[1], mask.shape[0]))
    visible = torch.from_numpy(result.crop.warp(np.ascontiguousarray(mask))[..., 0])[None, None]
    predicted, region = (
        torch.from_numpy(np.asarray(each))[None, None] for each in (result.mask_probability, result.region)
    )
    neutral = torch.from_numpy(result.neutral)[None]
    fitted, true = (torch.from_numpy(np.asarray(each, np.float32))[None] for each in (result.landmarks68, points))
    return {
        "landmarks_nme": landmark_error(fitted, true),
        "shape_mm": shape_error(neutral, torch.from_numpy(np.asarray(item.neutral))[None], known),
        **mask_figures(predicted.float(), region, visible, known, torch.from_numpy(inside)[None, None]),
    }


def table(scores: Scores, judged: str = LAST, compared: Sequence[str] = COMPARED) -> str:
    """Markdown: means by method, what ``judged`` has more of ``compared`` on occluded photos, definitions."""
    occluded = scores.occluded
    head = ["method", *FIGURES, "shape_mm, occluded"]
    lines = [_row(head), _row(["---"] * len(head))]
    for method, found in scores.figures.items():
        means = [_mean(found[name]) for name in FIGURES] + [_mean(found["shape_mm"][occluded])]
        lines.append(_row([method, *("-" if np.isnan(mean) else f"{mean:.4f}" for mean in means)]))
    lines += ["", _row([f"{judged} minus", *compared]), _row(["---"] * (1 + len(compared)))]
    bootstrap = Bootstrap([str(index) for index in range(len(occluded))])
    for method, found in scores.figures.items():
        if method != judged:
            pairs = [(scores.figures[judged][name], found[name]) for name in compared]
            lines.append(_row([method, *(_difference(bootstrap, *pair, occluded) for pair in pairs)]))
    about = (
        f"{len(occluded)} photos, {int(occluded.sum())} of them occluded: of these the differences, with 95 % of the "
    )
    about += "paired bootstrap in brackets."
    return "\n".join([*lines, "", about, *(f"- **{name}**: {text}" for name, text in FIGURES.items())])


def _difference(
    bootstrap: Bootstrap, one: NDArray[np.float64], other: NDArray[np.float64], members: NDArray[np.bool_]
) -> str:
    gain = one - other
    used = members & np.isfinite(gain)
    if not used.any():
        return "-"
    values = np.where(used, gain, 0.0)
    interval = bootstrap.interval(lambda weights: float((weights * values).sum() / weights.sum()), used.astype(float))
    return f"{values[used].mean():+.4f} [{interval.low:+.4f}, {interval.high:+.4f}]"


def _mean(values: NDArray[np.float64]) -> float:
    found = values[np.isfinite(values)]
    return float(found.mean()) if len(found) else float("nan")


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


@torch.no_grad()
def contact_sheet(held_out: HeldOut, run: Path, photos: int = 12) -> NDArray[np.uint8]:
    """A row a photo: photo, step 1's rendering and explained pixels; photo, step 4's rendering and mask; the truth."""
    steps = _Steps(run)
    occluded = np.flatnonzero(held_out.occluded())
    occluded = occluded if len(occluded) else np.arange(len(held_out))
    chosen = occluded[:: max(1, len(occluded) // photos)][:photos]
    batch = collate([held_out.item(int(index)) for index in chosen])
    columns = []
    for methods, look in steps.looks(batch):
        mask = next(iter(methods.values()))(look)
        columns.append(sheet(look.view.photo, look.shown, look.region, mask))
    assert look.view.visible_face is not None
    columns.append(look.view.visible_face.expand(-1, 3, -1, -1))
    rows = torch.cat(columns, dim=3)
    picture = torch.cat(list(rows), dim=1).permute(1, 2, 0)
    return (255 * picture.clamp(0, 1)).round().byte().numpy()
