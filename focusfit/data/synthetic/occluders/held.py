"""What people hold before their faces: phones, cups, drinks, microphones, food, mostly with the hand that holds it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from ..layer import Layer
from ..posed_face import PosedFace
from .drawing import Array, Drawing, Mesh, Samples, gleam, lit, resolve, sample
from .hand.gestures import pose
from .hand.placement import grip_mesh, random_build
from .hand.pose import HandPose
from .hand.skin import paint, random_skin
from .shadow import cast
from .sheet import look_up
from .solids import Solid, box, lathe, rounded
from .texture import random_colour, random_texture

Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Thing:
    """Something to hold.

    Attributes:
        solid: its body, mm.
        albedo: ``(H, W, 3)`` sRGB over its coordinates.
        touch: ``(3,)`` the point of it that goes to the face, in its own frame.
        grip: ``(3,)`` where it is held, likewise.
        thickness: mm from the palm to its axis.
        pose: of the hand that holds it.
        shine: strength of its reflection.
        opacity: 1, or less for glass.
    """

    solid: Solid
    albedo: Array
    touch: Array
    grip: Array
    thickness: float
    pose: HandPose
    shine: float = 0.1
    opacity: float = 1.0


@dataclass(frozen=True)
class Hold:
    """How a thing is brought to the face, for the left hand; degrees.

    Attributes:
        landmarks: whose mean it goes to.
        lean: of its top towards the camera.
        roll: of its top towards the other side of the face.
        spin: about its axis.
        side: of the hand's back from facing the camera towards its own side.
        gap: mm from the face.
        bare: share held by nobody in sight.
    """

    landmarks: tuple[int, ...]
    lean: Range
    roll: Range
    spin: Range
    side: Range
    gap: Range
    bare: float = 0.15


def held(face: PosedFace, rng: Generator, thing: Thing, hold: Hold, kind: str) -> Layer:
    """A thing at a face, in a hand or alone."""
    mirror = np.array([1.0 if rng.random() < 0.5 else -1.0, 1, 1])
    anchor = face.landmarks[list(hold.landmarks)].mean(0) * mirror + rng.normal(0, 6, 3) * (1, 1, 0)
    out = np.array([0.4 * anchor[0], 0, 60.0])
    anchor = anchor + rng.uniform(*hold.gap) * out / np.linalg.norm(out)
    lean, roll, spin, side = (np.deg2rad(rng.uniform(*r)) for r in (hold.lean, hold.roll, hold.spin, hold.side))
    stand = _turn(2, roll) @ _turn(0, lean)
    place = lambda points: ((points - thing.touch) @ (stand @ _turn(1, spin)).T + anchor) * mirror  # noqa: E731
    triangles = thing.solid.triangles if mirror[0] > 0 else thing.solid.triangles[:, ::-1]
    camera = face.to_camera(place(thing.solid.vertices).astype(np.float32))
    samples = sample(face, Mesh(camera, triangles, thing.solid.coordinates, thing.opacity < 1))
    drawing = _draw_thing(face, samples, thing)
    if rng.random() >= hold.bare:
        grip = stand @ (_turn(1, spin) @ (thing.grip - thing.touch)) + anchor
        palm = stand @ _turn(1, side)
        # the hand's x runs up the thing, its back faces out
        axes = np.column_stack([palm[:, 1], np.cross(palm[:, 2], palm[:, 1]), palm[:, 2]])
        build, skin = random_build(face, rng), random_skin(face, rng)
        mesh = grip_mesh(face, thing.pose.varied(rng), build, skin, axes, grip, thing.thickness, mirror)
        behind = replace(face, depth=np.minimum(face.depth + 12, drawing.depth)) if thing.opacity == 1 else face
        hand = sample(behind, mesh, 4.0)
        drawing = resolve(face, hand, paint(face, hand, skin), below=drawing)
    return cast(face, drawing, rng, kind)


def _draw_thing(face: PosedFace, samples: Samples, thing: Thing) -> Drawing:
    height, width = thing.albedo.shape[:2]
    albedo = look_up(thing.albedo, samples.attributes * (width - 1, height - 1))
    shine = thing.shine * gleam(face, samples.normals, 30)
    colour = albedo * lit(face, samples.normals) + shine[:, None]
    rim = 1 - np.abs(samples.normals[:, 2])
    opacity = thing.opacity + (1 - thing.opacity) * rim**2 if thing.opacity < 1 else 1.0
    return resolve(face, samples, colour, opacity)


def _turn(axis: int, angle: float) -> Array:
    matrix = np.eye(3)
    a, b = (axis + 1) % 3, (axis + 2) % 3
    matrix[a, a] = matrix[b, b] = np.cos(angle)
    matrix[a, b], matrix[b, a] = -np.sin(angle), np.sin(angle)
    return matrix


def _grip_round(radius: float) -> HandPose:
    """Fingers closed around a rod: the thinner, the tighter."""
    close = float(np.clip(1.25 - radius / 42, 0.35, 1.0))
    return pose((14, 25, 28), (68 * close, 80 * close, 42 * close), opposition=44)


def phone(face: PosedFace, rng: Generator) -> Layer:
    """Held up as for a picture in a mirror, or at the ear."""
    size = rng.uniform(64, 80), rng.uniform(134, 165)
    body = _phone_back(rng, random_colour(rng) if rng.random() < 0.4 else np.full(3, rng.uniform(0.03, 0.2)))
    flat = pose((5, 20, 15), (14, 34, 22), opposition=30)
    thing = Thing(box(*size, 8.5), body, np.zeros(3), np.array([size[0] * 0.12, -size[1] * 0.12, 0]), 6.0, flat, 0.25)
    picture = Hold((27, 30, 33, 51), (-10, 10), (-25, 25), (-12, 12), (-10, 25), (25, 140), 0.05)
    call = Hold((14, 12), (-10, 10), (10, 35), (60, 85), (55, 85), (4, 12), 0.05)
    return held(face, rng, thing, picture if rng.random() < 0.6 else call, "phone")


def _phone_back(rng: Generator, colour: Array) -> Array:
    albedo = np.empty((64, 64, 3), np.float32)
    albedo[:] = colour
    lens = albedo[3:17, 2:14]
    lens[:] = colour * 0.6 + 0.05
    for y, x in ((3, 3), (9, 3), (3, 8), (9, 8))[: int(rng.integers(1, 5))]:
        lens[y : y + 3, x : x + 3] = 0.02
    return albedo


def cup(face: PosedFace, rng: Generator) -> Layer:
    """A mug or paper cup at the mouth."""
    radius, height = rng.uniform(32, 45), rng.uniform(75, 125)
    foot = radius * rng.uniform(0.65, 1.0)
    profile = [(radius - 4, height - 12), (radius - 2.5, height), (radius, height), (foot, 4), (foot - 3, 0), (0, 0)]
    if rng.random() < 0.5:
        profile = [(0, height + 6), (radius * 0.9, height + 5), (radius * 1.04, height - 2), *profile[2:]]
    thing = _round_thing(rng, np.array(profile), radius, np.array([0, height, -radius]), 0.5 * height)
    return held(face, rng, thing, Hold((51, 57), (-60, -10), (-15, 25), (-180, 180), (10, 80), (0, 6)), "cup")


def drink(face: PosedFace, rng: Generator) -> Layer:
    """A glass, a bottle or a can at the mouth or lifted before the face."""
    kind = rng.random()
    if kind < 0.35:
        radius, height = rng.uniform(28, 36), rng.uniform(95, 150)
        thing = _round_thing(rng, np.array([(radius, height), (radius * 0.85, 0), (0, 0)]), radius,
                             np.array([0, height, -radius]), 0.5 * height)  # fmt: skip
        thing = replace(thing, opacity=float(rng.uniform(0.25, 0.6)), shine=0.6)
    elif kind < 0.7:
        profile = [(0, 235), (13, 235), (13, 222), (14, 160), (33, 125), (34, 10), (30, 0), (0, 0)]
        thing = _round_thing(rng, np.array(profile), 33, np.array([0, 235, -4]), 80)
    else:
        profile = [(0, 118), (26, 120), (33, 110), (33, 8), (26, 0), (0, 0)]
        thing = _round_thing(rng, np.array(profile), 33, np.array([0, 118, -28]), 60)
    return held(face, rng, thing, Hold((51, 57), (-80, -5), (-15, 30), (-180, 180), (10, 80), (0, 25)), "drink")


def microphone(face: PosedFace, rng: Generator) -> Layer:
    """Before the mouth, its handle coming from below."""
    head = rng.uniform(22, 28)
    ball = rounded(head, 2 * head, 2.3) + np.array([0, 175])
    profile = np.vstack([ball[ball[:, 1] > 175 - 0.8 * head], [(14, 175 - head), (11, 0), (0, 0)]])
    albedo = np.full((96, 16, 3), rng.uniform(0.03, 0.12), np.float32)
    albedo[:34] = (rng.uniform(0.25, 0.6) if rng.random() < 0.6 else 0.06) * rng.uniform(0.55, 1.1, (34, 16, 1))
    touch, grip = np.array([0, 175 + 0.6 * head, -head]), np.array([0, 90.0, 0])
    thing = Thing(lathe(profile), albedo, touch, grip, 13, _grip_round(13), 0.35)
    return held(face, rng, thing, Hold((57,), (5, 65), (-45, 30), (-180, 180), (-10, 60), (3, 30)), "microphone")


def food(face: PosedFace, rng: Generator) -> Layer:
    """Fruit, a sandwich, an ice cream: something roundish at the mouth."""
    radius, height = rng.uniform(22, 48), rng.uniform(35, 90)
    profile = rounded(radius, height, rng.uniform(2, 3.2))
    if rng.random() < 0.3:
        profile = np.vstack([profile[profile[:, 1] > -0.2 * height], [(radius * 0.8, -0.3 * height), (3, -2 * height)]])
    thing = _round_thing(rng, profile, radius, np.array([0, 0.1 * height, -radius]), -0.25 * height)
    return held(face, rng, thing, Hold((51, 57), (-30, 30), (-40, 40), (-180, 180), (10, 90), (-8, 6), 0.2), "food")


def cigarette(face: PosedFace, rng: Generator) -> Layer:
    """Thin, out of the mouth, mostly without a hand: also straws, pens, thermometers and toothbrushes."""
    length, radius = rng.uniform(50, 140), rng.uniform(2.5, 5.5)
    albedo = np.empty((32, 4, 3), np.float32)
    albedo[:] = (0.93, 0.92, 0.9) if rng.random() < 0.5 else random_colour(rng)
    albedo[20:] = (0.8, 0.55, 0.3) if rng.random() < 0.5 else random_colour(rng)
    profile = np.array([(0, length), (radius, length), (radius, 0), (0, 0)])
    pinch = pose((10, 25, 25), (42, 50, 28), opposition=46)
    thing = Thing(lathe(profile, 12), albedo, np.zeros(3), np.array([0, 0.6 * length, 0]), 8, pinch)
    hold = Hold((62, 66), (50, 95), (-60, 60), (-180, 180), (-30, 60), (-2, 2), 0.7)
    return held(face, rng, thing, hold, "cigarette")


def _round_thing(rng: Generator, profile: Array, radius: float, touch: Array, grip: float) -> Thing:
    albedo = np.ascontiguousarray(random_texture(rng, 64))
    if rng.random() < 0.5:
        albedo = 0.25 * albedo + 0.75 * random_colour(rng)
    shine, middle = float(rng.uniform(0, 0.4)), np.array([0.0, grip, 0])
    return Thing(lathe(profile), albedo, touch, middle, radius, _grip_round(radius), shine)
