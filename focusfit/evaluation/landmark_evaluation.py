"""Landmarks of one method against true ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .evaluation import Curve, Evaluation, Plot, clusters_of, counts, score_photos
from .figures import Figure, Weights, mean_of, photo_mean, ratio_of, sum_of
from .landmarks import INNER, HiddenPoints, box_size, hidden_points, normalised_errors
from .mask_file import is_white, read_mask
from .predictions import Predictions
from .truth import TruePhoto

HEADLINE = ("missing", "nme68", "nme51", "nme51_visible", "nme51_hidden", "fail10", "auc10")

LIMIT = 10.0
"""An error in % of the box from which a photo counts as failed."""

CURVE_PERCENT = np.linspace(0, LIMIT, 201)


@dataclass(frozen=True, eq=False)
class LandmarkScore:
    """One photo's errors.

    Attributes:
        errors: ``(68,)`` in % of the size of the true points' box; nan without a prediction.
        points: which of them masks call hidden.
    """

    errors: NDArray[np.float64]
    points: HiddenPoints

    @property
    def nme68(self) -> float:
        """Mean over all points."""
        return float(self.errors.mean())

    @property
    def nme51(self) -> float:
        """Mean over the inner points."""
        return float(self.errors[INNER].mean())


UNKNOWN = HiddenPoints(np.zeros(68, bool), np.zeros(68, bool))
NO_SCORE = LandmarkScore(np.full(68, np.nan), UNKNOWN)
"""Of a photo without a prediction."""


def evaluate_landmarks(truth: Sequence[TruePhoto], predictions: Predictions, method: str) -> Evaluation:
    """Score a method's 68 points; photos without true points are left out.

    Raises:
        FocusfitError: no photo has true points, or a mask is damaged.
    """
    photos = [photo for photo in truth if photo.landmarks is not None]
    scores = score_photos(photos, predictions.landmarks, score_landmarks, NO_SCORE)
    nme68 = [score.nme68 for score in scores.each]
    return Evaluation(
        "landmarks",
        method,
        tuple(photo.name for photo in photos),
        tuple(photo.groups for photo in photos),
        scores.found,
        scores.reasons,
        {
            "nme68": nme68,
            "nme51": [score.nme51 for score in scores.each],
            "hidden_points": [
                int(score.points.hidden.sum()) if score.points.known.any() else None for score in scores.each
            ],
        },
        (*counts(scores.found, scores.reasons), *_figures(scores.each)),
        HEADLINE,
        partial(_plot, nme68, method),
        clusters_of(photos),
    )


def score_landmarks(photo: TruePhoto, predicted: NDArray[np.float64]) -> LandmarkScore:
    """Score one photo's points ``(68, 2)``.

    Raises:
        FocusfitError: a mask of the truth is damaged.
    """
    assert photo.landmarks is not None
    return LandmarkScore(normalised_errors(predicted, photo.landmarks), _hidden(photo, photo.landmarks))


def _hidden(photo: TruePhoto, points: NDArray[np.float64]) -> HiddenPoints:
    if photo.cover:
        return hidden_points(points, 0.0, is_white(read_mask(photo.cover)))
    if photo.face and photo.visible:
        face, visible = is_white(read_mask(photo.face)), is_white(read_mask(photo.visible))
        return hidden_points(points, box_size(points), face & ~visible, face)
    return UNKNOWN


def _figures(scores: list[LandmarkScore]) -> list[Figure]:
    nme68, nme51 = np.array([score.nme68 for score in scores]), np.array([score.nme51 for score in scores])
    below = np.nan_to_num(np.maximum(0, 1 - nme68 / LIMIT), nan=0.0)
    percent = "in % of sqrt(width x height) of the true points' box"
    figures = [
        photo_mean("nme68", f"mean distance of the 68 points {percent}; mean over photos found", nme68, "%", False),
        photo_mean("nme51", "the same over the inner 51 points (17 to 67)", nme51, "%", False),
        Figure("fail10", "share of all photos that are missing or above 10 % nme68",
               mean_of(~(nme68 <= LIMIT)), "", False, counts_missing=True),
        Figure("auc10", "area under the curve of the share of all photos below an nme68 of 0 to 10 %, over 10 %",
               mean_of(below), "", True, counts_missing=True),
    ]  # fmt: skip
    errors = np.nan_to_num(np.array([score.errors for score in scores]))
    told = np.isfinite(nme68)[:, None]
    known, hidden = (np.array([getattr(score.points, name) for score in scores]) for name in ("known", "hidden"))
    for name, words, part in (
        ("visible", "not under", known & ~hidden & told),
        ("hidden", "under", known & hidden & told),
    ):
        for prefix, chosen in (("nme68", slice(0, 68)), ("nme51", INNER)):
            sums, numbers = (errors * part)[:, chosen].sum(1), part[:, chosen].sum(1)
            meaning = f"{prefix} over points {words} an occluder, pooled; of photos whose masks tell"
            figures.append(Figure(f"{prefix}_{name}", meaning, ratio_of(sums, numbers), "%", False))
        figures.append(Figure(f"points_{name}", f"number of points {words} an occluder", sum_of(part.sum(1))))
    return figures


def _plot(nme68: list[float], method: str, weights: Weights) -> Plot:
    """Over all photos whatever their weights: what is missing is never below, as in ``auc10``."""
    errors = np.sort(np.nan_to_num(nme68, nan=np.inf))
    shares = np.searchsorted(errors, CURVE_PERCENT, side="right") / len(errors)
    return Plot(
        "Photos below an error of their landmarks",
        "NME over 68 points, % of the box",
        "share of all photos",
        (Curve(method, CURVE_PERCENT, shares),),
    )
