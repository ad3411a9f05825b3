"""What is laid over a picture or hangs flat before the camera: writing, bars, grids, stickers, specks, haze."""

from __future__ import annotations

import string

import cv2
import numpy as np
from numpy.random import Generator

from ..layer import Layer
from ..posed_face import PosedFace
from .drawing import Array
from .shapes import blob, face_height, paste, somewhere
from .sheet import fill, stroke
from .texture import flat_noise, random_colour, random_texture


def writing(face: PosedFace, rng: Generator) -> Layer:
    """Captions, logos and watermarks; faint ones do not hide the face."""
    size = face.size
    cover = np.zeros((size, size), np.uint8)
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "  .-@#&"
    scale = rng.uniform(0.3, 2.2) * size / 224
    place = somewhere(face, rng)
    for line in range(int(rng.integers(1, 5))):
        text = "".join(rng.choice(list(letters), int(rng.integers(3, 16))))
        at = (int(place[0] - rng.uniform(3, 9) * len(text) * scale), int(place[1] + line * 32 * scale))
        font, weight = int(rng.choice([0, 2, 3, 4, 6, 7])), int(rng.integers(1, 5))
        cv2.putText(cover, text, at, font, scale, 255, weight, cv2.LINE_AA)
    if rng.random() < 0.5:
        turn = cv2.getRotationMatrix2D((float(place[0]), float(place[1])), rng.uniform(-45, 45), 1)
        cover = np.asarray(cv2.warpAffine(cover, turn, (size, size)), np.uint8)
    strength = rng.uniform(0.15, 0.5) if rng.random() < 0.25 else rng.uniform(0.8, 1)
    return _flat(face, rng, random_colour(rng), strength * cover.astype(np.float32) / 255, "writing", strength > 0.5)


def grid(face: PosedFace, rng: Generator) -> Layer:
    """Fences, bars, blinds, twigs and wires: many thin things with the face between them."""
    size = face.size
    cover = np.zeros((size, size), np.float32)
    angle, period = rng.uniform(0, np.pi), rng.uniform(0.09, 0.4) * face_height(face)
    width = max(period * rng.uniform(0.06, 0.35), 1.0)
    bend = rng.uniform(0, 0.4) * period
    for turn in (angle, angle + np.pi / 2)[: int(rng.integers(1, 3))]:
        across, along = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
        t = np.linspace(-1.5, 1.5, 40)[:, None] * size
        for k in range(int(-size / period) - 1, int(size / period) + 2):
            sway = bend * np.sin(t / (period * rng.uniform(1, 4)) + rng.uniform(0, 6)) + 0.08 * period * rng.normal()
            line = np.array([size, size]) / 2 + across * (k * period + sway) + along * t
            cover = np.maximum(cover, stroke((size, size), line, width))
    return paste(face, rng, random_texture(rng, 64), cover, "grid")


def bar(face: PosedFace, rng: Generator) -> Layer:
    """A straight edge from border to border: a door, a wall, another picture, a censor's bar."""
    size, angle = face.size, rng.choice([0, np.pi / 2, np.pi, 1.5 * np.pi]) + rng.normal(0, 0.15)
    place = somewhere(face, rng)
    normal, along = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    width = 3 * size if rng.random() < 0.5 else rng.uniform(0.1, 0.4) * face_height(face)
    corners = [place - 3 * size * along, place + 3 * size * along]
    corners += [corners[1] + width * normal, corners[0] + width * normal]
    return paste(face, rng, random_texture(rng, 128), fill((size, size), np.array(corners)), "bar")


def haze(face: PosedFace, rng: Generator) -> Layer:
    """Smoke, glare, dirty glass: partly opaque; called an occluder only where little of the face comes through."""
    size = face.size
    clouds = sum(flat_noise(rng, size, size, size / 2**k) * 0.55**k for k in range(1, 5))
    shape = cv2.GaussianBlur(blob(face, rng), (0, 0), rng.uniform(3, 14) * size / 224)
    strength = rng.uniform(0.35, 0.95)
    cover = strength * shape * np.clip(0.8 + 0.35 * np.asarray(clouds), 0, 1)
    colour = np.full(3, rng.uniform(0.5, 1)) if rng.random() < 0.6 else random_colour(rng)
    return _flat(face, rng, colour, cover, "haze", strength > 0.6)


def specks(face: PosedFace, rng: Generator) -> Layer:
    """Confetti, leaves, snow, drops: many small things."""
    size = face.size
    cover = np.zeros((size, size), np.float32)
    colour = np.zeros((size, size, 3), np.float32)
    palette = [random_colour(rng) for _ in range(int(rng.integers(1, 5)))]
    reach = rng.uniform(0.012, 0.06) * face_height(face)
    for _ in range(int(rng.integers(8, 60))):
        angle = np.sort(rng.uniform(0, 2 * np.pi, 7))
        points = rng.uniform(0.6, 1.3) * reach * np.column_stack([np.cos(angle), rng.uniform(0.3, 1) * np.sin(angle)])
        place = somewhere(face, rng) + rng.normal(0, 0.3 * face_height(face), 2)
        one = fill((size, size), points + place)
        colour[one > 0] = palette[rng.integers(len(palette))] * rng.uniform(0.7, 1.1)
        cover = np.maximum(cover, one)
    ones = np.ones((size, size), np.float32)
    return Layer("specks", np.clip(colour, 0, 1), cover, ones)


def _flat(face: PosedFace, rng: Generator, colour: Array, cover: Array, kind: str, occludes: bool) -> Layer:
    size = face.size
    picture = np.broadcast_to(np.asarray(colour, np.float32), (size, size, 3)).copy()
    soft = cv2.GaussianBlur(cover.astype(np.float32), (0, 0), rng.uniform(0.3, 0.8))
    return Layer(kind, picture, np.clip(soft, 0, 1), np.ones((size, size), np.float32), occludes)
