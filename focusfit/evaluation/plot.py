"""A picture of a few curves, drawn with Pillow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .evaluation import Curve, Plot

SIZE = (900, 640)
FRAME = (90, 60, 870, 560)
"""Left, top, right, bottom of the axes in pixels."""

COLOURS = ((31, 98, 180), (214, 90, 40), (40, 140, 80), (150, 70, 160), (120, 120, 40), (60, 60, 60))
INK, GRID = (40, 40, 40), (225, 225, 225)
SHARPNESS = 3
"""Drawn so many times larger and reduced, for smooth lines."""


def draw_plot(plot: Plot, path: Path) -> None:
    """Write the picture as PNG.

    x spans what the curves span; y goes from 0 to 1, for every curve here is a share.

    Raises:
        OSError: the file cannot be written.
    """
    picture = Image.new("RGB", (SIZE[0] * SHARPNESS, SIZE[1] * SHARPNESS), "white")
    canvas = _Canvas(picture, *_range(plot))
    canvas.axes(plot)
    if plot.diagonal:
        canvas.line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), (170, 170, 170))
    for index, curve in enumerate(plot.curves):
        colour = COLOURS[index % len(COLOURS)]
        canvas.line(curve.x, curve.y, colour, markers=plot.markers)
        canvas.legend(index, curve, colour)
    picture.resize(SIZE, Image.Resampling.LANCZOS).save(path)


def _range(plot: Plot) -> tuple[float, float]:
    if plot.diagonal:
        return 0.0, 1.0
    x = np.concatenate([curve.x for curve in plot.curves])
    return float(x.min()), float(x.max())


class _Canvas:
    def __init__(self, picture: Image.Image, low: float, high: float) -> None:
        self.draw = ImageDraw.Draw(picture)
        self.font = ImageFont.load_default(15 * SHARPNESS)
        self.low, self.high = low, high

    def place(self, x: float, y: float) -> tuple[float, float]:
        left, top, right, bottom = FRAME
        across = left + (x - self.low) / (self.high - self.low) * (right - left)
        return across * SHARPNESS, (bottom - y * (bottom - top)) * SHARPNESS

    def axes(self, plot: Plot) -> None:
        for tick in _ticks(self.low, self.high):
            self.draw.line([self.place(tick, 0), self.place(tick, 1)], GRID, SHARPNESS)
            x, y = self.place(tick, 0)
            self.draw.text((x, y + 8 * SHARPNESS), f"{tick:g}", INK, self.font, "mt")
        for tick in _ticks(0, 1):
            self.draw.line([self.place(self.low, tick), self.place(self.high, tick)], GRID, SHARPNESS)
            x, y = self.place(self.low, tick)
            self.draw.text((x - 8 * SHARPNESS, y), f"{tick:g}", INK, self.font, "rm")
        self.draw.rectangle([self.place(self.low, 1), self.place(self.high, 0)], outline=INK, width=SHARPNESS)
        left, top, right, bottom = (edge * SHARPNESS for edge in FRAME)
        middle = (left + right) / 2
        self.draw.text((left, top - 12 * SHARPNESS), plot.y_label, INK, self.font, "ls")
        self.draw.text((middle, top - 34 * SHARPNESS), plot.title, INK, self.font, "ms")
        self.draw.text((middle, bottom + 52 * SHARPNESS), plot.x_label, INK, self.font, "ms")

    def line(self, x: np.ndarray, y: np.ndarray, colour: tuple[int, int, int], markers: bool = False) -> None:
        known = np.isfinite(x) & np.isfinite(y)
        points = [self.place(float(a), float(b)) for a, b in zip(x[known], y[known], strict=True)]
        if len(points) > 1:
            self.draw.line(points, colour, 2 * SHARPNESS, joint="curve")
        for a, b in points if markers else ():
            self.draw.circle((a, b), 4 * SHARPNESS, colour)

    def legend(self, index: int, curve: Curve, colour: tuple[int, int, int]) -> None:
        x, y = (FRAME[2] - 20) * SHARPNESS, (FRAME[3] - 24 - 24 * index) * SHARPNESS
        self.draw.text((x, y), curve.name, colour, self.font, "rm")


def _ticks(low: float, high: float) -> list[float]:
    """Five to ten round numbers."""
    step = 10.0 ** np.floor(np.log10(high - low))
    step = next(step * part for part in (0.1, 0.2, 0.5, 1.0) if (high - low) / (step * part) <= 10)
    return [
        float(round(k * step, 10))
        for k in range(int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9)) + 1)
    ]
