"""Photos of bare faces in lamp light, with their true shape: pose, camera, shadows, gloss, sensor."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes
from torch import Tensor

from ...facemodel.morphable import MorphableModel
from ...imaging.camera import DISTANCE, FOCAL_PER_PIXEL, Camera
from ...imaging.normals import vertex_normals
from ...imaging.renderer import render
from ...imaging.rendering import Rendering
from ...imaging.rotation import rotation_matrix
from ...imaging.visibility import vertex_visibility

SIDE = 320
"""Pixels; the face fills about two thirds."""


@dataclass(frozen=True, eq=False)
class BarePhoto:
    """A photo in which nothing hides the face.

    Attributes:
        rgb: ``(S, S, 3)`` uint8.
        region: ``(S, S)`` uint8, 255 where the face is, 0 elsewhere.
        landmarks: ``(68, 2)`` true iBUG points in pixels.
        neutral: ``(V, 3)`` mm, the true neutral face.
    """

    rgb: NDArray[np.uint8]
    region: NDArray[np.uint8]
    landmarks: NDArray[np.float64]
    neutral: NDArray[np.float32]


def take_photo(
    model: MorphableModel, neutral: NDArray[np.float32], albedo: NDArray[np.float32], rng: Generator
) -> BarePhoto:
    """One face with a random expression, pose, light and camera.

    Args:
        model: whose mesh and expressions the face has.
        neutral: ``(V, 3)`` mm.
        albedo: ``(V, 3)`` sRGB.
        rng: the generator.
    """
    expression = _tensor(0.6 * rng.standard_normal((1, model.expression_basis.shape[2])))
    flat = expression @ model.expression_basis.flatten(0, 1).T
    vertices = torch.from_numpy(neutral)[None] + flat.view(1, -1, 3)
    rotation = _tensor([[rng.normal(0, 0.15), rng.uniform(-0.7, 0.7), rng.normal(0, 0.12)]])
    distance = float(np.exp(rng.uniform(np.log(0.45), np.log(2.0))))
    translation = _tensor([[rng.normal(0, 6), rng.normal(0, 6), DISTANCE * (distance - 1)]])
    camera = Camera(torch.tensor([FOCAL_PER_PIXEL * 224 * distance]), torch.full((1, 2), (SIDE - 1) / 2), SIDE, SIDE)
    normals = vertex_normals(vertices, model.triangles) @ rotation_matrix(rotation).transpose(1, 2)
    colours = _lit(model, vertices, normals, torch.from_numpy(albedo), rotation, rng)
    white = model.neutral_coefficients(1).light
    drawn = render(vertices, colours[None], model.triangles, rotation, translation, white, camera)
    points = model.landmarks["ibug68"].of(vertices)
    pixels = camera.project(camera.place(points, rotation, translation))[0]
    face = binary_fill_holes(drawn.region[0, 0].numpy())  # an open mouth is part of it
    region = np.asarray(face, np.uint8) * np.uint8(255)
    return BarePhoto(_exposed(drawn, region > 0, rng), region, pixels.double().numpy(), neutral)


def _tensor(values: object) -> Tensor:
    return torch.tensor(np.asarray(values), dtype=torch.float32)


def _lit(
    model: MorphableModel, vertices: Tensor, normals: Tensor, albedo: Tensor, rotation: Tensor, rng: Generator
) -> Tensor:
    """``(V, 3)`` colours under ambient light and one or two lamps that cast soft shadows and gloss."""
    tint = lambda spread: _tensor(np.exp(rng.normal(0, spread, 3)))  # noqa: E731
    n = normals[0]
    up = 0.5 + 0.5 * n[:, 1:2]
    light = rng.uniform(0.3, 0.75) * tint(0.05) * (1 - rng.uniform(0, 0.5) * (1 - up))
    gloss = torch.zeros(len(n), 3)
    shine, sharpness = rng.uniform(0, 0.25), rng.uniform(8, 40)
    for _ in range(rng.integers(1, 3)):
        yaw, pitch = rng.normal(0, 0.9), rng.normal(0.45, 0.4)
        lamp = _tensor([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
        strength = rng.uniform(0.15, 0.6) * tint(0.06)
        reached = (n @ lamp).clamp(min=0)[:, None] * _reached(model, vertices, normals, rotation, lamp)
        light = light + strength * reached
        half = torch.nn.functional.normalize(lamp + lamp.new_tensor([0, 0, 1.0]), dim=0)
        gloss = gloss + shine * strength * (reached > 0) * ((n @ half).clamp(min=0) ** sharpness)[:, None]
    return albedo * light + gloss


def _reached(model: MorphableModel, vertices: Tensor, normals: Tensor, rotation: Tensor, lamp: Tensor) -> Tensor:
    """``(V, 1)`` in [0, 1]: how much of the lamp each vertex sees; the lamp's view decides, smoothed over the mesh."""
    forward = lamp
    side = torch.nn.functional.normalize(torch.linalg.cross(lamp.new_tensor([0.0, 1.0, 0.0]), forward), dim=0)
    turn = torch.stack([side, torch.linalg.cross(forward, side), forward])
    flip = lamp.new_tensor([1.0, -1.0, -1.0])
    away = lamp.new_tensor([0, 0, 3 * DISTANCE])
    turned = vertices @ rotation_matrix(rotation).transpose(1, 2) @ turn.T * flip + away
    view = Camera(torch.tensor([3 * FOCAL_PER_PIXEL * 224]), torch.full((1, 2), 159.5), 320, 320)
    seen = vertex_visibility(turned, normals @ turn.T * flip, model.triangles, view, tolerance_mm=5.0)[0].float()
    first, second = model.vertex_neighbours.T
    degree = torch.zeros_like(seen).index_add_(0, first, torch.ones(len(first)))
    for _ in range(3):
        seen = 0.5 * seen + 0.5 * torch.zeros_like(seen).index_add_(0, first, seen[second]) / degree
    return seen[:, None]


def _exposed(drawn: Rendering, face_region: NDArray[np.bool_], rng: Generator) -> NDArray[np.uint8]:
    """The face before a blurred ground, as a camera stores it."""
    grey, tint = rng.uniform(0, 1, (6, 6, 1)), rng.normal(0, 0.12, (6, 6, 3))
    ground = np.clip(grey + tint, 0, 1) * rng.uniform(0.3, 1) * np.exp(rng.normal(0, 0.15, 3))
    wide = np.asarray(cv2.resize(ground.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.float64)
    region = drawn.region[0].permute(1, 2, 0).numpy().astype(np.float32)
    face = drawn.image[0].permute(1, 2, 0).detach().numpy()
    mouth = face_region & (region[..., 0] == 0)
    wide[mouth] = rng.uniform(0.3, 1.0) * np.array([0.25, 0.10, 0.09]) if rng.random() < 0.6 else rng.uniform(0.4, 0.8)
    sharp = face * region + wide * (1 - region)
    focused = np.asarray(cv2.GaussianBlur(sharp, (0, 0), rng.uniform(0.4, 1.2)), np.float64)
    exposed = focused * rng.uniform(0.85, 1.6) + rng.normal(0, rng.uniform(0.003, 0.02), focused.shape)
    stored = (np.clip(exposed, 0, 1) * 255 + 0.5).astype(np.uint8)
    _, encoded = cv2.imencode(".jpg", stored[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 98))])
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.ascontiguousarray(decoded[..., ::-1])
