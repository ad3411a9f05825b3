"""Masks over mouth and nose: pleated surgical ones, stiff respirators, sewn cloth; worn well and badly."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from ..layer import Layer
from ..posed_face import PosedFace
from .drawing import Array, gleam, lit, resolve, sample
from .shadow import cast
from .sheet import fill, look_up, smooth_outline, stroke
from .texture import flat_noise, random_colour, random_texture, solid_noise
from .wrap import BOTTOM, COLUMNS, ROWS, TOP, Wrap, on_texture, rows_within

CANVAS = (320, 224)
"""Rows and columns of the texture: about one to the millimetre."""

BLUES = [(0.55, 0.76, 0.87), (0.66, 0.82, 0.90)]
MEDICAL = np.array([*BLUES, (0.93, 0.94, 0.95), (0.72, 0.86, 0.78), (0.17, 0.18, 0.20), (0.9, 0.7, 0.75)])


@dataclass(frozen=True)
class Cut:
    """The shape of a mask, as heights and widths on the face.

    Attributes:
        nose: where its upper edge crosses the nose, 0 at the bridge between the eyes, 1 at the tip, more below it.
        chin: mm that it reaches below the chin.
        side: where its side edges are, as share of the way from the mouth's corner to the ear.
        peak: mm that its middle stands off the face.
        pleats: number of folds.
    """

    nose: float
    chin: float
    side: float
    peak: float
    pleats: int


def surgical_mask(face: PosedFace, rng: Generator) -> Layer:
    """Pleated, light blue mostly; one in eight worn below the nose, one in twenty below the mouth."""
    height, pleats = _worn_at(rng, 0.35), int(rng.integers(2, 5))
    cut = Cut(height, rng.uniform(0, 14), rng.uniform(0.62, 0.8), rng.uniform(2, 9), pleats)
    colour = MEDICAL[rng.choice(len(MEDICAL), p=[0.36, 0.24, 0.14, 0.06, 0.16, 0.04])] * rng.uniform(0.88, 1.04)
    return _worn(face, rng, cut, plain(colour), "surgical_mask")


def respirator(face: PosedFace, rng: Generator) -> Layer:
    """FFP2: stiff, standing off the face like a beak, with a seam down its middle."""
    cut = Cut(_worn_at(rng, 0.3), rng.uniform(2, 12), rng.uniform(0.52, 0.68), rng.uniform(14, 26), 0)
    colour = (0.94, 0.94, 0.93) if rng.random() < 0.7 else tuple(random_colour(rng))
    return _worn(face, rng, cut, plain(colour), "respirator")


def cloth_mask(face: PosedFace, rng: Generator) -> Layer:
    """Sewn from any fabric."""
    cut = Cut(_worn_at(rng, 0.4), rng.uniform(0, 16), rng.uniform(0.55, 0.78), rng.uniform(2, 12), 0)
    return _worn(face, rng, cut, random_texture(rng, 128), "cloth_mask")


def _worn_at(rng: Generator, well: float) -> float:
    chance = rng.random()
    if chance < 0.05:
        return float(rng.uniform(2.1, 2.4))
    if chance < 0.17:
        return float(rng.uniform(1.15, 1.4))
    return float(np.clip(rng.normal(well, 0.15), 0.02, 0.8))


def plain(colour: Array | tuple[float, ...]) -> Array:
    """A fabric of one colour."""
    return np.broadcast_to(np.asarray(colour, np.float32), (2, 2, 3))


def _worn(face: PosedFace, rng: Generator, cut: Cut, fabric: Array, kind: str) -> Layer:
    outline, loops = mask_outline(face.landmarks, cut, rng)
    body = fill(CANVAS, outline)
    straps = stroke(CANVAS, loops[0], 2) + stroke(CANVAS, loops[1], 2)
    inner = cv2.blur(cv2.erode(body, np.ones((7, 7))), (3, 3))
    rows = rows_within(np.vstack([outline, *loops]), CANVAS)
    mesh = Wrap.around(face, 9).mesh(face, 2.5 + _relief(outline, cut, rng), CANVAS, rows)
    samples = sample(face, mesh, 8.0)
    body, straps, inner = look_up(np.dstack([body, straps, inner]), samples.attributes).T
    across, down = _on_mask(outline, samples.attributes)
    cloth = look_up(fabric, 0.5 * (np.stack([across, down], axis=1) + 1) * (fabric.shape[1] - 1, fabric.shape[0] - 1))
    cloth = cloth * _shade(across, down, inner, cut, rng)[:, None]
    strap = (straps * (1 - body))[:, None]
    albedo = cloth + strap * (fabric.mean((0, 1)) * 0.25 + 0.7 - cloth)
    colour = albedo * lit(face, samples.normals) + 0.05 * gleam(face, samples.normals, 8)[:, None]
    return cast(face, resolve(face, samples, colour, np.maximum(body, strap[:, 0])), rng, kind, thickness=14.0)


def _on_mask(outline: Array, place: Array) -> tuple[Array, Array]:
    """Where on the mask ``place (..., 2)`` of the texture is: across and down, each from -1 to 1."""
    centre, span = outline.mean(0), np.ptp(outline, axis=0) / 2
    return (place[..., 0] - centre[0]) / span[0], (place[..., 1] - centre[1]) / span[1]


def mask_outline(landmarks: Array, cut: Cut, rng: Generator) -> tuple[Array, list[Array]]:
    """The mask's edge ``(P, 2)`` and its ear loops on the texture."""
    at = lambda points: on_texture(np.asarray(points), CANVAS)  # noqa: E731
    nose = landmarks[27:31].astype(float)
    steps = [*np.linspace(0, 1, 4), 1.25, 2.0, 2.5]
    ridge = np.vstack([nose, landmarks[[33]], landmarks[[62]], landmarks[[57]]])
    top = np.array([np.interp(cut.nose, steps, ridge[:, c]) for c in range(3)])
    chin = at(landmarks[8]) + np.array([0, (cut.chin + 6) / (TOP - BOTTOM) * CANVAS[0]])
    points, loops = {}, []
    for sign, corner, ear, cheek, jaw in ((-1, 48, 1, 2, 5), (1, 54, 15, 14, 11)):
        mouth, side = at(landmarks[corner]), at(landmarks[ear])
        x = mouth[0] + cut.side * (side[0] - mouth[0])
        upper = np.array([x, max(at(landmarks[cheek])[1], at(top)[1] + 9) + rng.normal(0, 3)])
        lower = np.array([x, 0.35 * upper[1] + 0.65 * at(landmarks[jaw])[1] + 7 + rng.normal(0, 3)])
        lower[1] = max(lower[1], upper[1] + 22)
        points[sign] = (upper, lower)
        tilt = side[1] + rng.normal(0, 4)
        loops.append(np.array([upper, (side[0] + sign * 13, tilt - 9), (side[0] + sign * 19, tilt + 10), lower]))
    (ul, ll), (ur, lr) = points[-1], points[1]
    crest = at(top)
    shoulder = lambda u: 0.42 * u + 0.58 * crest + (0, 0.10 * abs(u[0] - crest[0]))  # noqa: E731
    jawed = lambda low: 0.5 * low + 0.5 * chin + (0, 4.5)  # noqa: E731
    right = [shoulder(ur), ur, 0.5 * (ur + lr) + (-1.5, 0), lr, jawed(lr)]
    left = [jawed(ll), ll, 0.5 * (ul + ll) + (1.5, 0), ul, shoulder(ul)]
    ring = [crest, *right, chin, *left]
    return smooth_outline(np.array(ring)), loops


def _relief(outline: Array, cut: Cut, rng: Generator) -> Array:
    """``(ROWS, COLUMNS)`` mm that the fabric stands off the face besides its thickness."""
    place = np.stack(np.meshgrid(np.linspace(0, CANVAS[1], COLUMNS), np.linspace(0, CANVAS[0], ROWS)), axis=-1)
    across, down = _on_mask(outline, place)
    bulge = cut.peak * np.clip(1 - np.abs(across) ** 1.3, 0, 1) * np.clip(1 - down**2, 0, 1)
    folds = 0.8 * flat_noise(rng, ROWS, COLUMNS, 6) * np.clip(np.abs(across) * 1.5, 0.3, 1)
    steps = np.zeros_like(down)
    for place in _pleats(cut):
        below = down - place - 0.05 * across**2
        steps += 2.2 * np.clip(below / 0.04, 0, 1) * np.clip(1 - 2.2 * below, 0, 1)
    inside = np.clip(6 * (1 - np.maximum(np.abs(across), np.abs(down))), 0, 1)
    return np.asarray(inside * (bulge + folds + steps), np.float32)


def _shade(across: Array, down: Array, inner: Array, cut: Cut, rng: Generator) -> Array:
    """``(N,)`` brightness of the fabric itself: weave, folds' edges, seams and hem."""
    weave = np.column_stack([70 * across, 70 * down, np.full_like(across, rng.uniform(0, 60))])
    shade = 1 + 0.015 * solid_noise(weave, 4.0) + 0.02 * solid_noise(weave, 40.0)
    for place in _pleats(cut):
        fold = (down - place - 0.05 * across**2) / 0.035
        shade += -0.20 / (1 + fold**2) ** 2 + 0.06 / (1 + (fold - 1.7) ** 2) ** 2
    if cut.pleats == 0:
        shade -= 0.12 / (1 + (across / 0.02) ** 2) ** 2
    return np.asarray(shade - 0.5 * inner * (1 - inner), np.float32)


def _pleats(cut: Cut) -> Array:
    return np.linspace(-0.35, 0.4, cut.pleats) if cut.pleats else np.empty(0)
