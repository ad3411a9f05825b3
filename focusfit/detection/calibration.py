"""Where on a face model a landmark network puts its points, measured on renderings of the model itself.

A network's points are defined by its training data, not by a face model's vertices. Shown random faces of the model in
random poses, it says itself which place on the surface each point means, and how far it strays from it.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import AMBIENT, MorphableModel, SurfacePoints
from ..imaging.camera import Camera
from ..imaging.renderer import render_coefficients
from ..objectives.robust import cauchy_weight
from .facemesh import FaceFrame, FaceMesh, frame_of_mesh

SIZE = 256
_BATCH = 16


def random_faces(model: MorphableModel, count: int, seed: int) -> FaceCoefficients:
    """Faces of the model in random pose to three quarters of a profile, under an ambient and one lamp's light."""
    generator = torch.Generator().manual_seed(seed)
    normal = lambda *shape: torch.randn(count, *shape, generator=generator)  # noqa: E731
    start = model.neutral_coefficients(count)
    degrees = math.pi / 180
    yaw = (2 * torch.rand(count, generator=generator) - 1) * 60
    rotation = torch.stack([12 * normal(), yaw, 8 * normal()], dim=1) * degrees
    light = start.light.clone()
    light[:, :, 0] *= 0.85 + 0.12 * normal(1)
    light[:, :, 1:4] += 0.35 * normal(1, 3)
    return FaceCoefficients(
        identity=normal(*start.identity.shape[1:]),
        expression=0.7 * normal(*start.expression.shape[1:]),
        albedo=normal(*start.albedo.shape[1:]),
        rotation=rotation,
        translation=torch.cat([8 * normal(2), 60 * normal(1)], dim=1),
        light=light,
    )


def _pictures(model: MorphableModel, faces: FaceCoefficients, camera: Camera, seed: int) -> Tensor:
    """``(B, 3, S, S)``: the faces over smooth random backgrounds."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(faces.batch_size, 3, 4, 4, generator=generator)
    background = torch.nn.functional.interpolate(coarse, size=(SIZE, SIZE), mode="bicubic").clamp(0, 1)
    return render_coefficients(model, faces, camera).over(background).clamp(0, 1)


def _first_frame(points: Tensor) -> FaceFrame:
    low, high = points.min(0).values, points.max(0).values
    centre = (low + high) / 2
    return FaceFrame((float(centre[0]), float(centre[1])), 1.5 * float((high - low).max()), 0.0)


@torch.no_grad()
def observe(model: MorphableModel, facemesh: FaceMesh, count: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """What the network says about ``count`` renderings.

    Returns:
        detected ``(N, 468, 2)`` pixels, true pixels of all vertices ``(N, V, 2)``, and pixels per mm ``(N,)``.
    """
    faces = random_faces(model, count, seed)
    detected, projected, scales = [], [], []
    for start in range(0, count, _BATCH):
        part = faces[slice(start, start + _BATCH)]
        camera = Camera.for_crop(SIZE, part.batch_size)
        pictures = (_pictures(model, part, camera, seed + start) * 255).round().byte().permute(0, 2, 3, 1).numpy()
        shape = model.vertices(part.identity, part.expression)
        placed = camera.place(shape, part.rotation, part.translation)
        pixels = camera.project(placed)
        landmarks = model.landmarks["ibug68"].of(pixels)
        for picture, points in zip(np.ascontiguousarray(pictures), landmarks, strict=True):
            frame = _first_frame(points)
            for _ in range(3):
                mesh = facemesh.look(picture, frame).mesh
                frame = frame_of_mesh(mesh)
            detected.append(torch.from_numpy(mesh[:, :2]).float())
        projected.append(pixels)
        scales.append(camera.focal / placed[..., 2].mean(1))
    return torch.stack(detected), torch.cat(projected), torch.cat(scales)


def calibrate_landmarks(model: MorphableModel, facemesh: FaceMesh, count: int = 400, seed: int = 0) -> SurfacePoints:
    """The ``facemesh468`` table of a model: for each point the place with the least robust error, and its deviation."""
    detected, vertices, scale = observe(model, facemesh, count, seed)
    detected, vertices = detected / scale[:, None, None], vertices / scale[:, None, None]
    nearest, weight = _nearest_vertices(detected, vertices)
    corners, barycentric = _refine(model, nearest, detected, vertices, weight)
    placed = (vertices[:, corners] * barycentric[..., None]).sum(2)
    error = (placed - detected).norm(dim=-1)
    deviation = error.square().quantile(0.68, dim=0).sqrt() / 2**0.5
    return SurfacePoints(corners, barycentric, deviation.clamp(min=0.3))


def _nearest_vertices(detected: Tensor, vertices: Tensor) -> tuple[Tensor, Tensor]:
    """``(L,)`` the vertex with the least weighted squared error, and weights ``(N, L)`` of the renderings."""
    weight = torch.ones(detected.shape[:2])
    for _ in range(4):
        total = weight.sum(0)
        cross = sum(torch.einsum("nl,nv->lv", weight * detected[..., k], vertices[..., k]) for k in (0, 1))
        square = torch.einsum("nl,nv->lv", weight, vertices.square().sum(-1))
        error = (square - 2 * cross) / total[:, None]
        nearest = error.argmin(1)
        distance = (vertices[:, nearest] - detected).square().sum(-1)
        weight = cauchy_weight(distance / distance.median(0).values, 2.0)
    return nearest, weight


def _refine(
    model: MorphableModel, nearest: Tensor, detected: Tensor, vertices: Tensor, weight: Tensor
) -> tuple[Tensor, Tensor]:
    """The best place within the triangles around each nearest vertex: corners ``(L, 3)`` and weights ``(L, 3)``."""
    corners = nearest[:, None].repeat(1, 3)
    barycentric = torch.tensor([1.0, 0.0, 0.0]).repeat(len(nearest), 1)
    for point, vertex in enumerate(nearest.tolist()):
        around = model.triangles[(model.triangles == vertex).any(1)]
        best = math.inf
        for triangle in around:
            a, b, c = vertices[:, triangle].unbind(1)
            w = weight[:, point].sqrt()[:, None, None]
            design = (torch.stack([b - a, c - a], dim=-1) * w).flatten(0, 1)
            target = ((detected[:, point] - a)[..., None] * w).flatten()
            u, v = torch.linalg.lstsq(design, target[:, None]).solution[:, 0].clamp(0, 1).tolist()
            u, v = (u, v) if u + v <= 1 else (u / (u + v), v / (u + v))
            error = (design @ torch.tensor([u, v]) - target).square().sum().item()
            if error < best:
                best, corners[point] = error, triangle
                barycentric[point] = torch.tensor([1 - u - v, u, v])
    return corners, barycentric
