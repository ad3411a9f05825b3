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
from .texture import flat_noise, random_colour, random_texture
from .wrap import BOTTOM, COLUMNS, ROWS, TOP, Wrap, on_texture

CANVAS = (432, 300)
"""Rows and columns of the texture: about 1.5 to the millimetre."""

MEDICAL = np.array(
    [(0.55, 0.76, 0.87), (0.66, 0.82, 0.90), (0.93, 0.94, 0.95), (0.72, 0.86, 0.78), (0.17, 0.18, 0.20), (0.9, 0.7, 0.75)]
)


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
    cut = Cut(_worn_at(rng, 0.35), rng.uniform(0, 14), rng.uniform(0.62, 0.8), rng.uniform(2, 9), int(rng.integers(2, 5)))
    colour = MEDICAL[rng.choice(len(MEDICAL), p=[0.36, 0.24, 0.14, 0.06, 0.16, 0.04])] * rng.uniform(0.88, 1.04)
    return _worn(face, rng, cut, np.broadcast_to(colour.astype(np.float32), (*CANVAS, 3)), "surgical_mask")


def respirator(face: PosedFace, rng: Generator) -> Layer:
    """FFP2: stiff, standing off the face like a beak, with a seam down its middle."""
    cut = Cut(_worn_at(rng, 0.3), rng.uniform(2, 12), rng.uniform(0.52, 0.68), rng.uniform(14, 26), 0)
    colour = (0.94, 0.94, 0.93) if rng.random() < 0.7 else tuple(random_colour(rng))
    return _worn(face, rng, cut, np.broadcast_to(np.array(colour, np.float32), (*CANVAS, 3)), "respirator")


def cloth_mask(face: PosedFace, rng: Generator) -> Layer:
    """Sewn from any fabric."""
    cut = Cut(_worn_at(rng, 0.4), rng.uniform(0, 16), rng.uniform(0.55, 0.78), rng.uniform(2, 12), 0)
    texture = cv2.resize(random_texture(rng, 256), CANVAS[::-1], interpolation=cv2.INTER_LINEAR)
    return _worn(face, rng, cut, texture, "cloth_mask")


def _worn_at(rng: Generator, well: float) -> float:
    chance = rng.random()
    if chance < 0.05:
        return float(rng.uniform(2.1, 2.4))
    if chance < 0.17:
        return float(rng.uniform(1.15, 1.4))
    return float(np.clip(rng.normal(well, 0.15), 0.02, 0.8))


def _worn(face: PosedFace, rng: Generator, cut: Cut, fabric: Array, kind: str) -> Layer:
    outline, loops = mask_outline(face.landmarks, cut, rng)
    body = fill(CANVAS, outline)
    relief = _relief(body, outline, cut, rng)
    straps = np.max([stroke(CANVAS, loop, 3) for loop in loops], axis=0) * (1 - body)
    paint = np.dstack([_painted(fabric, body, outline, cut, rng), np.maximum(body, straps)])
    paint[straps > body, :3] = fabric.mean((0, 1)) * 0.25 + 0.7
    grid = cv2.resize(relief, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    mesh = Wrap.around(face, 9).mesh(face, 2.5 + grid, CANVAS)
    samples = sample(face, mesh, 8.0)
    found = look_up(paint.astype(np.float32), samples.attributes)
    colour = found[:, :3] * lit(face, samples.normals) + 0.05 * gleam(face, samples.normals, 8)[:, None]
    return cast(face, resolve(face, samples, colour, found[:, 3]), rng, kind, thickness=14.0)


def mask_outline(landmarks: Array, cut: Cut, rng: Generator) -> tuple[Array, list[Array]]:
    """The mask's edge ``(P, 2)`` and its ear loops on the texture."""
    at = lambda points: on_texture(np.asarray(points), CANVAS)  # noqa: E731
    nose = landmarks[27:31].astype(float)
    steps = [*np.linspace(0, 1, 4), 1.25, 2.0, 2.5]
    ridge = np.vstack([nose, landmarks[[33]], landmarks[[62]], landmarks[[57]]])
    top = np.array([np.interp(cut.nose, steps, ridge[:, c]) for c in range(3)])
    chin = at(landmarks[8]) + (0, (cut.chin + 6) / (TOP - BOTTOM) * CANVAS[0])
    points, loops = {}, []
    for sign, corner, ear, cheek, jaw in ((-1, 48, 1, 2, 5), (1, 54, 15, 14, 11)):
        mouth, side = at(landmarks[corner]), at(landmarks[ear])
        x = mouth[0] + cut.side * (side[0] - mouth[0])
        upper = np.array([x, max(at(landmarks[cheek])[1], at(top)[1] + 12) + rng.normal(0, 4)])
        lower = np.array([x, 0.35 * upper[1] + 0.65 * at(landmarks[jaw])[1] + 10 + rng.normal(0, 4)])
        lower[1] = max(lower[1], upper[1] + 30)
        points[sign] = (upper, lower)
        tilt = side[1] + rng.normal(0, 5)
        loops.append(np.array([upper, (side[0] + sign * 18, tilt - 12), (side[0] + sign * 26, tilt + 14), lower]))
    (ul, ll), (ur, lr) = points[-1], points[1]
    crest = at(top)
    shoulder = lambda u: 0.42 * u + 0.58 * crest + (0, 0.10 * abs(u[0] - crest[0]))  # noqa: E731
    jawed = lambda low: 0.5 * low + 0.5 * chin + (0, 6)  # noqa: E731
    ring = [crest, shoulder(ur), ur, 0.5 * (ur + lr) + (-2, 0), lr, jawed(lr), chin, jawed(ll), ll, 0.5 * (ul + ll) + (2, 0),
            ul, shoulder(ul)]  # fmt: skip
    return smooth_outline(np.array(ring)), loops


def _relief(body: Array, outline: Array, cut: Cut, rng: Generator) -> Array:
    """Mm that the fabric stands off the face besides its thickness."""
    centre = outline.mean(0)
    span = np.ptp(outline, axis=0) / 2
    y, x = np.mgrid[0 : CANVAS[0], 0 : CANVAS[1]].astype(np.float32)
    across, down = (x - centre[0]) / span[0], (y - centre[1]) / span[1]
    bulge = cut.peak * np.clip(1 - np.abs(across) ** 1.3, 0, 1) * np.clip(1 - np.abs(down) ** 2, 0, 1)
    folds = 0.9 * flat_noise(rng, *CANVAS, 26) * np.clip(np.abs(across) * 1.5, 0.3, 1)
    steps = sum(
        2.2 * ((down - place - 0.05 * across**2) > 0) * np.clip(1 - 2.2 * (down - place), 0, 1) for place in _pleats(cut)
    )
    return np.asarray(body * (bulge + folds + steps), np.float32)


def _painted(fabric: Array, body: Array, outline: Array, cut: Cut, rng: Generator) -> Array:
    centre, span = outline.mean(0), np.ptp(outline, axis=0) / 2
    y, x = np.mgrid[0 : CANVAS[0], 0 : CANVAS[1]].astype(np.float32)
    across, down = (x - centre[0]) / span[0], (y - centre[1]) / span[1]
    shade = 1 + 0.018 * flat_noise(rng, *CANVAS, 2) + 0.02 * flat_noise(rng, *CANVAS, 30)
    for place in _pleats(cut):
        fold = (down - place - 0.05 * across**2) / 0.035
        shade += -0.20 * np.exp(-(fold**2)) + 0.06 * np.exp(-((fold - 1.7) ** 2))
    if cut.pleats == 0:
        shade -= 0.12 * np.exp(-((across / 0.018) ** 2))
    inner = cv2.erode(body, np.ones((3, 3)), iterations=4)
    hem = np.clip(cv2.GaussianBlur(inner, (0, 0), 1.2), 0, 1)
    shade = shade - 0.13 * 4 * hem * (1 - hem)
    return np.clip(fabric * shade[..., None], 0, 1)


def _pleats(cut: Cut) -> Array:
    return np.linspace(-0.35, 0.4, cut.pleats) if cut.pleats else np.empty(0)
