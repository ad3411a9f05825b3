"""Which vertices stand for the face of each photo."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..imaging.normals import vertex_normals
from ..imaging.renderer import Rendering
from ..imaging.rotation import rotation_matrix
from .config import FitConfig
from .linearize import SampledSurface
from .surface import FittingSurface


@dataclass(frozen=True, eq=False)
class Sampling:
    """Which vertices stand for the face of each photo: ``index (B, S)``, and ``seen (B, S)`` 1, or 0 for padding."""

    index: Tensor
    seen: Tensor
    surface: SampledSurface


def choose_samples(
    surface: FittingSurface, c: FaceCoefficients, rendering: Rendering, config: FitConfig, level: int
) -> Sampling:
    """Sample vertices that ``rendering`` of ``c`` shows, and gather their tables."""
    model = surface.model
    shape = model.vertices(c.identity, c.expression)
    normals = vertex_normals(shape, model.triangles)
    towards_viewer = (normals @ rotation_matrix(c.rotation).transpose(1, 2))[..., 2]
    seen = rendering.vertex_visible & (towards_viewer > config.photometric.minimum_cosine)
    index = surface.sample(seen, config.photometric.samples)
    batch = torch.arange(len(index), device=index.device)[:, None]
    albedo = surface.levels[level]
    basis = albedo.basis[index]
    colours = albedo.mean[index] + (basis @ c.albedo[:, None, : basis.shape[-1], None])[..., 0]
    # The derivative table is of unnormalised normals: give these the mean shape's lengths.
    scaled = normals[batch, index] * surface.normal_mean[index].norm(dim=-1, keepdim=True)
    tables = SampledSurface(shape[batch, index], scaled, surface.geometry[index], colours, basis)
    return Sampling(index, seen[batch, index].float(), tables)
