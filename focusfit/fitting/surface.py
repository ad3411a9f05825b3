"""What a second-order fit needs of a face model, computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Tensor

from ..facemodel.morphable import MorphableModel
from .misfit import MisfitPrior

_SEED = 20230618  # of the sampling order: part of the method, not of a run


@dataclass(frozen=True, eq=False)
class AlbedoLevel:
    """Albedo smoothed over the mesh as the photo is blurred: ``mean (V, 3)``, ``basis (V, 3, Ka)``."""

    mean: Tensor
    basis: Tensor


@dataclass(frozen=True, eq=False)
class FittingSurface:
    """Tables over the vertices of ``model``.

    Attributes:
        model: the face model.
        geometry: ``(V, 6, K)``: derivative of position (rows 0-2, mm) and of the unnormalised normal at the mean
            shape (rows 3-5), by identity and expression coefficients.
        normal_mean: ``(V, 3)`` unnormalised vertex normals of the mean shape.
        levels: smoothed albedo, coarse to fine.
        order: ``(V,)`` a random but fixed order in which vertices are sampled.
        usable: ``(V,)`` bool, vertices that may be sampled: not on the rim of the mesh.
        misfit: ``(V, 2)`` as in ``MisfitPrior.colour``; 0 for a model without such a prior.
    """

    model: MorphableModel
    geometry: Tensor
    normal_mean: Tensor
    levels: tuple[AlbedoLevel, ...]
    order: Tensor
    usable: Tensor
    misfit: Tensor

    @classmethod
    def of(
        cls,
        model: MorphableModel,
        albedo_count: int,
        smoothing_steps: Sequence[int],
        misfit: MisfitPrior | None = None,
    ) -> FittingSurface:
        """Precompute; ``smoothing_steps`` gives the Laplacian steps of each level, coarse first."""
        basis = torch.cat([model.identity_basis, model.expression_basis], dim=2)
        normal_mean, normal_basis = _normal_derivative(model, basis)
        albedo = torch.cat([model.albedo_mean[..., None], model.albedo_basis[..., :albedo_count]], dim=2)
        levels = tuple(AlbedoLevel(a[..., 0], a[..., 1:]) for a in smoothed(model, albedo, smoothing_steps))
        order = torch.randperm(model.vertex_count, generator=torch.Generator().manual_seed(_SEED)).to(model.device)
        known = torch.zeros(model.vertex_count, 2) if misfit is None else torch.from_numpy(misfit.colour)
        geometry = torch.cat([basis, normal_basis], dim=1)
        return cls(model, geometry, normal_mean, levels, order, ~_rim(model), known.to(model.device))

    def sample(self, allowed: Tensor, count: int) -> Tensor:
        """``(B, S)`` vertex indices, allowed ones first, in the fixed order; ``allowed (B, V)`` bool."""
        allowed = (allowed & self.usable)[:, self.order]
        first = torch.argsort((~allowed).to(torch.uint8), dim=1, stable=True)[:, :count]
        return self.order[first]


def _normal_derivative(model: MorphableModel, basis: Tensor) -> tuple[Tensor, Tensor]:
    """Sum of the adjacent faces' cross products at the mean shape, ``(V, 3)``, and its derivative ``(V, 3, K)``."""
    i, j, k = model.triangles.unbind(1)
    mean = model.shape_mean
    e1, e2 = mean[j] - mean[i], mean[k] - mean[i]
    normals = torch.zeros_like(mean).index_add_(0, model.triangles.flatten(), _thrice(torch.cross(e1, e2, dim=1)))
    derivative = torch.zeros_like(basis)
    for start in range(0, basis.shape[2], 32):  # in slices, to keep memory low
        part = basis[..., start : start + 32]
        d1, d2 = part[j] - part[i], part[k] - part[i]
        faces = torch.cross(d1, e2[..., None].expand_as(d1), dim=1) + torch.cross(
            e1[..., None].expand_as(d2), d2, dim=1
        )
        derivative[..., start : start + 32].index_add_(0, model.triangles.flatten(), _thrice(faces))
    return normals, derivative


def _thrice(faces: Tensor) -> Tensor:
    """Each face's value for each of its three corners."""
    return faces.repeat_interleave(3, dim=0)


def smoothed(model: MorphableModel, values: Tensor, steps: Sequence[int]) -> list[Tensor]:
    """Per-vertex ``values`` after each number of Laplacian smoothing steps, in the given order."""
    first, second = model.vertex_neighbours.T.cpu().numpy()
    size = (model.vertex_count,) * 2
    adjacency = csr_matrix((np.ones(len(first), np.float32), (first, second)), shape=size)
    degree = np.maximum(adjacency.sum(axis=1), 1)
    average = csr_matrix(adjacency.multiply(1 / degree))
    flat, done, results = values.flatten(1).cpu().numpy(), 0, {}
    for count in sorted(set(steps)):
        for _ in range(count - done):
            flat = 0.5 * flat + 0.5 * (average @ flat)
        done = count
        results[count] = torch.from_numpy(flat).to(values).unflatten(1, values.shape[1:])
    return [results[count] for count in steps]


def _rim(model: MorphableModel) -> Tensor:
    """``(V,)`` bool: vertices on an edge that only one triangle has."""
    t = model.triangles
    edges = torch.cat([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]).sort(dim=1).values
    unique, counts = torch.unique(edges, dim=0, return_counts=True)
    rim = torch.zeros(model.vertex_count, dtype=torch.bool, device=t.device)
    rim[unique[counts == 1].flatten()] = True
    return rim
