"""Writes an h5 file with the keys, shapes and sizes of the Basel Face Model 2017, filled from the open face model.

The surface is a head: the open model's face seen from the head's centre, closed by an ellipsoid behind. Nothing in it
comes from the Basel model but the published layout.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from scipy.sparse import csr_matrix
from scipy.spatial import cKDTree

from focusfit.facemodel.bfm_landmarks import BFM2017_IBUG68, NAMED_IBUG
from focusfit.facemodel.morphable import MorphableModel


@dataclass(frozen=True)
class Published:
    """Size of a published mesh, the angles its stand-in covers, and which landmarks have known vertex numbers."""

    vertices: int
    triangles: int
    azimuth: float
    elevation: tuple[float, float]
    numbered: range
    grid: tuple[int, int] = (151, 152)  # a disc whose rim has 602 edges: what V and F of both meshes come to
    modes: tuple[int, int, int] = (199, 100, 199)  # of shape, expression and colour


FULL = Published(53149, 105694, 150, (-62, 85), range(68))
FACE12 = Published(28588, 56572, 85, (-52, 50), range(27, 68))
SMALL = Published(60 * 80, 2 * 59 * 79, 110, (-60, 70), range(0), (60, 80), (85, 70, 85))
"""Of no published size: its landmarks are known by name alone."""


def write_basel_like(path: Path, size: Published, model: MorphableModel, *, mouth_offset: float = 0.5) -> Path:
    """Write the file; ``mouth_offset`` is the length of the mean expression in deviations of the first mode."""
    points, triangles = _surface(size, model)
    points, triangles, landmarks = _numbered(points, triangles, size, model)
    shares, fading = _interpolation(points, model)
    with h5py.File(path, "w") as h5:
        bases = (model.identity_basis, model.expression_basis, model.albedo_basis)
        for group, basis, modes in zip(("shape", "expression", "color"), bases, size.modes, strict=True):
            carried = fading * (shares @ basis.flatten(1).numpy())
            unit, variance = _orthonormal(carried.reshape(3 * len(points), -1), modes)
            mean = {
                "shape": points.reshape(-1),
                "expression": mouth_offset * np.sqrt(variance[0]) * unit[:, 0],
                "color": (shares @ model.albedo_mean.numpy()).reshape(-1),
            }[group]
            h5[f"{group}/model/mean"] = mean.astype(np.float32)
            h5[f"{group}/model/pcaBasis"] = unit.astype(np.float32)
            h5[f"{group}/model/pcaVariance"] = variance.astype(np.float32)
            h5[f"{group}/model/noiseVariance"] = np.zeros(1, np.float32)
            h5[f"{group}/representer/points"] = np.ascontiguousarray(points.T, dtype=np.float32)
            h5[f"{group}/representer/cells"] = np.ascontiguousarray(triangles.T, dtype=np.int32)
        named = [{"id": name, "coordinates": points[landmarks[i]].tolist()} for name, i in NAMED_IBUG.items()]
        h5["metadata/landmarks/json"] = np.array([json.dumps(named).encode()])
    return path


def _surface(size: Published, model: MorphableModel) -> tuple[np.ndarray, np.ndarray]:
    """Vertices ``(V, 3)`` and outward triangles ``(F, 3)`` of exactly the published numbers."""
    rows, columns = size.grid
    azimuth, elevation = np.meshgrid(
        np.radians(np.linspace(-size.azimuth, size.azimuth, columns)), np.radians(np.linspace(*size.elevation, rows))
    )
    angles = np.stack([azimuth.ravel(), elevation.ravel()], axis=1)
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    lower = np.stack([corner, corner + 1, corner + columns + 1], axis=1)
    upper = np.stack([corner, corner + columns + 1, corner + columns], axis=1)
    triangles = np.concatenate([lower, upper])
    head = _Head(model)
    while len(angles) < size.vertices:
        angles, triangles = _split_longest(angles, triangles, head.at(angles), size.vertices - len(angles))
    assert triangles.shape == (size.triangles, 3)
    return head.at(angles), triangles


class _Head:
    """Distance from the head's centre in every direction: the open model's face, and an ellipsoid around the rest."""

    def __init__(self, model: MorphableModel) -> None:
        vertices = model.shape_mean.double().numpy()
        self.centre = np.array([0.0, 0.0, vertices[:, 2].max() - 105])
        offset = vertices - self.centre
        normals = _vertex_normals(vertices, model.triangles.numpy())
        radius = np.linalg.norm(offset, axis=1)
        facing = ((normals * offset).sum(1) / radius > 0.3) & _outermost(_angles(offset), radius)
        back = np.stack(np.meshgrid(np.linspace(-3.1, 3.1, 40), np.linspace(-1.5, 1.5, 24)), axis=-1).reshape(-1, 2)
        far = cKDTree(_angles(offset[facing])).query(back)[0] > 0.35
        half_axes = np.array([76.0, 115.0, 95.0])
        behind = 1 / np.linalg.norm(_directions(back[far]) / half_axes, axis=1)
        self.known = cKDTree(np.concatenate([_angles(offset[facing]), back[far]]))
        self.radius = np.concatenate([radius[facing], behind])

    def at(self, angles: np.ndarray) -> np.ndarray:
        distance, near = self.known.query(angles, k=12)  # a plane through the neighbours: moving least squares
        weights = np.clip(1 - (distance / (1.01 * distance[:, -1:])) ** 2, 0, None) ** 3
        offset = (self.known.data[near] - angles[:, None]) / distance[:, -1:, None]
        terms = np.concatenate([np.ones_like(offset[..., :1]), offset], axis=-1)
        weighted = terms * weights[..., None]
        matrix = np.einsum("nki,nkj->nij", weighted, terms) + np.diag([0, 1e-3, 1e-3])
        plane = np.linalg.solve(matrix, np.einsum("nki,nk->ni", weighted, self.radius[near])[..., None])
        return self.centre + plane[:, 0] * _directions(angles)


def _outermost(angles: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Whether nothing lies further out in the same direction: inside nostrils and behind ears, something does."""
    near = cKDTree(angles).query_ball_point(angles, r=0.035)
    return np.array([radius[i] > radius[others].max() - 5 for i, others in enumerate(near)])


def _directions(angles: np.ndarray) -> np.ndarray:
    azimuth, elevation = angles.T
    return np.stack([np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation)], 1)


def _angles(offset: np.ndarray) -> np.ndarray:
    return np.stack([np.arctan2(offset[:, 0], offset[:, 2]), np.arctan2(offset[:, 1], np.hypot(*offset[:, ::2].T))], 1)


def _vertex_normals(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (points[triangles[:, i]] for i in range(3))
    normals = np.zeros_like(points)
    for i in range(3):
        np.add.at(normals, triangles[:, i], np.cross(b - a, c - a))
    return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12)


def _split_longest(
    angles: np.ndarray, triangles: np.ndarray, points: np.ndarray, wanted: int
) -> tuple[np.ndarray, np.ndarray]:
    """Halve up to ``wanted`` of the longest inner edges, no two of which share a triangle."""
    sides = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    edges, which, count = np.unique(sides, axis=0, return_inverse=True, return_counts=True)
    owners = np.argsort(which.ravel(), kind="stable") // 3
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    length = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
    taken = np.zeros(len(triangles), bool)
    chosen = []
    for edge in np.argsort(-length, kind="stable"):
        pair = owners[first[edge] : first[edge] + count[edge]]
        if count[edge] == 2 and not taken[pair].any():
            taken[pair] = True
            chosen.append(edge)
            if len(chosen) == min(wanted, len(edges) // 12):
                break
    pairs = np.stack([owners[first[chosen]], owners[first[chosen] + 1]], axis=1)
    middle = len(angles) + np.arange(len(chosen))
    halves = [triangles[~taken]]
    for side in range(2):
        owner = triangles[pairs[:, side]]
        for end in range(2):  # the triangle with one end of the edge replaced by its middle
            halves.append(np.where(owner == edges[chosen][:, [end]], middle[:, None], owner))
    return np.concatenate([angles, angles[edges[chosen]].mean(1)]), np.concatenate(halves)


def _numbered(
    points: np.ndarray, triangles: np.ndarray, size: Published, model: MorphableModel
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Renumber so that the landmarks have the numbers they have in the published mesh."""
    wanted = model.landmarks["ibug68"].of(model.shape_mean).double().numpy()
    landmarks = np.empty(68, np.int64)
    free = np.ones(len(points), bool)
    for i, target in enumerate(wanted):
        order = np.argsort(np.linalg.norm(points - target, axis=1))[:200]
        landmarks[i] = next(v for v in order if free[v])
        free[landmarks[i]] = False
    chosen = list(size.numbered)
    fixed = BFM2017_IBUG68[chosen]
    new_number = np.full(len(points), -1)
    new_number[landmarks[chosen]] = fixed
    rest = np.setdiff1d(np.arange(len(points)), fixed)
    new_number[new_number < 0] = np.random.default_rng(0).permutation(rest)
    renumbered = np.empty_like(points)
    renumbered[new_number] = points
    return renumbered, new_number[triangles], new_number[landmarks]


def _interpolation(points: np.ndarray, model: MorphableModel) -> tuple[csr_matrix, np.ndarray]:
    """Shares ``(V, model's V)`` of the open model's nearest vertices, and ``(V, 1)`` how the modes fade out behind."""
    distance, near = cKDTree(model.shape_mean.numpy()).query(points, k=4)
    weights = 1 / (distance + 0.3)
    weights = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    rows = np.repeat(np.arange(len(points)), 4)
    shares = csr_matrix((weights.ravel(), (rows, near.ravel())), shape=(len(points), model.vertex_count))
    return shares, np.exp(-((distance[:, :1] / 30) ** 2)).astype(np.float32)


def _orthonormal(carried: np.ndarray, modes: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit columns and variances of the same Gaussian; further modes move one coordinate each, hardly."""
    variance, rotation = np.linalg.eigh((carried.T @ carried).astype(np.float64))
    order = np.argsort(-variance)
    keep = order[variance[order] > 1e-5 * variance.max()][:modes]
    unit = np.zeros((len(carried), modes), np.float32)
    unit[:, : len(keep)] = carried @ (rotation[:, keep] / np.sqrt(variance[keep])).astype(np.float32)
    further = np.arange(len(keep), modes)
    unit[1000 + further, further] = 1
    return unit, np.concatenate([variance[keep], np.full(len(further), variance[keep].min() * 1e-3)])
