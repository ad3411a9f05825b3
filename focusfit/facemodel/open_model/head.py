"""Builds what surrounds the open model's face from the same source: skull, ears, neck and trunk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ...errors import FaceModelError
from ..open_head import OpenHead, write_open_head
from ..open_model_file import OpenModelArrays, read_open_model_arrays
from .alignment import rigid_motions
from .build import RIGID_REACH, BuildOptions, calibrate
from .hairline import garment_depth, scalp_depth
from .identities import Population, identity_targets
from .resting_face import Head, RestingFace
from .source import AnnyWheel
from .subdivision import catmull_clark, fine_corner_values
from .surface import cut_field, nose_tip, triangulate

LOWEST = 3.9
"""Decimetres: the trunk ends at this height of the source's body."""

WIDEST = 270.0
"""mm from the middle at which the arms end."""

OVERLAP = 14.0
"""mm by which the head reaches behind the face's outer edge."""

MODES = 40
PEOPLE = 900
RIDGE = 0.02
"""Weight of the regression's prior, relative to one person's unit coefficients."""


@dataclass(frozen=True, eq=False)
class _Mesh:
    """Matrix ``(V, H)`` from the source's vertices, triangles, and what was painted on the source."""

    matrix: sp.csr_matrix
    triangles: NDArray
    ears: NDArray


def build_open_head(
    wheel: str | Path,
    model: str | Path,
    out: str | Path,
    options: BuildOptions | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> None:
    """Build the head around an open face model and write it.

    Args:
        wheel: the source of the face model.
        model: the face model's file.
        out: the ``.npz`` to write.
        options: of the face model's build.
        progress: called with the name of each step.

    Raises:
        FaceModelError: a file cannot be read, or the model was not built from this wheel with these options.
    """
    options = options or BuildOptions()
    arrays = read_open_model_arrays(model)
    progress("measuring the population of the face model")
    head = Head(AnnyWheel(wheel))
    strengths, scale = calibrate(head, options, np.random.default_rng(options.seed))
    shape_rng = np.random.default_rng(options.seed).spawn(1)[0]
    population = head.sample(options.people, shape_rng, strengths)
    face = RestingFace(head, population)
    if not np.array_equal(face.topology.triangles, arrays.triangles):
        remedy = "Build the model again with `focusfit model build`."
        raise FaceModelError("was not built from this source", file=Path(wheel), remedy=remedy)

    progress("cutting skull, neck and trunk")
    body = AnnyWheel(wheel, LOWEST)
    names = identity_targets(body.macro_targets(), body.detail_targets())
    targets = body.targets(names)
    mean = body.head.vertices + np.tensordot(population.weights.mean(0), targets, 1)
    mesh = _cut(body, mean)

    progress("letting the head follow the face's identity")
    people = head.sample(PEOPLE, np.random.default_rng([options.seed, 1]), strengths)
    faces, heads = _people(face, people, mesh, body.head.vertices, targets, arrays, scale)
    coefficients = _coefficients(arrays, faces)
    mean_head, basis, mixing = _follow(coefficients, heads)
    centred = arrays.shape_mean.astype(np.float64)
    from_tip = mean_head - nose_tip(centred)
    progress("writing the head")
    write_open_head(
        out,
        OpenHead(
            mean=mean_head.astype(np.float32),
            basis=basis,
            mixing=mixing,
            triangles=mesh.triangles,
            face_vertex=_same_vertices(mesh, face, body, head, mean),
            bend=_bend(from_tip),
            scalp=scalp_depth(from_tip),
            garment=garment_depth(from_tip),
            ears=mesh.ears,
        ),
    )


def _cut(body: AnnyWheel, mean: NDArray) -> _Mesh:
    """The body's mesh without the face's middle, the eyes, the mouth's inside and the forearms."""
    sub = catmull_clark(len(body.head.vertices), body.head.quads)
    fine, quads = sub.matrix @ mean, sub.quads
    uv = fine_corner_values(body.head.quad_uv).mean(1)
    kept = (cut_field(fine) > -OVERLAP)[quads].any(1)
    kept &= body.mask("inside-mouth", uv) < 0.5
    kept &= (np.rint(sub.linear @ body.head.eye) == 0)[quads].all(1)
    kept &= (np.abs(fine[:, 0]) < WIDEST)[quads].any(1)
    used = np.unique(quads[kept])
    index = np.full(len(fine), -1)
    index[used] = np.arange(len(used))
    ears = np.zeros(len(fine))
    np.maximum.at(ears, quads.reshape(-1), np.repeat(body.mask("ears", uv), 4))
    return _Mesh(sp.csr_matrix(sub.matrix[used]), index[triangulate(quads[kept])], ears[used])


def _people(
    face: RestingFace,
    people: Population,
    mesh: _Mesh,
    base: NDArray,
    targets: NDArray,
    arrays: OpenModelArrays,
    scale: float,
) -> tuple[NDArray, NDArray]:
    """``(N, Vf, 3)`` faces and ``(N, V, 3)`` heads of people, mm in the model's frame."""
    faces = face.shapes(people) * np.float32(scale) + face.relief(scale).astype(np.float32)
    mean = arrays.shape_mean.astype(np.float64)
    support = (np.linalg.norm(mean - nose_tip(mean), axis=1) < RIGID_REACH) & (face.topology.eye == 0)
    motions = rigid_motions(faces, mean, support)
    offsets = np.stack([mesh.matrix @ target for target in targets]).astype(np.float32)
    heads = people.weights.astype(np.float32) @ offsets.reshape(len(offsets), -1)
    heads = (heads.reshape(len(faces), -1, 3) + (mesh.matrix @ base).astype(np.float32)) * np.float32(scale)
    return motions.apply(faces), motions.apply(heads)


def _coefficients(arrays: OpenModelArrays, faces: NDArray) -> NDArray:
    """``(N, Ki)`` identity coefficients of faces."""
    basis = arrays.identity_basis.reshape(-1, arrays.identity_basis.shape[2]).astype(np.float64)
    offsets = (faces - arrays.shape_mean.astype(np.float32)).reshape(len(faces), -1)
    gram = basis.T @ basis
    return np.linalg.solve(gram, basis.T @ offsets.T.astype(np.float64)).T


def _follow(coefficients: NDArray, heads: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Mean ``(V, 3)``, basis ``(V, 3, K)`` and mixing ``(K, Ki)`` of the ridge regression, cut to its main modes."""
    count = len(heads)
    flat = heads.reshape(count, -1).astype(np.float64)
    design = np.c_[np.ones(count), coefficients]
    gram = design.T @ design + RIDGE * count * np.diag(np.r_[0.0, np.ones(coefficients.shape[1])])
    found = np.linalg.solve(gram, design.T @ flat)
    u, s, vt = np.linalg.svd(found[1:], full_matrices=False)
    basis = (s[:MODES, None] * vt[:MODES]).T.reshape(*heads.shape[1:], -1)
    return found[0].reshape(heads.shape[1:]), basis, u[:, :MODES].T


def _same_vertices(mesh: _Mesh, face: RestingFace, body: AnnyWheel, head: Head, mean: NDArray) -> NDArray:
    """``(V,)`` index of the face's vertex that lies at each vertex of the head, or -1."""
    skin = np.flatnonzero((face.topology.eye == 0) & (face.topology.mouth_depth == 0))
    place = face.topology.matrix[skin] @ _matching(head, body, mean)
    distance, nearest = cKDTree(place).query(mesh.matrix @ mean)
    return np.where(distance < 1e-6, skin[nearest], -1)


def _matching(head: Head, body: AnnyWheel, mean: NDArray) -> NDArray:
    """The body's mean at the vertices of the source's smaller head."""
    row = {int(index): i for i, index in enumerate(body.head.source_index)}
    return mean[[row[int(index)] for index in head.source.head.source_index]]


def _bend(from_tip: NDArray) -> NDArray:
    """0 on the head, 1 on the trunk; in between along the neck, whose top lies lower in front than behind."""
    below = -from_tip[:, 1] - 72 + 0.26 * (-68 - from_tip[:, 2])
    t = np.clip(below / 95, 0, 1)
    return t * t * (3 - 2 * t)
