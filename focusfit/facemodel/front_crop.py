"""The part of a head mesh that a camera in front of the face can see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Points = NDArray[np.float64]
Index = NDArray[np.int64]

RADIUS_MM = 112.0
"""From the nose tip; reaches the ears' front, the hairline and the underside of the chin."""

BELOW_MM = 95.0
"""How far below the nose tip the neck is cut."""

_YAWS = np.radians([-80, -60, -40, -20, 0, 20, 40, 60, 80])
_PITCHES = np.radians([-30, 0, 30])
_FINEST_PIXEL_MM = 2.5
_TOLERANCE_PIXELS = 2.4  # a pixel's foremost point may be that much in front of the rest of a slanted surface
_NOSE_TIP = 30


@dataclass(frozen=True, eq=False)
class MeshPart:
    """Some vertices of a mesh and the triangles among them.

    Attributes:
        vertices: ``(N,)`` indices into the whole mesh, ascending.
        triangles: ``(F, 3)`` indices into ``vertices``.
    """

    vertices: Index
    triangles: Index

    @classmethod
    def of(cls, triangles: Index) -> MeshPart:
        """The vertices that these triangles of the whole mesh use."""
        vertices, renumbered = np.unique(triangles, return_inverse=True)
        return cls(vertices, renumbered.reshape(-1, 3))


def front_crop(points: Points, triangles: Index, landmarks: Index) -> MeshPart:
    """Cut the face out of a head.

    Kept are triangles within `RADIUS_MM` of the nose tip (or as far as the furthest landmark) which some view from
    the front shows, of these the largest connected piece, and in any case the triangles around the landmarks.

    Args:
        points: ``(V, 3)`` mean shape in mm: x to the subject's left, y up, z out of the face.
        triangles: ``(F, 3)`` counter-clockwise from outside.
        landmarks: ``(68,)`` vertices of the iBUG points.
    """
    offset = points - points[landmarks[_NOSE_TIP]]
    distance = np.linalg.norm(offset, axis=1)
    radius = max(RADIUS_MM, distance[landmarks].max() + 3)
    near = (distance < radius) & (offset[:, 1] > -BELOW_MM)
    candidates = triangles[near[triangles].all(axis=1)]
    candidates = candidates[_seen(points, triangles, candidates)]
    part = _largest_piece(candidates)
    around = triangles[np.isin(triangles, landmarks).any(axis=1)]
    return MeshPart.of(np.unique(np.concatenate([part, around]), axis=0))


def face_normals(points: Points, triangles: Index) -> Points:
    """``(F, 3)`` normals, as long as twice the triangles' areas."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    return np.cross(b - a, c - a)


def outward(points: Points, triangles: Index) -> Index:
    """The triangles, all flipped if most of their area faces into the head."""
    normals = face_normals(points, triangles)
    inside = points.mean(axis=0)
    facing = (normals * (points[triangles].mean(axis=1) - inside)).sum()
    return triangles if facing >= 0 else triangles[:, [0, 2, 1]]


def _seen(points: Points, triangles: Index, candidates: Index) -> NDArray[np.bool_]:
    """Which candidates face some view and lie no deeper than the foremost surface there."""
    normals = face_normals(points, candidates)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    middle = points[candidates].mean(axis=1)
    surface = np.concatenate([points, points[triangles].mean(axis=1)])
    edges = np.linalg.norm(points[triangles] - points[triangles[:, [1, 2, 0]]], axis=-1)
    pixel = max(_FINEST_PIXEL_MM, float(np.percentile(edges, 95)))  # no pixel of a closed surface stays empty
    seen = np.zeros(len(candidates), bool)
    for yaw in _YAWS:
        for pitch in _PITCHES:
            view = _view_axes(yaw, pitch)
            seen |= (normals @ view[2] > 0.15) & _in_front(surface @ view.T, middle @ view.T, pixel)
    return seen


def _view_axes(yaw: float, pitch: float) -> Points:
    """Rows: right, up and towards the viewer."""
    towards = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
    return np.stack([right, np.cross(towards, right), towards])


def _in_front(surface: Points, queries: Points, pixel: float) -> NDArray[np.bool_]:
    """Whether queries are within the tolerance of the foremost surface point of their pixel (depth buffer)."""
    low = np.minimum(surface[:, :2].min(0), queries[:, :2].min(0))
    cells = np.floor((surface[:, :2] - low) / pixel).astype(np.int64)
    width = int(max(cells[:, 0].max(), (queries[:, 0].max() - low[0]) / pixel)) + 1
    height = int(max(cells[:, 1].max(), (queries[:, 1].max() - low[1]) / pixel)) + 1
    foremost = np.full(width * height, -np.inf)
    np.maximum.at(foremost, cells[:, 1] * width + cells[:, 0], surface[:, 2])
    asked = np.floor((queries[:, :2] - low) / pixel).astype(np.int64)
    return queries[:, 2] > foremost[asked[:, 1] * width + asked[:, 0]] - _TOLERANCE_PIXELS * pixel


def _largest_piece(triangles: Index) -> Index:
    """The connected component with the most triangles."""
    count = int(triangles.max()) + 1
    i, j = triangles[:, [0, 1]].reshape(-1), triangles[:, [1, 2]].reshape(-1)
    _, label = connected_components(coo_matrix((np.ones(len(i), bool), (i, j)), shape=(count, count)), directed=False)
    of_triangle = label[triangles[:, 0]]
    return triangles[of_triangle == np.bincount(of_triangle).argmax()]
