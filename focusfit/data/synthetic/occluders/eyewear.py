"""Sunglasses and spectacles: lenses and frames in front of the eyes, arms to the ears."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from ..layer import Layer
from ..posed_face import PosedFace
from .drawing import Array, Drawing, Mesh, gleam, lit, resolve, sample
from .shadow import cast
from .sheet import fill, grid_triangles, look_up, sheet_mesh, stroke
from .texture import flat_noise, random_colour

CANVAS = (160, 360)
"""Rows and columns of the front's texture."""

WIDTH, HEIGHT = 172.0, 76.0
"""mm that the texture spans."""


@dataclass(frozen=True, eq=False)
class Eyewear:
    """One pair.

    Attributes:
        outline: ``(P, 2)`` of the left lens around its centre, mm, x away from the nose, y up.
        rim: mm width of the frame, 0 for rimless.
        frame: ``(3,)`` sRGB.
        lens: ``(2, 3)`` sRGB at the lens's top and bottom.
        density: ``(2,)`` opacity of the lens at its top and bottom.
        mirror: strength of what the lens reflects.
    """

    outline: Array
    rim: float
    frame: Array
    lens: Array
    density: Array
    mirror: float


def sunglasses(face: PosedFace, rng: Generator) -> Layer:
    """Dark or mirrored lenses; what they cover counts as hidden, also where a graded lens is thin."""
    tint = random_colour(rng) * 0.18 if rng.random() < 0.5 else np.full(3, rng.uniform(0.01, 0.08))
    top, bottom = (0.97, 0.97) if rng.random() < 0.65 else (0.95, rng.uniform(0.55, 0.85))
    lens = np.stack([tint, tint * rng.uniform(1, 3)]).astype(np.float32)
    mirror = rng.uniform(0.25, 0.8) if rng.random() < 0.25 else rng.uniform(0.03, 0.2)
    pair = Eyewear(_lens_outline(rng, 27, 22), _rim(rng), _frame_colour(rng), lens, np.array([top, bottom]), mirror)
    lenses, frame = draw_eyewear(face, pair, rng)
    cover = frame.cover + lenses.cover * (1 - frame.cover)
    mixed = frame.colour * frame.cover[..., None] + lenses.colour * (cover - frame.cover)[..., None]
    both = Drawing(mixed / np.maximum(cover, 1e-6)[..., None], cover, np.minimum(frame.depth, lenses.depth))
    return cast(face, both, rng, "sunglasses", thickness=6.0)


def spectacles(face: PosedFace, rng: Generator) -> list[Layer]:
    """Clear glasses: lenses that tint and reflect a little without hiding the eye, and the frame before them."""
    lenses, frame = draw_eyewear(face, _clear(rng, density=float(rng.uniform(0.03, 0.16))), rng)
    ones = np.ones((face.size, face.size), np.float32)
    glass = Layer("glass", lenses.colour, lenses.cover, ones, occludes=False)
    return [glass, cast(face, frame, rng, "glasses", thickness=6.0)]


def _clear(rng: Generator, density: float) -> Eyewear:
    lens = np.stack([np.full(3, 0.75), np.full(3, 0.8)]).astype(np.float32)
    outline, mirror = _lens_outline(rng, 25, 19), float(rng.uniform(0.05, 0.5))
    return Eyewear(outline, _rim(rng), _frame_colour(rng), lens, np.full(2, density), mirror)


def _rim(rng: Generator) -> float:
    return float(rng.choice([rng.uniform(1.2, 2.2), rng.uniform(3, 5.5), 0.0], p=[0.45, 0.45, 0.1]))


def _frame_colour(rng: Generator) -> Array:
    colours = [(0.05, 0.05, 0.06), (0.2, 0.11, 0.06), (0.55, 0.42, 0.2), (0.6, 0.6, 0.62), tuple(random_colour(rng))]
    return np.array(colours[rng.choice(5, p=[0.42, 0.2, 0.13, 0.12, 0.13])], np.float32)


def _lens_outline(rng: Generator, half_width: float, half_height: float) -> Array:
    """A superellipse, from round to boxy, drooping or slanting."""
    angle = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    power = rng.uniform(0.45, 1.0)
    c, s = np.cos(angle), np.sin(angle)
    x = np.sign(c) * np.abs(c) ** power * half_width * rng.uniform(0.85, 1.12)
    y = np.sign(s) * np.abs(s) ** power * half_height * rng.uniform(0.72, 1.18)
    slant, droop = rng.normal(0.04, 0.08), rng.uniform(0, 0.25)
    y = y + slant * x
    return np.column_stack([x * (1 + droop * y / half_height * 0.4), y])


def draw_eyewear(face: PosedFace, pair: Eyewear, rng: Generator) -> tuple[Drawing, Drawing]:
    """The lenses of a pair on a face, and its frame with the arms."""
    points = face.landmarks
    eyes = np.stack([points[36:42].mean(0), points[42:48].mean(0)])
    centre = eyes.mean(0) + np.array([0, rng.normal(-2, 3), 0])
    lens, frame = _front(pair, float(np.ptp(eyes[:, 0])))
    x, y = np.meshgrid(np.linspace(-WIDTH, WIDTH, 41) / 2, np.linspace(HEIGHT, -HEIGHT, 13) / 2)
    base = points[27, 2] + rng.uniform(2, 6)
    lean = rng.uniform(0.05, 0.14)
    z = base - x**2 / (2 * rng.uniform(110, 170)) + lean * y
    roll = rng.normal(0, 0.02)
    own = np.stack([centre[0] + x - roll * y, centre[1] + y + roll * x, z], axis=-1)
    mesh = sheet_mesh(face, own, CANVAS, two_sided=True)
    samples = sample(face, mesh, 3.0)
    glass, rim = look_up(np.dstack([lens, frame]), samples.attributes).T
    down = np.clip(2 * samples.attributes[:, 1] / CANVAS[0] - 0.6, 0, 1)[:, None]
    sky = pair.mirror * (_reflection(rng, samples.normals) + 0.6 * gleam(face, samples.normals, 60)[:, None])
    light = lit(face, samples.normals)
    density = pair.density[0] + down[:, 0] * (pair.density[1] - pair.density[0])
    density = np.maximum(density, 0.8 * sky.mean(1))  # what reflects hides what is behind
    tint = pair.lens[0] + down * (pair.lens[1] - pair.lens[0])
    lenses = resolve(face, samples, tint * light + sky, glass * density)
    drawing = resolve(face, samples, pair.frame * light, rim)
    drawn = np.nonzero((lens + frame).max(0) > 0.5)[0]
    edge = WIDTH / 2 * float(np.abs(drawn / CANVAS[1] * 2 - 1).max(initial=0.5))
    for sign, ear in ((-1.0, points[0]), (1.0, points[16])):
        hinge = np.array([centre[0] + sign * edge, centre[1] + 6, base - edge**2 / 260])
        end = ear + np.array([sign * 3.0, 6, -22])
        drawing = _arm(face, drawing, hinge, end, max(pair.rim, 1.5), pair.frame)
    return lenses, drawing


def _front(pair: Eyewear, eye_distance: float) -> tuple[Array, Array]:
    """``(H, W)`` coverage of both lenses and of the frame."""
    scale = np.array([CANVAS[1] / WIDTH, CANVAS[0] / HEIGHT])
    middle = np.array(CANVAS[::-1]) / 2
    lens, frame = np.zeros(CANVAS, np.float32), np.zeros(CANVAS, np.float32)
    half = max(eye_distance / 2 + 1, float(-pair.outline[:, 0].min()) + 8)
    for sign in (-1, 1):
        at = middle + (np.array([sign * half, 0]) + pair.outline * (sign, 1)) * scale * (1, -1)
        lens = np.maximum(lens, fill(CANVAS, at))
        frame = np.maximum(frame, stroke(CANVAS, at, pair.rim * scale[0], closed=True) if pair.rim else 0)
    inner = half + float(pair.outline[:, 0].min())
    bridge = np.array([(-inner - 1, 3), (-inner * 0.5, 6.5), (inner * 0.5, 6.5), (inner + 1, 3)])
    bridge = bridge * scale * (1, -1) + middle
    frame = np.maximum(frame, stroke(CANVAS, bridge, max(pair.rim, 1.6) * scale[0]))
    return lens * (1 - frame), frame


def _reflection(rng: Generator, normals: Array) -> Array:
    """``(N, 3)`` what a lens mirrors: a pale sky above a horizon, windows, something dark below."""
    picture = np.empty((64, 64, 3), np.float32)
    horizon = int(rng.uniform(20, 48))
    sky = np.clip(np.array([0.75, 0.83, 0.95]) * rng.uniform(0.5, 1.1) * rng.normal(1, 0.1, 3), 0, 1)
    picture[:horizon] = sky
    picture[horizon:] = random_colour(rng) * 0.35
    picture *= (1 + 0.25 * flat_noise(rng, 64, 64, 9))[..., None]
    for _ in range(int(rng.integers(0, 3))):
        left, top = rng.integers(0, 50, 2)
        picture[top : top + int(rng.integers(5, 14)), left : left + int(rng.integers(4, 12))] = rng.uniform(0.7, 1)
    picture = np.clip(cv2.GaussianBlur(picture, (0, 0), 0.8), 0, 1)
    place = np.column_stack([32 + 60 * normals[:, 0], 32 - 60 * normals[:, 1]]).astype(np.float32)
    return look_up(picture, np.ascontiguousarray(place.clip(0, 63)))


def _arm(face: PosedFace, below: Drawing, start: Array, end: Array, width: float, colour: Array) -> Drawing:
    """A flat bar from the hinge to behind the ear, bending down at its end."""
    along = np.linspace(0, 1, 9)[:, None]
    line = start + along * (end - start) + np.array([0, -9.0, 0]) * np.clip(along - 0.8, 0, 1) / 0.2
    half = np.array([0, width / 2 + 0.8, 0])
    rows = np.stack([line + half, line - half]).reshape(-1, 3).astype(np.float32)
    mesh = Mesh(face.to_camera(rows), grid_triangles(2, 9), np.zeros((18, 1), np.float32), True)
    samples = sample(face, mesh, 4.0)
    return resolve(face, samples, colour * lit(face, samples.normals), below=below)
