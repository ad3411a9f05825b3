"""A person's head, neck and trunk around the face: their shape, and how they stand in a scene."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ...facemodel.open_head import OpenHead, read_open_head
from .anatomy import Anatomy
from .openness import vertex_openness
from .posed_face import PosedFace
from .sparse_kernel import times_points
from .texture_kernel import mean_around
from .turning import axis_angle, turned

Array = NDArray[np.float32]

RIM_REACH = 30.0
"""mm over which skin behind the face's edge keeps the colour that the edge has."""

EAR_TINT = np.array([1.02, 0.86, 0.84], np.float32)
"""Factor on the linear colour of ears: more blood shows through."""

MOST_TWIST = np.radians(62.0)
"""How far a neck turns against the shoulders."""

NINE = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1]), axis=-1).reshape(9, 2)

UPRIGHT = np.array([1.0, -1.0, -1.0], np.float32)
"""From the viewer's frame to the camera's."""


@dataclass(frozen=True, eq=False)
class HeadAnatomy:
    """What all heads of one world have in common.

    Attributes:
        head: the mesh and its modes.
        openness: ``(V,)`` share of the sky that each vertex sees.
        triangles: ``(F + G, 3)`` of the head, then of the face, whose vertices come after the head's.
        pivot: ``(3,)`` mm about which the trunk turns against the head.
        shared: ``(B,)`` vertices of the face that the head has as well.
        colour_weights: ``(V, B)`` sparse: how much of their colour skin takes, all at the edge, less farther away.
        forehead: vertices of the face whose colour is the person's plain skin.
        scalp_triangles: ``(S, 3)`` of the head, where hair grows.
        beard_triangles: ``(B, 3)`` of face and head, where a beard grows.
        beard: ``(V + N,)`` how densely.
        bending: vertices of the head that turn with the trunk, more or less.
        solid: vertices of head and face that hair lies on: no ears, nothing below the neck.
    """

    head: OpenHead
    openness: Array
    triangles: NDArray[np.int64]
    pivot: Array
    shared: NDArray[np.int64]
    colour_weights: sp.csr_matrix
    forehead: NDArray[np.int64]
    scalp_triangles: NDArray[np.int64]
    beard_triangles: NDArray[np.int64]
    beard: Array
    bending: NDArray[np.int64]
    solid: NDArray[np.int64]

    @property
    def count(self) -> int:
        """V, vertices of the head."""
        return len(self.head.mean)


def read_head_anatomy(anatomy: Anatomy, path: str | Path | None = None) -> HeadAnatomy:
    """Read a head and derive what drawing it needs.

    Args:
        anatomy: of the face that it surrounds.
        path: the head's file; None for the one that ships.

    Raises:
        FaceModelError: the file is missing, damaged, or of another kind.
    """
    head = read_open_head(path)
    face = anatomy.identity.mean
    triangles = np.concatenate([head.triangles, anatomy.triangles + len(head.mean)])
    both = np.concatenate([head.mean, face]).astype(np.float32)
    neck = (head.bend > 0.2) & (head.bend < 0.6)
    shared = head.face_vertex[head.face_vertex >= 0]
    distance, nearest = cKDTree(face[shared]).query(head.mean, 12)
    weights = np.exp(-0.5 * (distance / (distance[:, :1] * 0.4 + 9)) ** 2)
    weights *= (np.exp(-0.5 * (distance[:, 0] / RIM_REACH) ** 2) / weights.sum(1))[:, None]
    weights[distance[:, 0] > 3 * RIM_REACH] = 0
    rows = np.arange(len(weights)).repeat(weights.shape[1])
    matrix = sp.csr_matrix((weights.ravel(), (rows, nearest.ravel())), shape=(len(weights), len(shared)))
    matrix.eliminate_zeros()
    plain = np.flatnonzero((anatomy.drawn_inside[: len(face)] > 0.9) & (face[:, 1] > 40) & (face[:, 1] < 62))
    beard = np.maximum(anatomy.maps["beard"], anatomy.maps["moustache"])
    beard = np.concatenate([matrix @ beard[shared], beard]).astype(np.float32)
    count = len(head.mean)
    solid = np.concatenate([(head.bend < 0.3) & (head.ears < 0.05), np.ones(len(face), bool)])
    return HeadAnatomy(
        head=head,
        openness=vertex_openness(both, triangles, 48)[: len(head.mean)],
        triangles=triangles,
        pivot=np.array([0, *head.mean[neck, 1:].mean(0)], np.float32),
        shared=shared,
        colour_weights=matrix.astype(np.float32),
        forehead=plain,
        scalp_triangles=head.triangles[(head.scalp > 0)[head.triangles].all(1)],
        beard_triangles=triangles[(beard > 0.3)[triangles].all(1) & (triangles >= count).all(1)],
        beard=beard,
        bending=np.flatnonzero(head.bend > 0),
        solid=np.flatnonzero(solid),
    )


@dataclass(frozen=True, eq=False)
class HeadShape:
    """One person's head.

    Attributes:
        own: ``(V, 3)`` mm by identity alone, no face joined to it.
        neutral: ``(V + N, 3)`` mm of head and neutral face.
        skin: ``(V, 3)`` linear albedo of the bare head.
        landmarks: ``(68, 3)`` mm, iBUG points of the neutral face.
    """

    own: Array
    neutral: Array
    skin: Array
    landmarks: Array


def head_of(anatomy: HeadAnatomy, face: Anatomy, identity: Array, neutral_face: Array, texture: Array) -> HeadShape:
    """A person's head.

    Args:
        anatomy: of heads.
        face: anatomy of faces.
        identity: ``(Ki,)`` of the face model.
        neutral_face: ``(N, 3)`` mm.
        texture: ``(T, T, 3 or more)`` the person's skin, linear colour first.
    """
    plain = np.median(_around(face, texture, anatomy.forehead), axis=0)
    skin = plain + times_points(anatomy.colour_weights, _around(face, texture, anatomy.shared) - plain)
    skin *= 1 + anatomy.head.ears[:, None] * (EAR_TINT - 1)
    shape = anatomy.head.shape(identity)
    neutral = np.concatenate([anatomy.head.joined(shape, neutral_face), neutral_face]).astype(np.float32)
    return HeadShape(shape, neutral, np.clip(skin, 0, 1), face.landmarks(neutral_face))


def _around(face: Anatomy, texture: Array, vertices: NDArray[np.int64]) -> Array:
    """``(N, 3)`` linear colour around some of the face's vertices: the mean of nine texels."""
    step = max(1, face.atlas.size // 200)
    return mean_around(texture, face.atlas.uv[vertices], step * NINE)


def trunk_turn(posed: PosedFace, rng: Generator) -> Array:
    """``(3,)`` axis-angle, own frame, by which the trunk turns back against the head: people look over shoulders."""
    turn = UPRIGHT[:, None] * posed.rotation
    yaw, pitch = np.arctan2(turn[0, 2], turn[2, 2]), -np.arcsin(np.clip(turn[1, 2], -1, 1))
    roll = np.arctan2(turn[1, 0], turn[1, 1])
    share = rng.uniform(0.1, 0.95)
    trunk_yaw = np.clip(share * yaw + rng.normal(0, 0.12), yaw - MOST_TWIST, yaw + MOST_TWIST)
    trunk = turned(trunk_yaw, 0.25 * pitch, rng.uniform(0, 0.4) * roll)
    return np.asarray(axis_angle(turn.T @ trunk), np.float32)


def place_trunk(anatomy: HeadAnatomy, vertices: Array, turn: Array) -> Array:
    """``(V, 3)`` own frame: the trunk turned by ``turn (3,)``, the neck by its share."""
    angle = float(np.linalg.norm(turn))
    if angle < 1e-6:
        return vertices
    axis = turn / np.float32(angle)
    bending = anatomy.bending
    offset = vertices[bending] - anatomy.pivot
    angles = angle * anatomy.head.bend[bending, None]
    along = (offset @ axis)[:, None] * axis
    beside = offset @ np.cross(np.eye(3, dtype=np.float32), axis).T
    placed = vertices.copy()
    placed[bending] = anatomy.pivot + along + np.cos(angles) * (offset - along) + np.sin(angles) * beside
    return placed
