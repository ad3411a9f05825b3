"""Shapes of one method against true surfaces."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..errors import PredictionError
from .evaluation import Curve, Evaluation, Plot, clusters_of, counts, score_photos
from .figures import Figure, Pool, Weights
from .point_to_triangle import Surface
from .predictions import PredictedShape, Predictions
from .truth import TruePhoto

HEADLINE = ("missing", "shape_median_mm", "shape_mean_mm", "shape_std_mm")

CURVE_MM = np.linspace(0, 7, 281)
"""Thresholds of the cumulative error curve."""

Errors = NDArray[np.float64]
"""``(P,)`` distances in mm."""


def evaluate_shape(truth: Sequence[TruePhoto], predictions: Predictions, method: str) -> Evaluation:
    """Score a method's neutral faces; photos without a true surface are left out.

    Raises:
        FocusfitError: no photo has a true surface, or one is damaged.
    """
    photos = [photo for photo in truth if photo.shape]
    scores = score_photos(photos, predictions.shape, score_shape, np.zeros(0))
    pool = Pool(scores.each)
    medians, means = (
        [float(of(errors)) if len(errors) else float("nan") for errors in scores.each] for of in (np.median, np.mean)
    )
    return Evaluation(
        "shape",
        method,
        tuple(photo.name for photo in photos),
        tuple(photo.groups for photo in photos),
        scores.found,
        scores.reasons,
        {"points": [len(errors) for errors in scores.each], "shape_median_mm": medians, "shape_mean_mm": means},
        (*counts(scores.found, scores.reasons), *_figures(pool)),
        HEADLINE,
        partial(_plot, pool, method),
        clusters_of(photos),
    )


def score_shape(photo: TruePhoto, predicted: PredictedShape) -> Errors:
    """Distances of a photo's true points to the predicted surface, mm.

    Raises:
        FocusfitError: the true shape is damaged.
        PredictionError: the prediction's landmarks coincide.
    """
    assert photo.shape is not None
    true = photo.shape()
    surface = Surface(predicted.mesh.vertices, predicted.mesh.triangles)
    try:
        return true.protocol.distances(true.points, true.landmarks7, surface, predicted.landmarks7)
    except (ValueError, np.linalg.LinAlgError) as error:
        raise PredictionError(f"the predicted face of {photo.name} cannot be aligned ({error})") from error


def _plot(pool: Pool, method: str, weights: Weights) -> Plot:
    return Plot(
        "Cumulative error of the true surface's points",
        "distance to the predicted surface, mm",
        "share of points",
        (Curve(method, CURVE_MM, pool.share_below(CURVE_MM, weights)),),
    )


def _figures(pool: Pool) -> list[Figure]:
    what = "distance from true points to the predicted surface after alignment, points of all photos pooled"
    return [
        Figure("shape_median_mm", f"median {what}", pool.median, "mm", False),
        Figure("shape_mean_mm", f"mean {what}", pool.mean, "mm", False),
        Figure("shape_std_mm", f"standard deviation of the {what}", pool.deviation, "mm", False),
    ]
