"""What all people of one world have in common: the face model, unwrapped, with what a rendering needs beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ...errors import FaceModelError
from ...facemodel.dense_points import ANATOMICAL_SCHEME
from ...facemodel.load import SHIPPED_MODEL
from ...facemodel.open_model_file import OpenModelArrays, read_open_model_arrays
from .atlas import Atlas, unwrap
from .brow_place import BrowPlace, build_brow_place
from .eyelashes import LashRoots, lash_roots
from .linear import LinearModes
from .mouth import Mouth, build_mouth, opening_rim
from .openness import vertex_openness
from .shape_detail import ShapeDetail, build_shape_detail

Array = NDArray[np.float32]

EDGE_WIDTH = 7.0
"""mm over which the face's outer edge fades into the head behind it."""

NOW_LANDMARKS = (36, 39, 42, 45, 33, 48, 54)


@dataclass(frozen=True, eq=False)
class Anatomy:
    """Arrays of one open model, float32, and everything derived from them once.

    Attributes:
        sha256: of the model's file.
        identity: modes of shape about the mean face.
        expression: modes of expression about zero.
        albedo: modes of sRGB colour about the mean.
        triangles: ``(F, 3)`` of the face.
        mouth: teeth and the inside of the mouth.
        drawn_triangles: ``(F + M, 3)`` of face and mouth.
        drawn_uv: ``(V', 2)`` columns and rows of their vertices in the texture.
        drawn_openness: ``(V',)`` share of the sky that each vertex sees, for ambient light.
        drawn_inside: ``(V',)`` 0 at the face's outer edge, 1 from :data:`EDGE_WIDTH` inwards.
        landmark_vertices: ``(68, 3)`` vertices of the triangle around each iBUG point, where anatomy has it.
        landmark_weights: ``(68, 3)`` barycentric.
        annotated_vertices: ``(68, 3)`` the same where annotators put it.
        annotated_weights: ``(68, 3)`` barycentric.
        eyes: ``(V,)`` 1 on the eyeballs.
        action_names: names of the facial actions.
        actions: ``(U, V, 3)`` mm.
        action_coefficients: ``(U, Ke)`` the same in the modes of expression.
        maps: painted maps ``(V,)`` in [0, 1] by name.
        pigment_names: columns of ``pigments``.
        pigments: ``(N, P)`` a population of complexions.
        atlas: of the skin texture.
        shape_detail: shape beyond the modes.
        scored_vertices: ``(V,)`` where shape is measured: skin that the front sees.
    """

    sha256: str
    identity: LinearModes
    expression: LinearModes
    albedo: LinearModes
    triangles: NDArray[np.int64]
    mouth: Mouth
    drawn_triangles: NDArray[np.int64]
    drawn_uv: Array
    drawn_openness: Array
    drawn_inside: Array
    landmark_vertices: NDArray[np.int64]
    landmark_weights: Array
    annotated_vertices: NDArray[np.int64]
    annotated_weights: Array
    eyes: Array
    action_names: tuple[str, ...]
    actions: Array
    action_coefficients: Array
    maps: Mapping[str, Array]
    pigment_names: tuple[str, ...]
    pigments: NDArray
    atlas: Atlas
    shape_detail: ShapeDetail
    scored_vertices: NDArray[np.bool_]

    @cached_property
    def eyeballs(self) -> NDArray[np.int64]:
        """Vertices of both eyeballs."""
        return np.flatnonzero(self.maps["eyeball"] > 0.5)

    @cached_property
    def lash_roots(self) -> LashRoots:
        """Where lashes grow."""
        nearest = self.landmark_weights.argmax(1)
        stops = self.landmark_vertices[np.arange(68), nearest]
        return lash_roots(self.identity.mean, self.triangles, self.maps["eyeball"], stops)

    @cached_property
    def brow_place(self) -> BrowPlace:
        """How skin moves with the brows."""
        return build_brow_place(self.identity.mean, self.triangles, self.mean_landmarks, self.maps["eyeball"])

    @cached_property
    def mean_landmarks(self) -> Array:
        """``(68, 3)`` of the mean face."""
        return self.landmarks(self.identity.mean)

    def landmarks(self, vertices: Array) -> Array:
        """``(68, 3)`` points of ``vertices (V, 3)`` by which things are placed: iBUG's, where anatomy has them."""
        return np.einsum("lkc,lk->lc", vertices[self.landmark_vertices], self.landmark_weights)

    def annotated_landmarks(self, vertices: Array) -> Array:
        """``(68, 3)`` iBUG points of ``vertices (V, 3)`` where annotators put them: what photos come with."""
        return np.einsum("lkc,lk->lc", vertices[self.annotated_vertices], self.annotated_weights)


def read_anatomy(path: str | Path | None, texture_size: int) -> Anatomy:
    """Read an open face model and derive what the world needs.

    Args:
        path: the model's file; None for the one that ships.
        texture_size: side of skin textures in texels.

    Raises:
        FaceModelError: the file is no open model, or one without painted maps, actions or pigments.
    """
    path = SHIPPED_MODEL if path is None else Path(path)
    if path.suffix.lower() != ".npz":
        raise FaceModelError(
            "is not an open face model", file=path, remedy="The synthetic world needs one (.npz): its painted maps."
        )
    arrays = read_open_model_arrays(path)
    if not (arrays.maps and arrays.action_names and arrays.pigment_names):
        raise FaceModelError(
            "holds no painted maps, facial actions or pigments",
            file=path,
            remedy="Build it anew with `focusfit model build`.",
        )
    return _derive(arrays, hashlib.sha256(path.read_bytes()).hexdigest(), texture_size)


def _derive(arrays: OpenModelArrays, sha256: str, texture_size: int) -> Anatomy:
    mean, triangles = arrays.shape_mean.astype(np.float32), arrays.triangles.astype(np.int64)
    ibug = arrays.landmarks["ibug68"]
    table = arrays.landmarks.get(ANATOMICAL_SCHEME, ibug)
    mouth = build_mouth(opening_rim(triangles, _mouth_opening(mean, triangles)), len(mean))
    atlas = unwrap(arrays.uv, triangles, texture_size)
    own = (mouth.uv * [texture_size - 1, 1 - texture_size] + [0, texture_size - 1]).astype(np.float32)
    maps = {name: values.astype(np.float32) for name, values in arrays.maps.items()}
    openness = vertex_openness(mean, triangles)
    teeth = np.full(len(mouth.uv) - len(mouth.rim) - 1, 0.55)
    bag = np.full(len(mouth.rim) + 1, 0.12)
    skin = (maps["eyeball"] < 0.5) & (maps["mouth_interior"] < 0.5)
    expression = LinearModes.of(np.zeros_like(mean), arrays.expression_basis)
    actions = arrays.actions.astype(np.float32)
    return Anatomy(
        sha256=sha256,
        identity=LinearModes.of(mean, arrays.identity_basis),
        expression=expression,
        albedo=LinearModes.of(arrays.albedo_mean, arrays.albedo_basis, every=3),
        triangles=triangles,
        mouth=mouth,
        drawn_triangles=np.concatenate([triangles, mouth.triangles]),
        drawn_uv=np.concatenate([atlas.uv, own]),
        drawn_openness=np.concatenate([openness, teeth, bag]).astype(np.float32),
        drawn_inside=np.concatenate([_from_edge(mean, triangles), np.ones(len(own))]).astype(np.float32),
        landmark_vertices=table.vertices.astype(np.int64),
        landmark_weights=table.weights.astype(np.float32),
        annotated_vertices=ibug.vertices.astype(np.int64),
        annotated_weights=ibug.weights.astype(np.float32),
        eyes=arrays.regions["eyes"].astype(np.float32),
        action_names=arrays.action_names,
        actions=actions,
        action_coefficients=np.stack([expression.coefficients(action) for action in actions]),
        maps=maps,
        pigment_names=arrays.pigment_names,
        pigments=arrays.pigments,
        atlas=atlas,
        shape_detail=build_shape_detail(mean, maps["eyeball"]),
        scored_vertices=skin & (openness > 0.35) & _faces_front(mean, triangles),
    )


def _open_edges(triangles: NDArray) -> NDArray:
    """``(E, 2)`` edges that belong to one triangle only."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    unique, count = np.unique(np.sort(edges, axis=1), axis=0, return_counts=True)
    return unique[count == 1]


def _mouth_opening(mean: Array, triangles: NDArray) -> NDArray[np.bool_]:
    """Vertices near the open edge inside the lips: around the mean face's middle, below its nose."""
    near = (np.abs(mean[:, 0]) < 40) & (mean[:, 1] < -20) & (mean[:, 1] > -70)
    rim = np.zeros(len(mean), bool)
    rim[_open_edges(triangles)] = True
    return rim & near


def _from_edge(mean: Array, triangles: NDArray) -> NDArray:
    """Distance to the face's outer edge over :data:`EDGE_WIDTH`, at most 1."""
    edge = np.unique(_open_edges(triangles))
    far = np.linalg.norm(mean[edge, :2] * [1, 0.8], axis=1) > 60
    distance, _ = cKDTree(mean[edge[far]]).query(mean)
    return np.clip(distance / EDGE_WIDTH, 0, 1)


def _faces_front(mean: Array, triangles: NDArray) -> NDArray[np.bool_]:
    from .surface import unit_normals

    return unit_normals(mean, triangles)[:, 2] > 0.15
