"""The linear face model: coefficients to vertices and albedo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from .coefficients import LIGHT_BANDS, FaceCoefficients

AMBIENT = 1.0 / 0.28209479177387814
"""Coefficient of the constant harmonic that lights a white surface with exactly 1."""


@dataclass(frozen=True, eq=False)
class SurfacePoints:
    """Points glued to the surface, such as one landmark scheme.

    Attributes:
        vertices: ``(L, 3)`` int64 vertex indices of the triangle that each point lies in; more of them for a middle of
            several points.
        weights: of the same shape, barycentric; rows sum to 1.
        deviation: ``(L,)`` mm, how far the scheme's detector strays from each point, where that was measured.
    """

    vertices: Tensor
    weights: Tensor
    deviation: Tensor | None = None

    @classmethod
    def at_vertices(cls, index: Tensor) -> SurfacePoints:
        """Points that coincide with vertices ``(L,)``."""
        weights = torch.zeros(len(index), 3)
        weights[:, 0] = 1
        return cls(index.long()[:, None].repeat(1, 3), weights)

    def __len__(self) -> int:
        return len(self.vertices)

    def of(self, values: Tensor) -> Tensor:
        """Interpolate per-vertex ``values (..., V, C)`` to ``(..., L, C)``."""
        corners = values.index_select(-2, self.vertices.flatten()).unflatten(-2, self.vertices.shape)
        return (corners * self.weights[..., None].to(values)).sum(-2)

    def middles(self, groups: Sequence[Sequence[int]]) -> SurfacePoints:
        """The mean of each group of these points, as new points."""
        largest = max(len(group) for group in groups)
        corners = self.vertices.shape[1]
        vertices = self.vertices.new_zeros(len(groups), largest * corners)
        weights = self.weights.new_zeros(len(groups), largest * corners)
        for row, group in enumerate(groups):
            width = len(group) * corners
            vertices[row, :width] = self.vertices[list(group)].flatten()
            weights[row, :width] = self.weights[list(group)].flatten() / len(group)
        return SurfacePoints(vertices, weights)

    def to(self, device: torch.device | str) -> SurfacePoints:
        """The same points on another device."""
        deviation = None if self.deviation is None else self.deviation.to(device)
        return SurfacePoints(self.vertices.to(device), self.weights.to(device), deviation)


@dataclass(frozen=True, eq=False)
class MorphableModel:
    """Means and bases (scaled by standard deviation) over one mesh.

    Model frame: x to the subject's left, y up, z out of the face, millimetres; sRGB albedo in [0, 1].

    Attributes:
        name: what it is, for people ("open-1", "bfm2017-face12").
        sha256: of the file it was read from; stored with every result.
        shape_mean: ``(V, 3)``.
        identity_basis: ``(V, 3, Ki)``.
        expression_basis: ``(V, 3, Ke)``.
        albedo_mean: ``(V, 3)``.
        albedo_basis: ``(V, 3, Ka)``.
        triangles: ``(F, 3)`` int64, counter-clockwise seen from outside.
        landmarks: by scheme name: ``ibug68`` always; ``facemesh468`` where it is calibrated.
        mirror: ``(V,)`` int64, the left-right partner of every vertex, where the mesh has one.
        uv: ``(V, 2)`` texture coordinates in [0, 1], where the mesh has them.
        regions: named boolean vertex masks ``(V,)``.
        neutral_offset: ``(V, 3)``, added where the expression is left out; for models whose expressions are centred
            on a face that is not neutral, so that ``shape_mean`` has the mean expression in it.
    """

    name: str
    sha256: str
    shape_mean: Tensor
    identity_basis: Tensor
    expression_basis: Tensor
    albedo_mean: Tensor
    albedo_basis: Tensor
    triangles: Tensor
    landmarks: Mapping[str, SurfacePoints]
    mirror: Tensor | None = None
    uv: Tensor | None = None
    regions: Mapping[str, Tensor] = field(default_factory=dict)
    neutral_offset: Tensor | None = None

    @property
    def vertex_count(self) -> int:
        """V."""
        return int(self.shape_mean.shape[0])

    @property
    def device(self) -> torch.device:
        """Where the tensors live."""
        return self.shape_mean.device

    @cached_property
    def vertex_neighbours(self) -> Tensor:
        """``(E, 2)`` int64, every edge once in each direction, sorted by its first vertex."""
        t = self.triangles
        edges = torch.cat([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]])
        return torch.unique(torch.cat([edges, edges.flip(1)]), dim=0)

    @cached_property
    def identity_metric(self) -> Tensor:
        """``(Ki, Ki)`` mm^2: ``d . metric . d`` is the mean square of what identity ``d`` moves the vertices by."""
        return _metric(self.identity_basis)

    @cached_property
    def expression_metric(self) -> Tensor:
        """``(Ke, Ke)`` mm^2, likewise."""
        return _metric(self.expression_basis)

    def neutral_coefficients(self, batch_size: int = 1) -> FaceCoefficients:
        """The mean face, frontal, at the origin, under white ambient light."""
        zeros = lambda *shape: torch.zeros(batch_size, *shape, device=self.device)  # noqa: E731
        light = zeros(3, LIGHT_BANDS)
        light[:, :, 0] = AMBIENT
        return FaceCoefficients(
            identity=zeros(self.identity_basis.shape[2]),
            expression=zeros(self.expression_basis.shape[2]),
            albedo=zeros(self.albedo_basis.shape[2]),
            rotation=zeros(3),
            translation=zeros(3),
            light=light,
        )

    def vertices(self, identity: Tensor, expression: Tensor | None = None) -> Tensor:
        """``(B, V, 3)`` mm in the model frame; without ``expression``, the neutral face."""
        offsets = identity @ self.identity_basis.flatten(0, 1).T
        if expression is not None:
            offsets = offsets + expression @ self.expression_basis.flatten(0, 1).T
        elif self.neutral_offset is not None:
            offsets = offsets + self.neutral_offset.flatten()
        return self.shape_mean + offsets.view(-1, *self.shape_mean.shape)

    def albedo(self, albedo: Tensor) -> Tensor:
        """``(B, V, 3)`` sRGB, not clamped."""
        offsets = albedo @ self.albedo_basis.flatten(0, 1).T
        return self.albedo_mean + offsets.view(-1, *self.albedo_mean.shape)

    def truncate(self, identity: int, expression: int, albedo: int) -> MorphableModel:
        """Keep only the leading components, in memory of their own."""
        return replace(
            self,
            identity_basis=self.identity_basis[..., :identity].clone(),
            expression_basis=self.expression_basis[..., :expression].clone(),
            albedo_basis=self.albedo_basis[..., :albedo].clone(),
        )

    def to(self, device: torch.device | str) -> MorphableModel:
        """The same model on another device."""
        held = {each.name: getattr(self, each.name) for each in fields(self)}  # not what is cached beside them
        moved: dict[str, Any] = {name: value.to(device) for name, value in held.items() if isinstance(value, Tensor)}
        return replace(
            self,
            **moved,
            landmarks={name: points.to(device) for name, points in self.landmarks.items()},
            regions={name: mask.to(device) for name, mask in self.regions.items()},
        )


def _metric(basis: Tensor) -> Tensor:
    offsets = basis.flatten(0, 1)
    return offsets.T @ offsets / basis.shape[0]
