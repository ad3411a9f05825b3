"""Other people between the camera and the face: backs of heads, shoulders; out of focus when near the camera."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from ..layer import Layer
from ..posed_face import PosedFace
from .drawing import Array, Drawing, Mesh, lit, resolve, sample
from .hand.skin import other_tone
from .shadow import cast
from .sheet import look_up
from .solids import lathe, rounded
from .texture import random_colour, random_texture, solid_noise

HAIR = np.array([(0.06, 0.05, 0.05), (0.18, 0.11, 0.07), (0.35, 0.22, 0.12), (0.62, 0.48, 0.28), (0.6, 0.6, 0.6)])


def person(face: PosedFace, rng: Generator) -> Layer:
    """Somebody's head from behind, or their shoulder, before a side or the lower part of the face."""
    out = rng.uniform(60, 350)
    side = rng.choice([-1.0, 1.0])
    centre = np.array([side * rng.uniform(30, 110), rng.uniform(-150, 30), out])
    camera = face.to_camera(centre.astype(np.float32))
    head = lathe(_profile(rng), 36)
    lean = rng.normal(0, 0.25)
    turn = np.array([(np.cos(lean), -np.sin(lean), 0), (np.sin(lean), np.cos(lean), 0), (0, 0, 1)], np.float32)
    flip = np.array([1, -1, -1], np.float32)
    vertices = head.vertices * rng.uniform(0.85, 1.1) @ turn.T * flip + camera
    places = np.column_stack([head.vertices, head.coordinates]).astype(np.float32)
    samples = sample(face, Mesh(vertices.astype(np.float32), head.triangles, places))
    drawing = resolve(face, samples, _colours(face, rng, samples.attributes, samples.normals))
    blur = rng.uniform(0, 0.006) * out * face.size / 224
    return cast(face, defocus(drawing, blur) if blur > 0.4 else drawing, rng, "person", thickness=120.0)


def defocus(drawing: Drawing, blur: float) -> Drawing:
    """A drawing out of focus by ``blur`` pixels; its opacity softens with it."""
    cover = cv2.GaussianBlur(drawing.cover, (0, 0), blur)
    colour = cv2.GaussianBlur(drawing.colour * drawing.cover[..., None], (0, 0), blur)
    return Drawing(np.asarray(colour / np.maximum(cover, 1e-4)[..., None]), np.asarray(cover), drawing.depth)


def _profile(rng: Generator) -> Array:
    """Radius and height of head, neck and shoulders; the head's middle at 0."""
    head = rounded(78 * rng.uniform(0.95, 1.15), 215, 2.3, 18)
    neck = [(58, -112), (60, -140), (95, -160), (190, -185), (225, -230), (235, -420)]
    return np.vstack([head[head[:, 1] > -95], neck]).astype(np.float32)


def _colours(face: PosedFace, rng: Generator, attributes: Array, normals: Array) -> Array:
    place, around = attributes[:, :3], attributes[:, 3]
    hair = HAIR[rng.integers(len(HAIR))] * rng.uniform(0.7, 1.2)
    nape = rng.uniform(-150, -60)
    strands = solid_noise(np.column_stack([place[:, 0], place[:, 1] * 0.05, place[:, 2]]), 4.0)
    albedo = hair * np.clip(1 + 0.22 * strands, 0.4, 1.7)[:, None]
    skin = other_tone(rng) * (1 + 0.03 * solid_noise(place, 12.0))[:, None]
    low = place[:, 1] < nape + 12 * solid_noise(place * (1, 0, 1), 10.0)
    cloth = look_up(random_texture(rng, 64), np.mod(np.column_stack([around * 600, place[:, 1]]), 63))
    plain = rng.random() < 0.5
    albedo = np.where(low[:, None], skin, albedo)
    albedo = np.where((place[:, 1] < -142)[:, None], random_colour(rng) if plain else cloth, albedo)
    return albedo * lit(face, normals)
