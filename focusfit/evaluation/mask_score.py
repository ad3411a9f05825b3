"""One photo's mask against the true one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .figures import NAN
from .hard_masks import boundary_iou, hard_scores, mean_iou
from .mask_file import is_white, read_mask, require_size
from .masks import Confusion, RegionScores, confusion, soft_scores
from .predictions import PredictedMask
from .region_cover import hull_cover
from .reliability import BINS, ReliabilityBins, reliability_bins
from .truth import TruePhoto


@dataclass(frozen=True, eq=False)
class MaskScore:
    """One photo's scores.

    Attributes:
        soft: the reference's metric.
        hard: the same on decisions.
        areas: pixels of the decisions inside the region.
        mean_iou: over the whole photo.
        boundary_iou: along the occluder's edge; nan where there is none.
        cover: of the landmarks' hull by the region; nan without landmarks.
        occluded_share: predicted share of the region that is hidden; nan for an empty region.
        bins: of the probabilities inside the region.
        region_share: of the photo, that the region covers.
    """

    soft: RegionScores
    hard: RegionScores
    areas: Confusion
    mean_iou: float
    boundary_iou: float
    cover: float
    occluded_share: float
    bins: ReliabilityBins
    region_share: float

    @property
    def occluder(self) -> float:
        """Pixels of the region that are not visible face."""
        return self.areas.true_negative + self.areas.false_positive

    @property
    def occluder_union(self) -> float:
        """Pixels of the region that are not visible face or not called so."""
        return self.occluder + self.areas.false_negative


NO_SCORES = RegionScores(NAN, NAN, NAN, NAN)
NO_BINS = ReliabilityBins(np.zeros(BINS), np.zeros(BINS), np.zeros(BINS))
NO_SCORE = MaskScore(NO_SCORES, NO_SCORES, Confusion(0, 0, 0, 0), NAN, NAN, NAN, NAN, NO_BINS, NAN)
"""Of a photo without a prediction."""


def score_mask(photo: TruePhoto, predicted: PredictedMask) -> MaskScore:
    """Score one photo's mask.

    Raises:
        FocusfitError: the true mask is damaged.
        PredictionError: the prediction has another size.
    """
    assert photo.visible is not None
    truth = require_size(read_mask(photo.visible), predicted.soft.shape, photo.visible)
    face, region = is_white(truth), predicted.region
    areas = confusion(face.astype(np.float32), predicted.hard.astype(np.float32), region)
    return MaskScore(
        soft_scores(truth, predicted.soft, region),
        hard_scores(areas),
        areas,
        mean_iou(face, predicted.hard & region),
        boundary_iou(face, predicted.hard, region),
        NAN if photo.landmarks is None else hull_cover(region, photo.landmarks),
        float(1 - predicted.soft[region].mean(dtype=np.float64)) if region.any() else NAN,
        reliability_bins(predicted.soft[region], face[region]),
        float(region.mean()),
    )
