"""The figures of one method or of several on the same photos, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import FocusfitError
from .bootstrap import DRAWS, Bootstrap, Interval
from .evaluation import Evaluation, Plot
from .figures import Figure, Weights


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
    """

    evaluation: Evaluation
    figures: Mapping[str, float]
    intervals: Mapping[str, Interval]
    groups: Mapping[str, Mapping[str, float]]
    differences: Mapping[str, Difference]
    plot: Plot


def summarize(evaluations: Sequence[Evaluation], draws: int = DRAWS, seed: int = 0) -> list[Summary]:
    """Compute all figures of methods that were evaluated on the same ground truth.

    Of several methods, only photos that every one predicted enter a figure, save those that count what is missing.

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
    return [_summarize(each, first, common, bootstrap) for each in evaluations]


def _summarize(each: Evaluation, first: Evaluation, common: np.ndarray, bootstrap: Bootstrap) -> Summary:
    def weights(figure: Figure, group: str | None = None) -> Weights:
        members = each.members(group)
        return members if figure.counts_missing else members * common

    figures = {figure.key: figure.statistic(weights(figure)) for figure in each.figures}
    intervals, differences = {}, {}
    for figure, other in zip(each.figures, first.figures, strict=True):
        if figure.higher_is_better is None:
            continue
        intervals[figure.key] = bootstrap.interval(figure.statistic, weights(figure))
        if each is not first:
            gap = figures[figure.key] - other.statistic(weights(other))
            interval = bootstrap.difference(figure.statistic, other.statistic, weights(figure))
            differences[figure.key] = Difference(gap, interval)
    groups = {
        group: {figure.key: figure.statistic(weights(figure, group)) for figure in each.figures}
        for group in each.group_names
    }
    return Summary(each, figures, intervals, groups, differences, each.plot(common.astype(np.int64)))
