"""`report.html`: one file that shows a run in any browser, without network."""

from __future__ import annotations

from html import escape
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import TextIO

import numpy as np

from .. import __version__
from ..facemodel.morphable import MorphableModel
from .half_written import partial_path
from .manifest import ManifestRow
from .report_card import data_element

MOST_CARDS = 150
"""Faces shown with pictures and mesh: about 30 MB. Further ones are lines of the table."""

MOST_LINES = 5000
"""Lines of the table; the manifest has all."""

# The page may show what it brings along, and nothing else.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


class Report:
    """Grows card by card on disk and gets its name when it is finished.

    It holds no times, so that two runs give the same file; those are in ``timings.csv``.

    Args:
        path: of the finished page.
        title: what was run, as plain text.
        model: the face model of the run.
    """

    def __init__(self, path: Path, title: str, model: MorphableModel) -> None:
        self._path, self._partial = path, partial_path(path)
        self._model = model
        self._lines: list[str] = []
        self._counts = {"faces": 0, "occluded": 0, "failed": 0, "left out": 0}
        self._file: TextIO = self._partial.open("w", encoding="utf-8")
        self._file.write(_head(title))

    room = MOST_CARDS
    """How many faces can have a card."""

    def add(self, row: ManifestRow, card: str | None = None) -> None:
        """Append a line of the table and, for a face, its card."""
        self._counts["faces" if row.ok else "failed"] += 1
        self._counts["occluded"] += row.occluded == "yes"
        if card is not None:
            self._file.write(card)
        if len(self._lines) < MOST_LINES:
            self._lines.append(_line(row))
        else:
            self._counts["left out"] += 1

    def finish(self) -> None:
        """Write the table and the viewer, and give the page its name."""
        self._file.write(_tail(self._model, self._lines, self._counts))
        self._file.close()
        self._partial.replace(self._path)

    def __enter__(self) -> Report:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._file.closed:
            self._file.close()
            self._partial.unlink(missing_ok=True)


def _head(title: str) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{escape(title)}</title><style>{_asset("report.css")}</style></head><body>
<h1>{escape(title)}</h1>
"""


def _tail(model: MorphableModel, lines: list[str], counts: dict[str, int]) -> str:
    bits = 16 if model.vertex_count <= 2**16 else 32
    triangles = data_element(
        "triangles", model.triangles.cpu().numpy().astype(f"<u{bits // 8}"), [f'data-bits="{bits}"']
    )
    more = f"<p>{counts['left out']} more lines: see manifest.csv.</p>" if counts["left out"] else ""
    columns = "".join(f"<th>{name}</th>" for name in ("photo", "face", "status", "hidden", "confidence", "reason"))
    return f"""<article><h2>All photos</h2>
<p class="soft">{counts["faces"]} faces, {counts["occluded"]} of them occluded, {counts["failed"]} failures ·
face model {escape(model.name)} ({escape(model.sha256[:12])}) · focusfit {escape(__version__)} ·
<a href="manifest.csv">manifest.csv</a> <a href="timings.csv">timings.csv</a></p>
<table><tr>{columns}</tr>{"".join(lines)}</table>{more}</article>
{triangles if np.prod(model.triangles.shape) else ""}
<script>{_asset("viewer.js")}</script>
</body></html>
"""


def _line(row: ManifestRow) -> str:
    hidden = "" if row.occluded_fraction is None else f"{100 * row.occluded_fraction:.0f} %"
    confidence = "" if row.confidence is None else f"{row.confidence:.2f}"
    cells = (row.photo, str(row.face), row.status, hidden, confidence, row.reason)
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("report_page", name).read_text(encoding="utf-8")
