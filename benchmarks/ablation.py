"""What each part of the fit is worth, on photos with ground truth.

    python benchmarks/ablation.py TRUTH --out DIR [--workers 2] [--limit N]

Every photo is detected once by the default detector and fitted six ways: the mean face in the landmarks' pose, shape
from landmarks alone, photometric fit that trusts the whole region (EM off), the full fit (EM on), the same with nothing
known about what the model misses (no misfit prior), and the full fit with the true mask in place of the E-step (an
upper bound for it). A photo without a detection counts as missing. Predictions go to DIR/VARIANT, figures of each kind
to DIR/scores.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from focusfit.cli.progress import silence_decoders
from focusfit.detection import crop_for_landmarks, default_detector, read_photo
from focusfit.detection.face import DetectedFace
from focusfit.detection.photo import Photo
from focusfit.evaluation.figures import Figure
from focusfit.evaluation.landmark_evaluation import evaluate_landmarks
from focusfit.evaluation.mask_evaluation import evaluate_masks
from focusfit.evaluation.mask_file import read_mask
from focusfit.evaluation.misfit.estimate import uninformed
from focusfit.evaluation.predictions import Predictions
from focusfit.evaluation.shape_evaluation import evaluate_shape
from focusfit.evaluation.summary import Summary, summarize
from focusfit.evaluation.table import shown
from focusfit.evaluation.truth import TruePhoto, read_truth
from focusfit.evaluation.writing import write_summaries
from focusfit.export.face_folder import write_face
from focusfit.fitting.config import FitConfig
from focusfit.fitting.em import fit_batch
from focusfit.fitting.expectation import expectation
from focusfit.fitting.fit_state import FitState
from focusfit.fitting.fitter import Fitter, Solve
from focusfit.fitting.landmark_fit import fit_landmarks, landmark_equations
from focusfit.fitting.priors import prior_equations
from focusfit.fitting.problem import FitProblem
from focusfit.fitting.surface import FittingSurface
from focusfit.fitting.unknowns import Unknowns
from focusfit.imaging.renderer import render_coefficients

BATCH = 5
KINDS = {"masks": evaluate_masks, "shape": evaluate_shape, "landmarks": evaluate_landmarks}


def geometry_only(problem: FitProblem, surface: FittingSurface, config: FitConfig, shape: bool = True) -> FitState:
    """Pose, and ``shape`` if asked for, from landmarks; no pixel is looked at, the whole region counts as visible."""
    chosen = config if shape else replace(config, landmark_steps=0)
    c, model = fit_landmarks(problem, surface.model, chosen), surface.model
    rendering = render_coefficients(model, c, problem.camera)
    unknowns = Unknowns(model.identity_basis.shape[2], model.expression_basis.shape[2], config.albedo_modes)
    trust = torch.ones_like(problem.landmarks.weight)
    equations = prior_equations(c, unknowns, config.prior)
    equations = equations + landmark_equations(problem, c, config.landmarks, trust)
    return FitState(c, rendering.region.float() * problem.inside, rendering, equations)


def trusting(
    problem: FitProblem, surface: FittingSurface, state: FitState, config: FitConfig, truth: Tensor | None = None
) -> FitState:
    """E-step that takes ``truth (B, 1, S, S)`` for the mask, or the whole region."""
    found = expectation(problem, surface, state, config)
    region = found.rendering.region.float() * problem.inside
    return replace(found, visible=region if truth is None else region * truth)


def unaware(problem: FitProblem, surface: FittingSurface, config: FitConfig) -> FitState:
    """The full fit, every part of a face alike."""
    return fit_batch(problem, surface, uninformed(config))


def variants(truth: Tensor) -> dict[str, Solve]:
    """The six, the one that others are compared to first."""
    return {
        "EM on": fit_batch,
        "no misfit prior": unaware,
        "EM off": partial(fit_batch, expect=trusting),
        "landmarks only": geometry_only,
        "mean face": partial(geometry_only, shape=False),
        "oracle mask": partial(fit_batch, expect=partial(trusting, truth=truth)),
    }


NAMES = tuple(variants(torch.zeros(0)))


def true_masks(photos: Sequence[TruePhoto], faces: Sequence[DetectedFace], size: int) -> Tensor:
    """``(B, 1, S, S)`` the truth's visible face in each face's crop."""
    crops = []
    for photo, face in zip(photos, faces, strict=True):
        assert photo.visible is not None
        anchor = face.landmarks.get("ibug68") or face.landmarks["five"]
        mask = (np.asarray(read_mask(photo.visible)) > 0.5).astype(np.uint8) * 255
        warped = crop_for_landmarks(anchor.points, size).warp(np.repeat(mask[..., None], 3, axis=2))
        crops.append(torch.from_numpy(np.ascontiguousarray(warped[..., 0])))
    return (torch.stack(crops)[:, None] > 0.5).float()


def fit_photos(truth: Path, photos: Sequence[TruePhoto], out: Path) -> int:
    """Detect and fit a few photos every way; returns the number of faces found."""
    torch.set_num_threads(1)
    silence_decoders()
    fitter = _fitter()
    found: list[tuple[TruePhoto, Photo, DetectedFace]] = []
    for true in photos:
        photo = read_photo(truth / true.name)
        found += [(true, photo, face) for face in fitter.detector.detect(photo)[:1]]
    if not found:
        return 0
    trues, images, faces = (list(column) for column in zip(*found, strict=True))
    for name, solve in variants(true_masks(trues, faces, fitter.config.size)).items():
        fitter.solve = solve
        for true, photo, result in zip(trues, images, fitter.fit_faces(images, faces), strict=True):
            write_face(result, photo, out / name / Path(true.name).with_suffix(""))
    return len(found)


_loaded: list[Fitter] = []


def _fitter() -> Fitter:
    """One per worker."""
    if not _loaded:
        _loaded.append(Fitter(detector=default_detector(), networks=None))
    return _loaded[0]


def table(summaries: Sequence[Sequence[Summary]]) -> str:
    """Headline figures of all kinds as Markdown, then their definitions."""
    lines = ["| figure | " + " | ".join(NAMES) + " |", "|---|" + "---|" * len(NAMES)]
    definitions = []
    for methods in summaries:
        evaluation = methods[0].evaluation
        for figure in evaluation.figures:
            if figure.key not in (*evaluation.headline, "missing"):
                continue
            lines.append(
                f"| {evaluation.kind}: {figure.key} | " + " | ".join(_cell(m, figure.key) for m in methods) + " |"
            )
            definitions.append(f"- **{evaluation.kind}: {figure.key}** ({figure.unit or '-'}): {figure.definition}")
    return "\n".join([*lines, "", *definitions])


GROUPED = {"masks": ("hard_mask_accuracy", "occluder_iou"), "shape": ("shape_median_mm",), "landmarks": ("nme51",)}
"""Figures that are shown by group too, of the methods with and without the misfit prior."""

FEW = 3
"""Groups with fewer photos are left out."""


def group_table(summaries: Sequence[Sequence[Summary]]) -> str:
    """Headline figures by group of photos (clean, occluded, kind of occluder), with and without the misfit prior."""
    first = summaries[0][0].evaluation
    groups = [group for group in first.group_names if first.members(group).sum() >= FEW]
    keys = [(methods, figure.key) for methods in summaries for figure in _grouped(methods[0])]
    lines = ["| group | photos | " + " | ".join(key for _, key in keys) + " |", "|---" * (2 + len(keys)) + "|"]
    for group in groups:
        cells = [_group_cell(methods, group, key) for methods, key in keys]
        lines.append(f"| {group} | {int(first.members(group).sum())} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _grouped(summary: Summary) -> list[Figure]:
    return [figure for figure in summary.evaluation.figures if figure.key in GROUPED[summary.evaluation.kind]]


def _group_cell(methods: Sequence[Summary], group: str, key: str) -> str:
    """With the misfit prior, and without."""
    compared = (methods[NAMES.index(name)] for name in ("EM on", "no misfit prior"))
    return " / ".join(shown(method.groups[group][key]) if group in method.groups else "-" for method in compared)


def _cell(summary: Summary, key: str) -> str:
    value, difference = shown(summary.figures[key]), summary.differences.get(key)
    if difference is None:
        return value
    return f"{value} [{shown(difference.interval.low)}, {shown(difference.interval.high)}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", type=Path, help="folder of photos with ground truth, as docs/evaluation.md says")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=int, help="only the first N photos")
    options = parser.parse_args()
    photos = read_truth(options.truth)[: options.limit]
    chunks = [photos[i : i + BATCH] for i in range(0, len(photos), BATCH)]
    start = time.perf_counter()
    work: Callable[[Sequence[TruePhoto]], int] = partial(fit_photos, options.truth, out=options.out)
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        faces = sum(pool.map(work, chunks))
    print(f"{faces} faces in {len(photos)} photos, each fitted {len(NAMES)} ways: {time.perf_counter() - start:.0f} s")
    predictions = [(name, Predictions(options.out / name)) for name in NAMES]
    summaries = []
    for evaluate in KINDS.values():
        summaries.append(summarize([evaluate(photos, prediction, name) for name, prediction in predictions]))
        write_summaries(summaries[-1], options.out / "scores")
    text = f"{table(summaries)}\n\n{group_table(summaries)}"
    (options.out / "table.md").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
