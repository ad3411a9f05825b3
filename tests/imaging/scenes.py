"""Small things to draw, shared by the tests of this folder."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch
from torch import Tensor

from focusfit.imaging import Camera
from focusfit.imaging.rendering import Scene

HEAD_MM = (75.0, 105.0, 90.0)


def ellipsoid(rows: int, columns: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Vertices ``(V, 3)`` of a head-sized ellipsoid, open at the poles, and its triangles."""
    polar = torch.linspace(0.02, math.pi - 0.02, rows, dtype=dtype)
    around = torch.arange(columns, dtype=dtype) * 2 * math.pi / columns
    t, p = torch.meshgrid(polar, around, indexing="ij")
    vertices = torch.stack([t.sin() * p.sin(), t.cos(), t.sin() * p.cos()], -1).reshape(-1, 3)
    first = torch.arange(rows - 1)[:, None] * columns
    column, following = torch.arange(columns), (torch.arange(columns) + 1) % columns
    a, b = (first + column).flatten(), (first + columns + column).flatten()
    c, d = (first + columns + following).flatten(), (first + following).flatten()
    triangles = torch.cat([torch.stack([a, b, c], 1), torch.stack([a, c, d], 1)])
    return vertices * vertices.new_tensor(HEAD_MM), triangles


def bumpy_heads(
    batch: int, size: int = 32, rows: int = 12, columns: int = 13, dtype: torch.dtype = torch.float64, seed: int = 0
) -> Scene:
    """Ellipsoids with random dents, colours, poses and light; no two faces of the batch alike."""
    random = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=random, dtype=dtype)

    vertices, triangles = ellipsoid(rows, columns, dtype)
    light = 0.3 * normal(batch, 3, 9)
    light[..., 0] += 3
    camera = Camera.for_crop(size, batch)
    return Scene(
        vertices=vertices + 1.5 * normal(batch, *vertices.shape),
        albedo=0.5 + 0.2 * normal(batch, *vertices.shape),
        triangles=triangles,
        rotation=0.4 * normal(batch, 3),
        translation=4 * normal(batch, 3),
        light=light,
        camera=Camera(camera.focal.to(dtype), camera.centre.to(dtype), size, size),
    )


def device_of(backend: str) -> str:
    """Where a backend is tested: Triton's on a GPU if there is one, else in its interpreter."""
    return "cuda" if backend == "triton" and torch.cuda.is_available() else "cpu"


def moved(value: Any, device: str) -> Any:
    """A tensor, or whatever dataclass is made of tensors, on another device."""
    if isinstance(value, Tensor):
        return value.to(device)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: moved(getattr(value, each.name), device) for each in fields(value)})
    return value
