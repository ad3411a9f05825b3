"""Tables on the terminal, every figure with its definition."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from .summary import Difference, Summary

PLAIN_WIDTH = 140
"""Columns where the output is no terminal."""


def print_summaries(summaries: Sequence[Summary], console: Console | None = None) -> None:
    """Print one method's figures with intervals, or several side by side with differences to the first."""
    console = console or Console()
    if not console.is_terminal:
        console = Console(file=console.file, width=PLAIN_WIDTH)
    console.print(_figures_table(summaries[0]) if len(summaries) == 1 else _comparison_table(summaries))
    if summaries[0].groups:
        for summary in summaries:
            console.print(_groups_table(summary))
    for summary in summaries:
        for photo, reason in zip(summary.evaluation.photos, summary.evaluation.reasons, strict=True):
            if reason:
                console.print(f"{photo}: {reason}", markup=False)


def _figures_table(summary: Summary) -> Table:
    evaluation = summary.evaluation
    table = Table(title=f"{evaluation.kind}: {evaluation.method}", title_justify="left")
    for name in ("figure", "value", "95 % interval", "definition"):
        table.add_column(name, justify="right" if name == "value" else "left", no_wrap=name != "definition")
    for figure in evaluation.figures:
        interval = summary.intervals.get(figure.key)
        span = "" if interval is None else f"{shown(interval.low)} .. {shown(interval.high)}"
        table.add_row(_title(figure.key, figure.unit), shown(summary.figures[figure.key]), span, figure.definition)
    return table


def _comparison_table(summaries: Sequence[Summary]) -> Table:
    first = summaries[0].evaluation
    title = f"{first.kind}: on the photos that every method predicted; in brackets the 95 % interval of the difference"
    table = Table(title=f"{title} to {first.method}, paired by photo", title_justify="left")
    table.add_column("figure", no_wrap=True)
    for summary in summaries:
        table.add_column(summary.evaluation.method, justify="right")
    table.add_column("definition")
    for figure in first.figures:
        cells = [_compared(shown(s.figures[figure.key]), s.differences.get(figure.key)) for s in summaries]
        table.add_row(_title(figure.key, figure.unit), *cells, summaries[0].definition(figure))
    return table


def _compared(value: str, difference: Difference | None) -> str:
    if difference is None:
        return value
    low, high = difference.interval.low, difference.interval.high
    return f"{value} \\[{shown(low, '+')} {shown(high, '+')}]"


def _groups_table(summary: Summary) -> Table:
    evaluation = summary.evaluation
    keys = [key for key in ("photos", *evaluation.headline) if key in summary.figures]
    units = {figure.key: figure.unit for figure in evaluation.figures}
    table = Table(title=f"{evaluation.kind} by group of photos: {evaluation.method}", title_justify="left")
    table.add_column("group", no_wrap=True)
    for key in keys:
        table.add_column(_title(key, units[key]), justify="right")
    for group, figures in summary.groups.items():
        table.add_row(group, *(shown(figures[key]) for key in keys))
    return table


def shown(value: float, sign: str = "") -> str:
    """A figure in a table: counts as they are, others with four digits after the point; a dash if undefined."""
    if isinstance(value, int):
        return str(value)
    return "-" if not math.isfinite(value) else format(value, f"{sign}.4f")


def _title(key: str, unit: str) -> str:
    return f"{key}, {unit}" if unit else key
