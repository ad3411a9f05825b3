"""Lines and dots that are one person's own: brow hairs, wrinkles, moles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .complexion import Complexion
from .eyelashes import UPPER_LIDS
from .skin_map import SkinMap

Array = NDArray[np.float32]
Canvas = NDArray[np.uint8]

SUBPIXEL_BITS = 4


def brow_hairs(skin: SkinMap, complexion: Complexion, rng: Generator) -> Canvas:
    """``(T, T)`` opacity of single hairs along both brows, and of the many finer ones between them."""
    shape, density = complexion.brows, complexion.pigments["brow_density"]
    count = int((90 + 300 * density) * (0.5 + 0.5 * shape.thickness))
    knots = np.arange(5.0)
    hairs = []
    for line, outward in ((skin.landmarks[17:22][::-1], -1.0), (skin.landmarks[22:27], 1.0)):
        t = rng.uniform(-0.15, 4.0 * shape.tail, 3 * count)
        t = t[rng.random(len(t)) < np.interp(t, knots, shape.density)][:count]
        x = np.interp(t, np.append(knots, 5), np.append(line[:, 0], 2 * line[4, 0] - line[3, 0]))
        y = np.interp(t, np.append(knots, 5), np.append(line[:, 1], 2 * line[4, 1] - line[3, 1]))
        x = x - outward * shape.reach * np.clip(1 - t / 2.5, 0, 1)
        y = y - 0.8
        width = np.interp(t, knots, shape.widths)
        across = np.clip(rng.standard_normal(len(t)) * 0.5, -1, 1)
        root = np.stack([x, y + across * width], axis=1) + rng.normal(0, 0.3, (len(t), 2))
        # inner hairs stand up, outer ones lie along the brow; those from above and below lean together
        angle = np.interp(t, (0, 1, 2.5, 4), (1.45, 0.85, 0.25, -0.35)) - 0.45 * across + rng.normal(0, 0.18, len(t))
        length = rng.uniform(2.6, 5.6, len(t)) * np.interp(t, (0, 1, 4), (0.8, 1.0, 0.75)) * shape.hair_length
        step = np.stack([outward * np.cos(angle), np.sin(angle)], axis=1) * length[:, None]
        bend = np.stack([outward * np.abs(step[:, 1]) * 0.15, -0.12 * length], axis=1)
        hairs.append(np.stack([root, root + 0.5 * step, root + step + bend], axis=1))
    strands = _draw(skin, np.concatenate(hairs), 190)
    return _spread(strands, 0.55, 0.95, 2.0 * skin.size / 512)


def wrinkles(skin: SkinMap, complexion: Complexion, rng: Generator) -> Canvas:
    """``(T, T)`` depth of lines; 255 is the deepest."""
    canvas = np.zeros((skin.size, skin.size), np.uint8)
    age = complexion.wrinkles
    p = skin.landmarks
    lines, values = [], []
    for line, strength, threshold in _line_templates(p, rng):
        depth = strength * (age - threshold) * rng.uniform(0.5, 1.3)
        if depth > 0.03:
            lines.append(_wavy(line, rng))
            values.append(int(min(255, 255 * depth)))
    if complexion.lid_creases > 0.1:
        for line in _lid_creases(p, complexion.crease_height):
            lines.append(_wavy(line, rng))
            values.append(int(min(255, 255 * 0.55 * complexion.lid_creases)))
    if not lines:
        return canvas
    ends = np.cumsum([len(line) for line in lines])[:-1]
    places = np.split(_fixed(skin.texels(np.concatenate(lines))), ends)
    for place, value in zip(places, values, strict=True):
        cv2.polylines(canvas, [place], False, value, 1, cv2.LINE_AA, SUBPIXEL_BITS)
    return _spread(canvas, 0.35, 1.1, 1.3 * skin.size / 512)


def _line_templates(p: Array, rng: Generator) -> list[tuple[NDArray, float, float]]:
    """Polylines in mm, how deep they get, and from what strength of ageing on they show."""
    lines: list[tuple[NDArray, float, float]] = []
    brow, eye_y = p[[19, 24], 1].max(), p[36:48, 1].mean()
    for k in range(rng.integers(2, 6)):
        y, half = brow + 9 + 8.5 * k + rng.normal(0, 1.5), rng.uniform(18, 42)
        x = np.linspace(-half, half, 9) + rng.normal(0, 5)
        lines.append((np.stack([x, y + 2.0 * np.cos(x / 18) + rng.normal(0, 0.4)], axis=1), 0.5, 0.25))
    for side in (-1.0, 1.0):
        frown = side * rng.uniform(3.5, 7.0) * np.array([1.0, 1.15, 1.2])
        lines.append((np.stack([frown, eye_y + np.array([7.0, 14.0, 21.0])], axis=1), 0.5, 0.3))
        outer = np.array([side * abs(p[45, 0]), p[45, 1]])
        for k in range(rng.integers(2, 5)):
            angle = np.radians(28 - 22 * k + rng.normal(0, 5))
            reach = rng.uniform(9, 17)
            direction = np.array([side * np.cos(angle), np.sin(angle)])
            sag = np.array([0, -0.12 * reach])
            start = outer + 4.5 * direction
            lines.append((np.array([start, start + reach / 2 * direction, start + reach * direction + sag]), 0.5, 0.3))
        inner = np.array([side * abs(p[42, 0]), p[42, 1]])
        t = np.linspace(0, 1, 6)[:, None]
        bag = inner + [0, -3] + t * (outer - inner) + np.array([0.0, -6.0]) * np.sin(np.pi * t) - [0.0, 5.0]
        lines.append((bag, 0.3, 0.0))
        lines.append((bag[:4] + np.array([side * 2.0, -5.0]), 0.4, 0.4))
        wing = np.array([side * (abs(p[35, 0]) + 3), p[35, 1] + 3])
        corner = np.array([side * (abs(p[54, 0]) + 7), p[54, 1] - 1])
        bulge = np.array([side * 3.5, 2.0])
        fold = np.array([wing, wing * 0.65 + corner * 0.35 + bulge, wing * 0.3 + corner * 0.7 + bulge, corner])
        lines.append((fold, 0.6, -0.25))
        chin = corner + np.array([side * 1.0, -5.0])
        lines.append((chin + np.array([(0.0, 0.0), (side * 0.5, -8.0), (-side * 1.5, -16.0)]), 0.5, 0.35))
    crease = np.array([(-10, p[57, 1] - 8), (0, p[57, 1] - 9.5), (10, p[57, 1] - 8)], float)
    lines.append((crease, 0.35, 0.1))
    return lines


def _lid_creases(p: Array, height: float) -> list[NDArray]:
    """Where the upper lids fold: ``height`` mm above their edges, nearer to them at both ends."""
    rise = height * np.array([0.35, 0.95, 1.0, 0.45])
    return [p[list(lid)] + np.column_stack([np.zeros(4), rise]) for lid in UPPER_LIDS]


def _wavy(line: NDArray, rng: Generator) -> NDArray:
    """A smooth, slightly trembling line through the corners."""
    smooth = _rounding(len(line)) @ line
    return smooth + np.cumsum(rng.normal(0, 0.12, smooth.shape), axis=0)


@cache
def _rounding(corners: int) -> NDArray:
    """``(5 (corners - 1) + 1, corners)``: points along a polyline, averaged with their neighbours."""
    t = np.linspace(0, corners - 1, 5 * (corners - 1) + 1)
    line = np.stack([np.interp(t, np.arange(corners), row) for row in np.eye(corners)], axis=1)
    padded = np.concatenate([line[:1], line[:1], line, line[-1:], line[-1:]])
    return (padded[:-4] + 2 * padded[1:-3] + 3 * padded[2:-2] + 2 * padded[3:-1] + padded[4:]) / 9


@dataclass(frozen=True, eq=False)
class Dots:
    """Round marks: rows of column, row, radius in texels, amount of melanin, amount of blood."""

    rows: Array


def dots(skin: SkinMap, complexion: Complexion, rng: Generator) -> Dots:
    """A person's moles and blemishes."""
    count = complexion.moles + complexion.spots
    mole = np.arange(count) < complexion.moles
    place = skin.uv[rng.integers(len(skin.uv), size=count)] + rng.normal(0, 3, (count, 2))
    scale = skin.size / 512
    radius = np.where(mole, rng.uniform(0.8, 2.4, count) ** 1.2, rng.uniform(1.5, 4.5, count)) * scale
    melanin = np.where(mole, rng.uniform(0.4, 2.2, count), 0.02)
    blood = np.where(mole, 0.1, rng.uniform(0.08, 0.4, count))
    return Dots(np.column_stack([place, radius, melanin, blood]).astype(np.float32).reshape(-1, 5))


def _draw(skin: SkinMap, lines: NDArray, value: int) -> Canvas:
    """Thin strokes ``(N, P, 2)`` in mm; where they cross they do not add up."""
    canvas = np.zeros((skin.size, skin.size), np.uint8)
    cv2.polylines(canvas, list(_fixed(skin.texels(lines))), False, value, 1, cv2.LINE_AA, SUBPIXEL_BITS)
    return canvas


def _spread(canvas: Canvas, sharp: float, soft: float, radius: float) -> Canvas:
    """Blend of a drawing and a blurred copy; only the part that is drawn on is touched."""
    left, top, width, height = cv2.boundingRect(canvas)
    room = 2 + int(4 * radius)
    rows, columns = slice(max(top - room, 0), top + height + room), slice(max(left - room, 0), left + width + room)
    part = canvas[rows, columns]
    canvas[rows, columns] = cv2.addWeighted(part, sharp, cv2.GaussianBlur(part, (0, 0), radius), soft, 0)
    return canvas


def _fixed(points: Array) -> NDArray[np.int32]:
    return np.rint(points * (1 << SUBPIXEL_BITS)).astype(np.int32)
