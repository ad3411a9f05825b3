"""Looks at faces whose truth is known, about as wrong as an encoder's: what a segmenter has to live with."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ...data.counter_random import uniform
from ...data.framed_faces import FramedFaces
from ...facemodel.coefficients import LIGHT_BANDS
from ...networks.surface_encoder import EncodedFace, SurfaceEncoderConfig

SALT = 0x2545F491
"""Other draws than those of the augmentation."""


@dataclass(frozen=True)
class LookErrors:
    """Standard deviations of what is wrong; each face has up to twice as much, or nothing.

    Attributes:
        shift: of all points together, as a share of the view's side.
        turn: of all points about their middle, in degrees.
        scale: of all points from their middle, as a share.
        point: of each point by itself, as a share of the view's side.
        albedo: of each albedo coefficient.
        light: of each light coefficient.
    """

    shift: float = 0.012
    turn: float = 2.5
    scale: float = 0.025
    point: float = 0.006
    albedo: float = 0.6
    light: float = 0.06


def noisy_look(faces: FramedFaces, seeds: Tensor, sizes: SurfaceEncoderConfig, errors: LookErrors) -> EncodedFace:
    """What an encoder might say of faces with known points and coefficients.

    Args:
        faces: as the segmenter sees them, not mirrored.
        seeds: ``(B,)`` of the looks; they alone decide the errors.
        sizes: of the encoder.
        errors: how wrong it may be.
    """
    assert faces.surface_points is not None
    assert faces.coefficients is not None
    side, (count, points) = faces.photo.shape[-1], faces.surface_points.shape[:2]
    lights = 3 * LIGHT_BANDS
    draws = _normal(seeds ^ SALT, 4 + sizes.albedo + lights + 2 * points)
    much = 2 * uniform(seeds ^ (SALT + 1), 1)
    whole, albedo, light, single = (much * draws).split([4, sizes.albedo, lights, 2 * points], dim=1)
    angle, scale = whole[:, 0] * math.radians(errors.turn), (whole[:, 1] * errors.scale).exp()
    cos, sin = scale * angle.cos(), scale * angle.sin()
    turn = torch.stack([cos, -sin, sin, cos], dim=1).view(count, 2, 2)
    middle = faces.surface_points.mean(1, keepdim=True)
    moved = (faces.surface_points - middle) @ turn.transpose(1, 2) + middle
    moved = moved + side * (errors.shift * whole[:, None, 2:] + errors.point * single.view(count, points, 2))
    shape = sizes.identity + sizes.expression
    true_albedo = faces.coefficients[:, shape : shape + sizes.albedo]
    true_light = faces.coefficients[:, -lights:]
    return EncodedFace(
        points=moved,
        sigma=torch.full_like(moved[..., 0], errors.point * side),
        identity=faces.coefficients[:, : sizes.identity],
        expression=faces.coefficients[:, sizes.identity : shape],
        albedo=true_albedo + errors.albedo * albedo,
        light=(true_light + errors.light * light).unflatten(1, (3, LIGHT_BANDS)),
    )


def _normal(seeds: Tensor, draws: int) -> Tensor:
    """``(B, draws)`` of unit deviation."""
    return math.sqrt(2) * torch.erfinv((2 * uniform(seeds, draws) - 1).clamp(-1 + 1e-6, 1 - 1e-6))
