"""The surface of a hand with its forearm at rest: rounded limbs that grow into each other, as one mesh."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray
from skimage.measure import marching_cubes

from .skeleton import DIRECTIONS, RADII, ROOTS, SOFTNESS, joints, pads

Array = NDArray[Any]

X, Z = np.arange(-62, 104, 3.2), np.arange(-46, 45, 2.9)
Y = np.concatenate([np.arange(-540, -36, 14.0), np.arange(-36, 208, 3.2)])


@dataclass(frozen=True, eq=False)
class RestHand:
    """A hand that can be bent.

    Attributes:
        vertices: ``(V, 3)`` mm, the hand's frame.
        normals: ``(V, 3)`` unit.
        triangles: ``(F, 3)`` int64.
        digit: ``(V, 2)`` int64 the two digits nearest to each vertex.
        membership: ``(V, 2)`` how much it moves with each of them; rows sum to 1.
        bend: ``(V, 2, 3)`` share of each joint's angle that it follows.
        forearm: ``(V,)`` share of the wrist's angle.
    """

    vertices: Array
    normals: Array
    triangles: NDArray[np.int64]
    digit: NDArray[np.int64]
    membership: Array
    bend: Array
    forearm: Array


@cache
def rest_hand() -> RestHand:
    """The average hand, made once per process."""
    grid = np.stack(np.meshgrid(X, Y, Z, indexing="ij"), axis=-1).astype(np.float32)
    field = signed_distance(grid)
    index, triangles, normals, _ = marching_cubes(field, 0.0, gradient_direction="ascent")
    axes = (X, Y, Z)
    vertices = np.stack([np.interp(index[:, c], np.arange(len(axes[c])), axes[c]) for c in range(3)], axis=-1)
    vertices = vertices.astype(np.float32)
    digit, membership, bend = _weights(vertices)
    forearm = _smooth_step((6 - vertices[:, 1]) / 44)
    step = 0.6 * np.eye(3, dtype=np.float32)
    slope = np.stack([signed_distance(vertices + e) - signed_distance(vertices - e) for e in step], axis=-1)
    normals = slope / np.maximum(np.linalg.norm(slope, axis=-1, keepdims=True), 1e-6)
    faces = triangles.astype(np.int64)
    corner = vertices[faces]
    outward = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    if (outward * normals[faces[:, 0]]).sum() < 0:
        faces = faces[:, ::-1].copy()
    return RestHand(vertices, normals.astype(np.float32), faces, digit, membership, bend, forearm)


def signed_distance(points: Array) -> Array:
    """Distance of ``points (..., 3)`` to the hand's surface, negative inside."""
    hand, ends = _palm(points), joints()
    for digit in range(5):
        hand = _join(hand, _finger(points, digit, ends[digit]), 9.0 if digit == 0 else 5.0)
    return hand


def _palm(points: Array) -> Array:
    """Metacarpals side by side, the ball of the thumb, the edge of the hand, wrist and forearm."""
    bones = [
        ((13, 10, -1), (25, 84, -2.5), 13.0, 12.2),
        ((4, 10, 0), (6, 88, 0.0), 13.5, 12.6),
        ((-7, 10, 0), (-13, 83, -1.0), 13.5, 12.0),
        ((-15, 10, -2), (-30, 74, -4.5), 12.5, 11.0),
    ]
    rods = [_limb(points, np.array(start, float), np.array(end, float), *radii) for start, end, *radii in bones]
    body = reduce(lambda a, b: _join(a, b, 9.0), rods)
    body = _join(body, _ellipsoid(points, (22, 36, -13), (17, 29, 13)), 8.0)
    body = _join(body, _ellipsoid(points, (-24, 34, -11), (13, 30, 12)), 8.0)
    # tendons under the skin of the back
    for root, radius in zip(ROOTS[1:], RADII[1:, 0], strict=True):
        knuckle = root + np.array([0, -6, 0.80 * radius])
        body = _join(body, _limb(points, np.array([0.35 * root[0], 22, 9.5]), knuckle, 2.6, 3.4), 4.0)
    # the skin between thumb and forefinger
    body = _join(body, _limb(points, np.array([30.0, 38, -8]), np.array([33.0, 58, -7]), 9, 6), 14.0)
    flat = points * np.array([0.78, 1.0, 1.12], np.float32)
    arm = _limb(flat, np.array([0.0, 12, 0]), np.array([0.0, -70, 0]), 22.5, 26.0)
    arm = np.minimum(arm, _limb(flat, np.array([0.0, -70, 0]), np.array([0.0, -170, 0]), 26.0, 38.0))
    # long enough to leave the frame whichever way it points
    arm = np.minimum(arm, _limb(flat, np.array([0.0, -170, 0]), np.array([0.0, -480, 0]), 38.0, 43.0))
    return _join(body, arm, 14.0)


def _finger(points: Array, digit: int, ends: np.ndarray) -> Array:
    radii, pad = RADII[digit], pads()[digit]
    bones = [_limb(points, ends[b], ends[b + 1], radii[b], radii[b + 1]) for b in range(3)]
    finger = reduce(lambda a, b: _join(a, b, 2.0), bones)
    for b in range(3):
        # flesh between the creases, on the inside
        middle = ends[b] + (0.62 if b == 2 else 0.5) * (ends[b + 1] - ends[b])
        radius = 0.5 * (radii[b] + radii[b + 1])
        along = DIRECTIONS[digit] * 0.24 * np.linalg.norm(ends[b + 1] - ends[b])
        soft = _limb(points, middle - along + 0.20 * radius * pad, middle + along + 0.20 * radius * pad,
                     0.88 * radius, 0.86 * radius)  # fmt: skip
        finger = _join(finger, soft, 3.0)
        if b > 0 or digit > 0:  # the knuckle's bone on the outside
            lump = np.linalg.norm(points - (ends[b] - 0.22 * radii[b] * pad), axis=-1) - 0.88 * radii[b]
            finger = _join(finger, lump, 4.0)
    return finger


def _limb(points: Array, start: np.ndarray, end: np.ndarray, first: float, last: float) -> Array:
    """Distance to a tapering rod."""
    axis = (end - start).astype(np.float32)
    offset = points - start.astype(np.float32)
    along = np.clip(offset @ axis / float(axis @ axis), 0, 1)
    across = offset - along[..., None] * axis
    return np.sqrt((across * across).sum(-1)) - (first + along * (last - first)).astype(np.float32)


def _ellipsoid(points: Array, centre: tuple[float, ...], radii: tuple[float, ...]) -> Array:
    """About the distance to an ellipsoid."""
    scaled = (points - np.array(centre, np.float32)) / np.array(radii, np.float32)
    size = np.sqrt((scaled * scaled).sum(-1))
    steep = np.sqrt(((scaled / np.array(radii, np.float32)) ** 2).sum(-1))
    return size * (size - 1) / np.maximum(steep, 1e-4)


def _join(a: Array, b: Array, softness: float) -> Array:
    """Smooth minimum of two distances (Quilez's quadratic one): a fillet ``softness`` mm wide."""
    h = np.maximum(softness - np.abs(a - b), 0) / softness
    return np.minimum(a, b) - h * h * softness * 0.25


def _weights(vertices: Array) -> tuple[NDArray[np.int64], Array, Array]:
    ends = joints()
    distance = np.stack([_finger(vertices, d, ends[d]) for d in range(5)], axis=-1)
    # below the knuckles the hand moves with no finger, whichever is nearest
    nearest = np.argsort(distance, axis=1)[:, :2]
    gap = np.take_along_axis(distance, nearest, 1)
    share = np.exp(-(gap - gap[:, :1]) / 2.2)
    share /= share.sum(1, keepdims=True)
    bend = np.empty((len(vertices), 2, 3), np.float32)
    for slot in range(2):
        d = nearest[:, slot]
        for j in range(3):
            along = ((vertices - ends[d, j]) * DIRECTIONS[d]).sum(1)
            half = SOFTNESS[d, j]
            bend[:, slot, j] = _smooth_step((along + half) / (2 * half))
        # the thumb's saddle joint must not drag the palm along: it fades with the distance from the thumb
        far = np.where(d == 0, _smooth_step(1 - (gap[:, slot] - 1) / 12), _smooth_step(1 - (gap[:, slot] - 1) / 14))
        bend[:, slot] *= far[:, None]
    return nearest.astype(np.int64), share.astype(np.float32), bend


def _smooth_step(x: np.ndarray) -> np.ndarray:
    x = np.clip(x, 0, 1)
    return np.asarray(x * x * (3 - 2 * x))
