"""Bringing a bent hand to its place at the face."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ...posed_face import PosedFace
from ..drawing import Array, Mesh
from .flesh import RestHand, rest_hand
from .gestures import Gesture
from .pose import HandPose, bend_hand, tip
from .skeleton import pads
from .skin import Skin

MIRROR = np.array([-1, 1, 1], np.float32)
SWAPPED = np.array(
    [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31, 45, 44, 43, 42, 47, 46,
     39, 38, 37, 36, 41, 40, 54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65]
)  # fmt: skip
"""``(68,)`` the left-right partner of every iBUG point."""


@dataclass(frozen=True)
class Build:
    """Proportions of one hand against the average adult's.

    Attributes:
        size: overall factor.
        breadth: factor of the palm's and fingers' breadth beyond it.
        stoutness: mm of flesh added all around, negative for bony hands.
        slender: factor of the fingers' length.
    """

    size: float
    breadth: float
    stoutness: float
    slender: float


def random_build(face: PosedFace, rng: Generator) -> Build:
    """A hand that goes with the head: hands are about as long as faces."""
    height = float(np.linalg.norm(face.landmarks[27] - face.landmarks[8]))
    size = np.clip((height / 114) ** 0.5 * rng.normal(0.94, 0.05), 0.74, 1.12)
    return Build(float(size), rng.normal(1.0, 0.05), rng.normal(0.0, 0.6), rng.normal(1.0, 0.04))


def shaped(hand: RestHand, build: Build, sleeve: float = np.inf, looseness: float = 0.0) -> Array:
    """``(V, 3)`` the resting hand in these proportions, before its size is applied.

    Args:
        hand: at rest.
        build: its proportions.
        sleeve: mm above the wrist where a sleeve begins.
        looseness: mm that the sleeve stands off the arm.
    """
    vertices = hand.vertices + np.float32(build.stoutness) * hand.normals
    (covered,) = np.nonzero(hand.vertices[:, 1] < -sleeve)
    if len(covered):
        place = hand.vertices[covered]
        wrinkles = 1 + 0.25 * np.sin(0.21 * place[:, 1] + 2.4 * np.sin(0.05 * place[:, 0] + 0.8))
        vertices[covered] += np.float32(looseness) * wrinkles[:, None] * hand.normals[covered]
    vertices = vertices * np.array([build.breadth, 1, 0.5 + 0.5 * build.breadth], np.float32)
    beyond = np.maximum(vertices[:, 1] - 84, 0) * np.float32(build.slender - 1)
    vertices[:, 1] += beyond
    return np.asarray(vertices, np.float32)


@cache
def rest_places() -> Array:
    """``(V, 4)`` place and normal z of the resting hand, which its paint is looked up by."""
    hand = rest_hand()
    return np.column_stack([hand.vertices, hand.normals[:, 2]])


@cache
def triangles_of(left: bool) -> NDArray[np.int64]:
    """``(F, 3)`` of a left hand, or of its mirror image."""
    triangles = rest_hand().triangles
    return triangles if left else np.ascontiguousarray(triangles[:, ::-1])


def place_hand(face: PosedFace, gesture: Gesture, build: Build, skin: Skin, left: bool, rng: Generator) -> Mesh:
    """The mesh of a hand that makes a gesture at a face; its attributes are place (3) and normal z at rest.

    Args:
        face: to touch.
        gesture: to make; angles vary around it.
        build: of the hand.
        skin: whose sleeve it wears.
        left: whether the subject's left hand, or its mirror image.
        rng: decides angles.
    """
    hand = rest_hand()
    pose = gesture.pose.varied(rng)
    pose = HandPose(pose.bend, pose.spread, pose.opposition, tuple(rng.uniform(*r) for r in gesture.wrist))  # type: ignore[arg-type]
    bent = bend_hand(hand, shaped(hand, build, skin.sleeve, skin.looseness), pose)
    landmarks = face.landmarks if left else face.landmarks[SWAPPED] * MIRROR
    anchor = np.asarray(gesture.anchor(landmarks.astype(np.float64))) + rng.normal(0, 5, 3) * (1, 1, 0)
    axes = _axes(anchor, gesture, rng)
    contact = _contact(gesture, pose)
    out = np.array([anchor[0] * 0.55, 0, 60.0])
    out /= np.linalg.norm(out)
    anchor = anchor + rng.uniform(*gesture.gap) * out
    own = (bent - contact) @ (build.size * axes).T.astype(np.float32) + anchor.astype(np.float32)
    camera = face.to_camera(own if left else own * MIRROR)
    if gesture.rests:
        camera = rest_on_face(face, camera, hand.forearm < 0.05, rng.uniform(*gesture.gap))
    return Mesh(camera, triangles_of(left), rest_places())


def grip_mesh(
    face: PosedFace,
    pose: HandPose,
    build: Build,
    skin: Skin,
    axes: Array,
    grip: Array,
    thickness: float,
    mirror: Array,
) -> Mesh:
    """A hand around something.

    Args:
        face: whose camera looks.
        pose: of the hand.
        build: of the hand.
        skin: whose sleeve it wears.
        axes: ``(3, 3)`` the left hand's axes in the face's frame, in columns; its x runs along the thing held.
        grip: ``(3,)`` mm, face's frame, the axis of the thing where it is held.
        thickness: mm from the palm's skin to that axis.
        mirror: ``(3,)`` signs by which everything is mirrored for the right hand.
    """
    hand = rest_hand()
    bent = bend_hand(hand, shaped(hand, build, skin.sleeve, skin.looseness), pose)
    hold = np.array([0.0, 80.0, -13.0 - thickness / build.size])
    own = ((bent - hold) * build.size @ axes.T + grip) * mirror
    return Mesh(face.to_camera(own.astype(np.float32)), triangles_of(bool(mirror[0] > 0)), rest_places())


def _axes(anchor: np.ndarray, gesture: Gesture, rng: Generator) -> np.ndarray:
    """``(3, 3)`` the hand's axes in the face's frame, in columns."""
    out = np.array([anchor[0] * 0.55, 0, 60.0])
    out /= np.linalg.norm(out)
    across, turn, tilt = np.deg2rad([rng.uniform(*r) for r in (gesture.across, gesture.turn, gesture.tilt)])
    side = np.cross([0, 1.0, 0], out)
    along = np.cos(across) * np.array([0, 1.0, 0]) - np.sin(across) * side
    along = np.cos(tilt) * along + np.sin(tilt) * out
    back = out - (out @ along) * along
    back /= np.linalg.norm(back)
    back = np.cos(turn) * back + np.sin(turn) * np.cross(along, back)
    return np.column_stack([np.cross(along, back), along, back])


def _contact(gesture: Gesture, pose: HandPose) -> Array:
    if isinstance(gesture.contact, tuple):
        return np.array(gesture.contact, np.float32)
    end = tip(gesture.contact, pose)
    return np.asarray(end + 5 * pads()[gesture.contact], np.float32)


def rest_on_face(face: PosedFace, camera: Array, touching: np.ndarray, gap: float) -> Array:
    """Move a thing towards or away from the camera until it just touches the face, or hovers ``gap`` mm before it.

    Args:
        face: to rest on.
        camera: ``(V, 3)`` the thing, camera frame.
        touching: ``(V,)`` bool, the part that may touch.
        gap: mm left free.
    """
    points = camera[touching][::4]  # a sample is enough
    pixel = np.rint(face.project(points)).astype(int)
    inside = ((pixel >= 0) & (pixel < face.size)).all(1)
    pixel, points = pixel[inside], points[inside]
    depth = cv2.erode(np.minimum(face.depth, 1e6), np.ones((3, 3)))[pixel[:, 1], pixel[:, 0]]
    before = depth < 1e5
    if before.sum() < 12:
        return camera
    sunk = np.quantile(points[before, 2] - depth[before], 0.93)
    return np.asarray(camera - np.array([0, 0, sunk + gap - 3.0], np.float32), np.float32)
