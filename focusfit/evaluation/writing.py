"""An evaluation's files: figures as json, photos as csv, curves as png."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import FocusfitError
from .bootstrap import Interval
from .plot import draw_plot
from .summary import Difference, Summary

SCHEMA = "focusfit.evaluation"
SCHEMA_VERSION = 1


def write_summaries(summaries: Sequence[Summary], folder: Path) -> list[Path]:
    """Write ``KIND.json``, ``KIND.csv`` and ``KIND.png`` (kind: masks, shape, landmarks or identity).

    The json of one method has a key per figure, beside ``method``, ``intervals``, ``groups`` and ``definitions``. Of
    several it has such an object for each under ``methods``, with ``differences`` to the first. Undefined is null.

    Raises:
        FocusfitError: the folder cannot be written.
    """
    kind = summaries[0].evaluation.kind
    paths = [folder / f"{kind}.{suffix}" for suffix in ("json", "csv", "png")]
    plots = [summary.plot for summary in summaries]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths[0].write_text(json.dumps(_described(summaries), indent=1) + "\n", encoding="utf-8")
        _write_rows(summaries, paths[1])
        draw_plot(replace(plots[0], curves=tuple(curve for plot in plots for curve in plot.curves)), paths[2])
    except OSError as error:
        raise FocusfitError(f"cannot be written ({error.strerror or error})", file=folder) from error
    return paths


def _described(summaries: Sequence[Summary]) -> dict[str, Any]:
    first = summaries[0].evaluation
    head = {"schema": SCHEMA, "schema_version": SCHEMA_VERSION, "kind": first.kind}
    definitions = {figure.key: _definition(summaries[0].definition(figure), figure.unit) for figure in first.figures}
    curves = {
        curve.name: {"x": [_number(x) for x in curve.x], "y": [_number(y) for y in curve.y]}
        for summary in summaries
        for curve in summary.plot.curves
    }
    body = (
        _object(summaries[0])
        if len(summaries) == 1
        else {"methods": {s.evaluation.method: _object(s) for s in summaries}}
    )
    return head | body | {"definitions": definitions, "curves": curves}


def _object(summary: Summary) -> dict[str, Any]:
    described: dict[str, Any] = {key: _number(value) for key, value in summary.figures.items()}
    described["method"] = summary.evaluation.method
    described["intervals"] = {key: _interval(interval) for key, interval in summary.intervals.items()}
    described["groups"] = {
        group: {key: _number(value) for key, value in figures.items()} for group, figures in summary.groups.items()
    }
    if summary.differences:
        described["differences"] = {key: _difference(each) for key, each in summary.differences.items()}
    return described


def _definition(text: str, unit: str) -> str:
    return f"{text} ({unit})" if unit else text


def _interval(interval: Interval) -> list[float | None]:
    return [_number(interval.low), _number(interval.high)]


def _difference(difference: Difference) -> dict[str, Any]:
    return {"value": _number(difference.value), "interval": _interval(difference.interval)}


def _number(value: float) -> float | None:
    """JSON has no nan."""
    return value if math.isfinite(value) else None


def _write_rows(summaries: Sequence[Summary], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        columns = list(summaries[0].evaluation.columns)
        writer.writerow(["method", "photo", "groups", "found", "reason", *columns])
        for evaluation in (summary.evaluation for summary in summaries):
            for index, photo in enumerate(evaluation.photos):
                values = [_cell(evaluation.columns[column][index]) for column in columns]
                found = "yes" if evaluation.found[index] else "no"
                groups = ";".join(evaluation.groups[index])
                writer.writerow([evaluation.method, photo, groups, found, evaluation.reasons[index], *values])


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
