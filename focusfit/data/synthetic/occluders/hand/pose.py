"""Bending a hand: every piece of flesh turns about each joint by its share of the joint's angle.

Interpolating angles rather than matrices keeps its distance to the joint, so nothing collapses where a finger is bent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .....imaging.kernels.compile import fast
from .flesh import RestHand
from .skeleton import DIRECTIONS, bending_axes, joints

Array = NDArray[Any]

LIMITS = np.array([[(-15, 35), (-10, 60), (-20, 85)]] + 4 * [[(-25, 92), (-4, 112), (-6, 80)]], float)
"""``(5, 3, 2)`` degrees each joint can bend, root first."""


@dataclass(frozen=True, eq=False)
class HandPose:
    """Angles in degrees.

    Attributes:
        bend: ``(5, 3)`` closing of each digit's joints, root first; thumb first.
        spread: ``(5,)`` of each digit towards the thumb's side, at its root.
        opposition: turning of the thumb before the palm.
        wrist: ``(3,)`` bending towards the palm, towards the thumb, and twist of the hand against the forearm.
    """

    bend: NDArray[np.float64]
    spread: NDArray[np.float64]
    opposition: float = 0.0
    wrist: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def varied(self, rng: Generator, deviation: float = 5.0) -> HandPose:
        """A natural neighbour of this pose, within the joints' limits; neighbouring fingers vary together."""
        common = deviation * rng.standard_normal(3)
        bend = self.bend + 0.7 * common + 0.6 * deviation * rng.standard_normal((5, 3))
        bend[0] = self.bend[0] + deviation * rng.standard_normal(3)
        spread = self.spread + 0.35 * deviation * rng.standard_normal(5)
        return replace(
            self,
            bend=np.clip(bend, LIMITS[..., 0], LIMITS[..., 1]),
            spread=spread,
            opposition=self.opposition + deviation * rng.standard_normal(),
        )

    def joint_vectors(self) -> NDArray[np.float32]:
        """``(5, 3, 3)`` rotation vectors (radians) about the joints at rest."""
        vectors = np.deg2rad(self.bend)[..., None] * bending_axes()[:, None]
        vectors[:, 0] += np.deg2rad(self.spread)[:, None] * np.array([0, 0, -1.0])
        vectors[0, 0] += np.deg2rad(self.opposition) * np.array([0, 1.0, 0])
        return vectors.astype(np.float32)

    def wrist_vector(self) -> NDArray[np.float32]:
        """``(3,)`` rotation vector (radians) of the forearm in the hand's frame."""
        bend, side, twist = np.deg2rad(self.wrist)
        return np.array([bend, twist, side], np.float32)


def bend_hand(hand: RestHand, vertices: Array, pose: HandPose) -> Array:
    """``vertices (V, 3)`` of ``hand`` (or of one of its size) in a pose, in the palm's frame."""
    out = np.empty_like(vertices)
    _bend(
        vertices, hand.digit, hand.membership, hand.bend, hand.forearm, joints().astype(np.float32),
        pose.joint_vectors(), pose.wrist_vector(), out,
    )  # fmt: skip
    return out


def bend_points(points: Array, digit: int, pose: HandPose) -> Array:
    """``points (N, 3)`` fixed to the last bone of ``digit``, in the palm's frame."""
    moved = points.astype(np.float32)
    for j in (2, 1, 0):
        moved = _rotate(moved, joints()[digit, j], pose.joint_vectors()[digit, j])
    return moved


def tip(digit: int, pose: HandPose, beyond: float = 0.0) -> Array:
    """``(3,)`` the end of a digit's last bone, or a point ``beyond`` mm further."""
    end = joints()[digit, 3] + beyond * DIRECTIONS[digit]
    return np.asarray(bend_points(end[None], digit, pose)[0])


def _rotate(points: Array, centre: np.ndarray, vector: np.ndarray) -> Array:
    import cv2

    matrix = np.asarray(cv2.Rodrigues(vector.astype(np.float64))[0], np.float32)
    return np.asarray((points - centre.astype(np.float32)) @ matrix.T + centre.astype(np.float32))


@fast
def _bend(vertices, digit, membership, bend, forearm, ends, vectors, wrist, out):  # type: ignore[no-untyped-def]
    origin = np.zeros(3, np.float32)
    for v in range(vertices.shape[0]):
        x = y = z = np.float32(0)
        for slot in range(2):
            share = membership[v, slot]
            d = digit[v, slot]
            px, py, pz = vertices[v, 0], vertices[v, 1], vertices[v, 2]
            if share > 1e-3:
                for j in (2, 1, 0):
                    px, py, pz = _turn(px, py, pz, ends[d, j], vectors[d, j], bend[v, slot, j])
            x += share * px
            y += share * py
            z += share * pz
        out[v, 0], out[v, 1], out[v, 2] = _turn(x, y, z, origin, wrist, forearm[v])


@fast
def _turn(x, y, z, centre, vector, share):  # type: ignore[no-untyped-def]
    """Rotate about ``centre`` by ``share`` of a rotation vector (Rodrigues)."""
    if share < 1e-3:
        return x, y, z
    angle = np.sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2])
    if angle < 1e-4:
        return x, y, z
    kx, ky, kz = vector[0] / angle, vector[1] / angle, vector[2] / angle
    s, c = np.sin(share * angle), np.cos(share * angle)
    px, py, pz = x - centre[0], y - centre[1], z - centre[2]
    dot = (kx * px + ky * py + kz * pz) * (1 - c)
    return (
        centre[0] + px * c + (ky * pz - kz * py) * s + kx * dot,
        centre[1] + py * c + (kz * px - kx * pz) * s + ky * dot,
        centre[2] + pz * c + (kx * py - ky * px) * s + kz * dot,
    )
