"""The figures of one method or of several on the same photos, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import FocusfitError
from .bootstrap import DRAWS, Bootstrap, Interval
from .evaluation import Evaluation, Plot
from .figures import Figure, Weights

Photos = NDArray[np.bool_]
"""``(N,)``."""


@dataclass(frozen=True)
class Difference:
    """How a method differs from the first one on the same photos.

    Attributes:
        value: its figure minus the first one's.
        interval: of that, paired by photo.
    """

    value: float
    interval: Interval


@dataclass(frozen=True, eq=False)
class Summary:
    """One method's figures.

    Attributes:
        evaluation: what they were computed from.
        figures: for each key the value over all photos that take part.
        intervals: their 95 % bootstrap intervals; none for counts.
        groups: the values over each group of photos.
        differences: to the first method of a comparison; empty for that one.
        plot: the picture.
        entered: of a comparison's figures that some photo has not for every method, on how many photos they rest.
    """

    evaluation: Evaluation
    figures: Mapping[str, float]
    intervals: Mapping[str, Interval]
    groups: Mapping[str, Mapping[str, float]]
    differences: Mapping[str, Difference]
    plot: Plot
    entered: Mapping[str, int]

    def definition(self, figure: Figure) -> str:
        """What a figure is, and in a comparison on how many photos it rests where some drop out."""
        if figure.key not in self.entered:
            return figure.definition
        return f"{figure.definition}; on the {self.entered[figure.key]} photos where every method has one"


def summarize(evaluations: Sequence[Evaluation], draws: int = DRAWS, seed: int = 0) -> list[Summary]:
    """Compute all figures of methods that were evaluated on the same ground truth.

    Of several methods, only photos that every one predicted enter a figure, save those that count what is missing; and
    of a figure that a photo may not have, such as the IoU along an edge, only photos that have it for every method.

    Args:
        evaluations: one per method.
        draws: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        FocusfitError: the methods were evaluated on different photos.
    """
    first = evaluations[0]
    if any(each.photos != first.photos for each in evaluations):
        raise FocusfitError("the methods were evaluated on different photos")
    bootstrap = Bootstrap(first.clusters, draws, seed)
    common = np.logical_and.reduce([each.found for each in evaluations])
    entering = [_entering(figures, common) for figures in zip(*(each.figures for each in evaluations), strict=True)]
    entered = {} if len(evaluations) == 1 else _fewer(first, entering, common)
    return [_summarize(each, first, entering, entered, common, bootstrap) for each in evaluations]


def _entering(figures: Sequence[Figure], common: Photos) -> Photos:
    """The photos that enter a figure, which is given for each method."""
    entering = np.ones_like(common) if figures[0].counts_missing else common
    return np.logical_and.reduce([entering, *(each.defined for each in figures if each.defined is not None)])


def _fewer(first: Evaluation, entering: Sequence[Photos], common: Photos) -> dict[str, int]:
    """On how many photos those figures rest that not all common ones enter."""
    pairs = zip(first.figures, entering, strict=True)
    return {figure.key: int(photos.sum()) for figure, photos in pairs if photos.sum() < common.sum()}


def _summarize(
    each: Evaluation,
    first: Evaluation,
    entering: Sequence[Photos],
    entered: Mapping[str, int],
    common: Photos,
    bootstrap: Bootstrap,
) -> Summary:
    def values(members: Weights) -> dict[str, float]:
        pairs = zip(each.figures, entering, strict=True)
        return {figure.key: figure.statistic(members * photos) for figure, photos in pairs}

    everyone = each.members()
    figures = values(everyone)
    intervals, differences = {}, {}
    for figure, other, photos in zip(each.figures, first.figures, entering, strict=True):
        if figure.higher_is_better is None:
            continue
        weights = everyone * photos
        intervals[figure.key] = bootstrap.interval(figure.statistic, weights)
        if each is not first:
            gap = figures[figure.key] - other.statistic(weights)
            interval = bootstrap.difference(figure.statistic, other.statistic, weights)
            differences[figure.key] = Difference(gap, interval)
    groups = {group: values(each.members(group)) for group in each.group_names}
    return Summary(each, figures, intervals, groups, differences, each.plot(common.astype(np.int64)), entered)
