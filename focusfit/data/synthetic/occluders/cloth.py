"""Cloth around the face: scarves and collars over the mouth, veils with a slit for the eyes, bandages; and visors."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from ..layer import Layer
from ..posed_face import PosedFace
from .drawing import Array, gleam, lit, resolve, sample
from .shadow import cast
from .sheet import fill, look_up, smooth_outline
from .texture import flat_noise, random_colour, random_texture, solid_noise
from .wrap import BOTTOM, COLUMNS, ROWS, TOP, WIDEST, Wrap, on_texture, rows_within

CANVAS = (290, 220)
"""Rows and columns of the texture."""


def scarf(face: PosedFace, rng: Generator) -> Layer:
    """From below the chin up to anywhere between chin and nose, in thick folds."""
    points = face.landmarks
    height = np.interp(rng.beta(2, 1.6), [0, 0.35, 0.7, 1], points[[8, 57, 33, 29], 1]) - rng.uniform(0, 6)
    side = height + rng.uniform(-5, 30)
    angle = np.linspace(-1, 1, 15)
    sag = height + (side - height) * angle**2 + rng.normal(0, 5) * angle + 2.5 * rng.standard_normal(15)
    upper = np.column_stack([(angle + 1) / 2 * (CANVAS[1] - 1), _row(sag)])
    outline = np.vstack([upper, [(CANVAS[1] + 4, CANVAS[0] + 4), (-4, CANVAS[0] + 4)]])
    folds = _folds(rng, rng.uniform(7, 14), rng.uniform(18, 40), slant=rng.normal(0, 0.6))
    return _wound(face, rng, fill(CANVAS, outline), rows_within(outline, CANVAS), 6 + folds, "scarf")


def veil(face: PosedFace, rng: Generator) -> Layer:
    """All of the face but a slit for the eyes, or all below the eyes; sometimes thin enough to see through."""
    points = face.landmarks
    at = on_texture(points, CANVAS)
    low = points[[28, 29], 1].mean() + rng.normal(0, 5)
    if rng.random() < 0.6:
        high = points[[19, 24], 1].max() + rng.uniform(-3, 14)
        slit = np.array([(at[0, 0] - 4, 0), (at[27, 0], 0), (at[16, 0] + 4, 0), (at[27, 0], 0)])
        slit[:, 1] = _row(np.array([(low + high) / 2, high, (low + high) / 2, low]))
        middle = 0.5 * (slit + np.roll(slit, -1, axis=0))
        middle[:2, 1] = slit[1, 1] + 0.25 * (slit[0, 1] - slit[1, 1])
        middle[2:, 1] = slit[3, 1] + 0.25 * (slit[0, 1] - slit[3, 1])
        ring = np.stack([slit, middle], axis=1).reshape(-1, 2)
        cover, rows = 1 - fill(CANVAS, smooth_outline(ring)), slice(0, ROWS)
    else:
        angle = np.linspace(-1, 1, 15)
        line = _row(low + rng.uniform(-4, 12) * angle**2)
        outline = np.vstack([np.column_stack([(angle + 1) / 2 * (CANVAS[1] - 1), line]),
                             [(CANVAS[1] + 4, CANVAS[0] + 4), (-4, CANVAS[0] + 4)]])  # fmt: skip
        cover, rows = fill(CANVAS, outline), rows_within(outline, CANVAS)
    sheer = rng.uniform(0.45, 0.85) if rng.random() < 0.2 else 1.0
    folds = _folds(rng, rng.uniform(2, 5), rng.uniform(20, 45), slant=rng.normal(2, 1.5))
    return _wound(face, rng, sheer * cover, rows, 3 + folds, "veil")


def bandage(face: PosedFace, rng: Generator) -> Layer:
    """A strip across some of the face: plaster, eye patch, headband, blindfold."""
    points = face.landmarks
    centre = on_texture(points[[30, 33, 36, 45, 27, 19, 24, 8, 3, 13]], CANVAS)[rng.integers(10)]
    wide = rng.random() < 0.4
    half = np.array([CANVAS[1] if wide else rng.uniform(12, 40), rng.uniform(6, 20)])
    angle = rng.normal(0, 0.15) if wide else rng.uniform(0, np.pi)
    corners = np.array([(-1, -1), (0, -1.05), (1, -1), (1, 1), (0, 1.05), (-1, 1)]) * half
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    outline = corners @ turn.T + centre
    return _wound(face, rng, fill(CANVAS, outline), rows_within(outline, CANVAS), 2.0, "bandage")


def visor(face: PosedFace, rng: Generator) -> list[Layer]:
    """A face shield: clear, so that it hides nothing but where it reflects, and its band on the forehead."""
    points = face.landmarks
    top = points[[19, 24], 1].max() + rng.uniform(18, 40)
    band = np.array([(-4.0, 0), (CANVAS[1] + 4, 0), (CANVAS[1] + 4, 18), (-4, 18)])
    band[:, 1] += _row(np.array(top))
    strip = _wound(face, rng, fill(CANVAS, band), rows_within(band, CANVAS), 8.0, "visor")
    wrap = Wrap(np.full((ROWS, COLUMNS), Wrap.around(face, 9).radius.max() + rng.uniform(10, 30), np.float32))
    rows = slice(int((TOP - top) / (TOP - BOTTOM) * ROWS), int(ROWS * rng.uniform(0.82, 0.95)))
    samples = sample(face, wrap.mesh(face, 0.0, CANVAS, rows), 10.0)
    streaks = np.clip(solid_noise(samples.normals * (9, 1, 9), 8.0) - rng.uniform(0.4, 1.4), 0, 1)
    opacity = np.clip(rng.uniform(0.03, 0.10) + 0.35 * streaks + 0.6 * gleam(face, samples.normals, 40), 0, 0.7)
    pane = resolve(face, samples, np.full((len(samples), 3), rng.uniform(0.7, 1)), opacity)
    ones = np.ones((face.size, face.size), np.float32)
    return [strip, Layer("visor", pane.colour, pane.cover, ones, occludes=False)]


def _wound(face: PosedFace, rng: Generator, cover: Array, rows: slice, offset: Array | float, kind: str) -> Layer:
    """Cloth with ``cover (H, W)`` on the texture, drawn around the face."""
    mesh = Wrap.around(face, int(rng.integers(5, 13))).mesh(face, offset, CANVAS, rows)
    samples = sample(face, mesh, 12.0)
    fabric = _fabric(rng)
    scale = rng.uniform(0.5, 2.0) * fabric.shape[0] / CANVAS[0]
    place = np.mod(samples.attributes * scale, fabric.shape[0] - 1)
    flat = np.column_stack([samples.attributes, np.full(len(samples), rng.uniform(0, 60))])
    albedo = look_up(fabric, place) * (1 + 0.05 * solid_noise(flat, 4.0) + 0.04 * solid_noise(flat, 60.0))[:, None]
    opacity = look_up(cover[..., None], samples.attributes)[:, 0]
    return cast(face, resolve(face, samples, albedo * lit(face, samples.normals), opacity), rng, kind, thickness=20.0)


def _fabric(rng: Generator) -> Array:
    if rng.random() < 0.55:
        colour = random_colour(rng) if rng.random() < 0.6 else np.full(3, rng.uniform(0.02, 0.15))
        return np.broadcast_to(colour, (64, 64, 3)).astype(np.float32)
    return random_texture(rng, 64)


def _folds(rng: Generator, depth: float, period: float, slant: float) -> Array:
    """``(ROWS, COLUMNS)`` mm of relief: uneven folds ``period`` mm apart, ``slant`` from lying (0) to hanging."""
    height, angle = np.meshgrid(np.linspace(TOP, BOTTOM, ROWS), np.linspace(-WIDEST, WIDEST, COLUMNS), indexing="ij")
    along = (height + slant * 75 * angle) / np.hypot(1, slant)
    phase = along / period + 0.9 * flat_noise(rng, ROWS, COLUMNS, 16)
    relief = np.abs(np.sin(np.pi * phase)) * (0.7 + 0.4 * flat_noise(rng, ROWS, COLUMNS, 25))
    return np.asarray(depth * cv2.GaussianBlur(np.clip(relief, 0, 2).astype(np.float32), (0, 0), 0.8))


def _row(height: Array) -> Array:
    """Rows of the texture at heights in mm."""
    return (TOP - height) / (TOP - BOTTOM) * (CANVAS[0] - 1)
