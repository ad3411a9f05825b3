"""What benchmarks/identity_real.py prints; definitions are in its head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from identity_real_photos import RealPhoto
from numpy.typing import NDArray

from focusfit.evaluation.bootstrap import Bootstrap, Interval
from focusfit.evaluation.figures import Statistic
from focusfit.evaluation.identity_pairs import IdentityPairs

Codes = NDArray[np.float64]
VIEWS = ("clean", "covered")


def centred(codes: Codes, found: NDArray[np.bool_]) -> Codes:
    """Codes less the mean of those of found faces; zero where none was found."""
    return np.where(found[:, None], codes - codes[found].mean(0), 0.0)


def tables(codes: Mapping[str, Codes], methods: Sequence[str], photos: Sequence[RealPhoto]) -> str:
    """Two tables in Markdown: the figures, and differences between them.

    Args:
        codes: by ``view/method``, each ``(N, K)``; ``view/found (N,)`` says which are of a face.
        methods: in the tables' order.
        photos: N of them.
    """
    people = [photo.person for photo in photos]
    everyone = np.ones(len(photos), np.int64)
    men = np.array([photo.sex == "male" for photo in photos]).astype(np.int64)
    bootstrap = Bootstrap(people)
    aucs: dict[str, Statistic] = {}
    lines = ["| photos | found | code | auc | auc_men | auc_centred | eer |", "|---|---|---|---|---|---|---|"]
    for view, name in product(VIEWS, methods):
        key, found = f"{view}/{name}", codes[f"{view}/found"].astype(bool)
        pairs, about_mean = (IdentityPairs(each, people) for each in (codes[key], centred(codes[key], found)))
        aucs[key] = pairs.auc
        chosen = (
            (pairs.auc, everyone),
            (pairs.auc, men),
            (about_mean.auc, everyone),
            (pairs.equal_error_rate, everyone),
        )
        cells = [f"{stat(who):.3f} {_span(bootstrap.interval(stat, who))}" for stat, who in chosen]
        lines.append(f"| {view} | {int(found.sum())} of {len(found)} | {name} | {' | '.join(cells)} |")
    lines += ["", "| difference of auc | value |", "|---|---|"]
    for one, other in (
        ("clean/fit", "clean/fit, no networks"),
        ("covered/fit", "covered/fit, no networks"),
        ("covered/fit", "clean/fit"),
        ("covered/fit, no networks", "clean/fit, no networks"),
        ("covered/recogniser", "clean/recogniser"),
    ):
        gap = aucs[one](everyone) - aucs[other](everyone)
        span = _span(bootstrap.difference(aucs[one], aucs[other], everyone), "+")
        lines.append(f"| {one} less {other} | {gap:+.3f} {span} |")
    return "\n".join(lines)


def _span(interval: Interval, sign: str = "") -> str:
    return f"[{interval.low:{sign}.3f}, {interval.high:{sign}.3f}]"
