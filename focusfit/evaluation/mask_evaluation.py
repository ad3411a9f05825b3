"""Masks of one method against ground truth."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from .evaluation import Curve, Evaluation, Plot, clusters_of, counts, score_photos
from .figures import NAN, Figure, Weights, deviation_of, photo_mean, ratio_of
from .mask_file import is_white, read_mask
from .mask_score import NO_SCORE, MaskScore, score_mask
from .occluded_faces import auc_of
from .predictions import Predictions
from .region_cover import landmark_hull
from .reliability import BINS, expected_calibration_error
from .truth import TruePhoto

HEADLINE = (
    "missing",
    "mask_accuracy",
    "mask_precision",
    "mask_f1",
    "mask_recall",
    "occluder_iou",
    "occluder_recall",
    "boundary_iou",
)

OCCLUDED_FROM = 0.05
"""A face with more than this share of its landmarks' hull hidden counts as occluded, where nothing else tells."""


REGION_SCORES = {
    "accuracy": "share that is called right",
    "precision": "of what is called visible face, the share that is",
    "f1": "harmonic mean of precision and recall",
    "recall": "share of the visible face that is called so",
}


def evaluate_masks(truth: Sequence[TruePhoto], predictions: Predictions, method: str) -> Evaluation:
    """Score a method's masks; photos without a true mask are left out.

    Raises:
        FocusfitError: no photo has a true mask, or a true mask is damaged.
    """
    photos = [photo for photo in truth if photo.visible]
    scores = score_photos(photos, predictions.mask, score_mask, NO_SCORE)
    occluded = [_is_occluded(photo) for photo in photos]
    return Evaluation(
        "masks",
        method,
        tuple(photo.name for photo in photos),
        tuple(_groups(photo, hidden) for photo, hidden in zip(photos, occluded, strict=True)),
        scores.found,
        scores.reasons,
        _columns(scores.each, occluded),
        (*counts(scores.found, scores.reasons), *_figures(scores.each, occluded)),
        HEADLINE,
        partial(_reliability_plot, scores.each, method),
        clusters_of(photos),
        _warning(scores.each),
    )


def _warning(scores: list[MaskScore]) -> str:
    whole = sum(score.region_share == 1 for score in scores)
    if not whole:
        return ""
    return (
        f"{whole} of {len(scores)} photos have no NAME_face_region.png and are scored over the whole photo, where all "
        "background counts as occluder: compare them with no method that is scored inside the face"
    )


def _is_occluded(photo: TruePhoto) -> bool | None:
    """What the layout says, else what the true mask says inside the landmarks' hull; None where neither speaks."""
    if photo.occluded is not None or photo.landmarks is None or photo.visible is None:
        return photo.occluded
    face = is_white(read_mask(photo.visible))
    hull = landmark_hull(photo.landmarks, face.shape)
    return bool(hull.any() and (hull & ~face).sum() > OCCLUDED_FROM * hull.sum())


def _groups(photo: TruePhoto, occluded: bool | None) -> tuple[str, ...]:
    if occluded is None or photo.occluded is not None:
        return photo.groups
    return (*photo.groups, "occluded" if occluded else "clean")


def _columns(scores: list[MaskScore], occluded: list[bool | None]) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {"occluded": list(occluded)}
    for kind in ("soft", "hard"):
        for name in REGION_SCORES:
            prefix = "" if kind == "soft" else "hard_"
            columns[f"{prefix}mask_{name}"] = [getattr(getattr(score, kind), name) for score in scores]
    columns["occluder_iou"] = [_divide(score.areas.true_negative, score.occluder_union) for score in scores]
    columns["occluder_recall"] = [_divide(score.areas.true_negative, score.occluder) for score in scores]
    for name in ("mean_iou", "boundary_iou", "occluded_share", "cover"):
        columns[name] = [getattr(score, name) for score in scores]
    return columns


def _figures(scores: list[MaskScore], occluded: list[bool | None]) -> list[Figure]:
    figures = []
    for name, meaning in REGION_SCORES.items():
        soft = [getattr(score.soft, name) for score in scores]
        hard = [getattr(score.hard, name) for score in scores]
        where = "inside the predicted region, mean over photos"
        figures += [
            photo_mean(f"mask_{name}", f"{meaning}; probabilities as they are, {where}", soft, "", True),
            Figure(f"mask_{name}_std", f"standard deviation of mask_{name} over photos", deviation_of(soft),
                   defined=np.isfinite(soft)),
            photo_mean(f"hard_mask_{name}", f"{meaning}; decisions, {where}", hard, "", True),
        ]  # fmt: skip
    tn, union, occluder = (
        np.array([read(score) for score in scores])
        for read in (lambda s: s.areas.true_negative, lambda s: s.occluder_union, lambda s: s.occluder)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        each_iou, each_recall = np.where(union > 0, tn / union, np.nan), np.where(occluder > 0, tn / occluder, np.nan)
    inside = "decisions inside the predicted region"
    known = np.array([hidden is not None for hidden in occluded])
    shares = np.where(known, [score.occluded_share for score in scores], np.nan)
    return [
        *figures,
        Figure("occluder_iou", f"IoU of what is not visible face; {inside}, pixels of all photos pooled",
               ratio_of(tn, union), "", True),
        photo_mean("occluder_iou_mean", f"the same by photo, mean over photos that have some; {inside}",
               each_iou, "", True),
        Figure("occluder_recall", f"share of the occluder that is found; {inside}, pooled",
               ratio_of(tn, occluder), "", True),
        photo_mean("occluder_recall_mean", f"the same by photo, mean over photos that have an occluder; {inside}",
               each_recall, "", True),
        photo_mean("mean_iou", "IoU of visible face and of all else, averaged, over the whole photo; mean over photos",
               [score.mean_iou for score in scores], "", True),
        photo_mean("boundary_iou", "IoU of bands of visible face along the occluder's edge, 2 % of the region's "
               "diagonal wide; mean over photos with an edge", [score.boundary_iou for score in scores], "", True),
        Figure("occluded_auc", "is this face occluded? area under the ROC curve of the predicted hidden share",
               auc_of(shares, [bool(hidden) for hidden in occluded]), "", True, defined=np.isfinite(shares)),
        Figure("calibration_error", f"gap between probability and frequency of visible face in {BINS} bins, "
               "pixels of the predicted regions pooled",
               expected_calibration_error([score.bins for score in scores]), "", False),
        photo_mean("region_share", "share of the photo that the predicted region covers; 1 where no region was given; "
               "mean over photos", [score.region_share for score in scores]),
        photo_mean("region_covers_hull", "share of the hull of the true landmarks that the predicted region covers, "
               "mean over photos", [score.cover for score in scores], "", True),
    ]  # fmt: skip


def _divide(part: float, whole: float) -> float:
    return part / whole if whole else NAN


def _reliability_plot(scores: list[MaskScore], method: str, weights: Weights) -> Plot:
    count, confidence, truth = (
        weights @ np.array([getattr(score.bins, name) for score in scores]) for name in ("count", "confidence", "truth")
    )
    used = count > 0
    curve = Curve(method, confidence[used] / count[used], truth[used] / count[used])
    return Plot(
        "Reliability of the masks inside the predicted regions",
        "predicted probability of visible face",
        "share that is visible face",
        (curve,),
        diagonal=True,
        markers=True,
    )
