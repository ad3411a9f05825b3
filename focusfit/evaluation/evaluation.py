"""What every evaluation yields, whatever it measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..errors import FocusfitError, PredictionError
from .figures import Figure, Weights, count_of
from .truth import TruePhoto

Prediction = TypeVar("Prediction")
Score = TypeVar("Score")


@dataclass(frozen=True, eq=False)
class Curve:
    """A line of the evaluation's picture.

    Attributes:
        name: what the legend says.
        x: ``(K,)``.
        y: ``(K,)``.
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Plot:
    """The evaluation's picture.

    Attributes:
        title: what is drawn.
        x_label: meaning and unit of x.
        y_label: meaning and unit of y.
        curves: the lines; all x span the same range.
        diagonal: draw y = x too, x going from 0 to 1.
        markers: mark the curves' points.
    """

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    diagonal: bool = False
    markers: bool = False


@dataclass(frozen=True, eq=False)
class Evaluation:
    """One method on one set of photos.

    Attributes:
        kind: what was measured: masks, shape, landmarks or identity; the base of file names.
        method: the method's name.
        photos: names of the photos, or of what else a row of the table is.
        groups: names of the groups of each photo.
        found: ``(N,)`` there was a readable prediction.
        reasons: for each photo why an existing prediction could not be used, empty otherwise.
        columns: for each column of the table by photo its values; nan or None where there is none.
        figures: the figures.
        headline: keys of those that are shown for each group.
        plot: the picture under weights of the photos.
        clusters: for each photo what the bootstrap draws it with, such as the person.
        warning: what makes the figures unfit for comparison; empty where nothing does.
    """

    kind: str
    method: str
    photos: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    found: NDArray[np.bool_]
    reasons: tuple[str, ...]
    columns: Mapping[str, Sequence[object]]
    figures: tuple[Figure, ...]
    headline: tuple[str, ...]
    plot: Callable[[Weights], Plot]
    clusters: tuple[str, ...]
    warning: str = ""

    @property
    def group_names(self) -> list[str]:
        """Groups with a photo, in alphabetical order."""
        return sorted({name for groups in self.groups for name in groups})

    def members(self, group: str | None = None) -> Weights:
        """``(N,)`` 1 for the photos of a group, or for all."""
        if group is None:
            return np.ones(len(self.photos), np.int64)
        return np.array([group in groups for groups in self.groups], np.int64)


def counts(found: NDArray[np.bool_], reasons: Sequence[str]) -> tuple[Figure, ...]:
    """Figures that say on how many photos the others rest."""
    return (
        Figure("photos", "photos with ground truth", count_of(np.ones(len(found))), counts_missing=True),
        Figure("missing", "of these, photos without a usable prediction", count_of(~found), counts_missing=True),
        Figure(
            "invalid",
            "of these, predictions that were there but could not be used",
            count_of([reason != "" for reason in reasons]),
            counts_missing=True,
        ),
    )


def clusters_of(photos: Sequence[TruePhoto]) -> tuple[str, ...]:
    """What the bootstrap draws at once: the photos of one person, or a photo of which nothing is known."""
    return tuple(photo.name if photo.person is None else f"person {photo.person}" for photo in photos)


@dataclass(frozen=True, eq=False)
class Scores(Generic[Score]):
    """What became of each photo.

    Attributes:
        each: a score per photo.
        found: ``(N,)`` there was a usable prediction.
        reasons: why an existing one was not usable, empty otherwise.
    """

    each: list[Score]
    found: NDArray[np.bool_]
    reasons: tuple[str, ...]


def score_photos(
    photos: Sequence[TruePhoto],
    read: Callable[[str], Prediction | None],
    score: Callable[[TruePhoto, Prediction], Score],
    missing: Score,
) -> Scores[Score]:
    """Score every photo; one bad prediction does not end the evaluation.

    Args:
        photos: the photos.
        read: reads a photo's prediction by its name; None where there is none.
        score: compares it with the truth.
        missing: the score of a photo without a usable prediction.

    Raises:
        FocusfitError: the ground truth is damaged, or there is none.
    """
    if not photos:
        raise FocusfitError("the ground truth holds nothing of this kind", remedy="Choose another --truth.")
    scores, found, reasons = [], [], []
    for photo in photos:
        reason, predicted = "", None
        try:
            predicted = read(photo.name)
        except FocusfitError as error:
            reason = str(error)
        try:
            scores.append(missing if predicted is None else score(photo, predicted))
        except PredictionError as error:
            reason, predicted = str(error), None
            scores.append(missing)
        found.append(predicted is not None)
        reasons.append(reason)
    return Scores(scores, np.array(found), tuple(reasons))
