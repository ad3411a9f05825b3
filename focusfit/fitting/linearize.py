"""Residuals of the data terms and their derivatives by the unknowns."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..constants import constant
from ..facemodel.coefficients import FaceCoefficients
from ..imaging.camera import DISTANCE, FLIP, Camera
from ..imaging.light import harmonics, harmonics_derivative
from ..imaging.rotation import rotation_matrix, skew


@dataclass(frozen=True, eq=False)
class PosedPoints:
    """Surface points in place, with what their derivatives need.

    Attributes:
        turned: ``(B, N, 3)`` mm, rotated into the viewer's frame, before translation.
        camera_frame: ``(B, N, 3)`` mm.
        pixels: ``(B, N, 2)``.
        pixel_by_point: ``(B, N, 2, 3)`` derivative of the pixel by the *viewer's frame* position.
    """

    turned: Tensor
    camera_frame: Tensor
    pixels: Tensor
    pixel_by_point: Tensor


def pose_points(points: Tensor, coefficients: FaceCoefficients, camera: Camera) -> PosedPoints:
    """Place model-frame ``points (B, N, 3)`` in front of the camera."""
    turned = points @ rotation_matrix(coefficients.rotation).transpose(1, 2)
    flip = constant(FLIP, turned)
    shift = coefficients.translation + constant((0.0, 0.0, DISTANCE), turned)
    placed = turned * flip + shift[:, None]
    x, y, z = placed.unbind(-1)
    scale = camera.focal[:, None] / z
    zero = torch.zeros_like(scale)
    rows = torch.stack([scale, zero, -scale * x / z, zero, scale, -scale * y / z], dim=-1).unflatten(-1, (2, 3))
    return PosedPoints(turned, placed, camera.project(placed), rows * flip)


def landmark_jacobian(posed: PosedPoints, basis: Tensor, coefficients: FaceCoefficients) -> Tensor:
    """``(B, L, 2, K + 6)``: derivative of landmark pixels by shape, rotation and translation.

    Args:
        posed: the landmarks in place.
        basis: ``(B, L, 3, K)`` or ``(L, 3, K)``, derivative of model-frame positions.
        coefficients: the current pose.
    """
    rotation = rotation_matrix(coefficients.rotation)[:, None]
    by_shape = (posed.pixel_by_point @ rotation) @ basis
    by_rotation = -posed.pixel_by_point @ skew(posed.turned)
    by_translation = posed.pixel_by_point * constant(FLIP, posed.turned)
    return torch.cat([by_shape, by_rotation, by_translation], dim=-1)


@dataclass(frozen=True, eq=False)
class SampledSurface:
    """A face model's tables at the vertices sampled for each face of a batch.

    Attributes:
        points: ``(B, S, 3)`` mm, model frame.
        normals: ``(B, S, 3)`` unnormalised, model frame.
        geometry: ``(B, S, 6, K)`` as in ``FittingSurface.geometry``.
        albedo: ``(B, S, 3)`` current albedo.
        albedo_basis: ``(B, S, 3, Ka)``.
    """

    points: Tensor
    normals: Tensor
    geometry: Tensor
    albedo: Tensor
    albedo_basis: Tensor


@dataclass(frozen=True, eq=False)
class Shading:
    """Shaded colour of sampled points and the pieces of its derivative.

    Attributes:
        normal: ``(B, S, 3)`` unit, viewer's frame.
        length: ``(B, S, 1)`` of the unnormalised normal.
        basis: ``(B, S, 9)`` harmonics at the normal.
        shading: ``(B, S, 3)`` light per colour.
        colour: ``(B, S, 3)``.
    """

    normal: Tensor
    length: Tensor
    basis: Tensor
    shading: Tensor
    colour: Tensor


def shade(normals: Tensor, albedo: Tensor, coefficients: FaceCoefficients) -> Shading:
    """Shade ``albedo (B, S, 3)`` at unnormalised model-frame ``normals (B, S, 3)``."""
    turned = normals @ rotation_matrix(coefficients.rotation).transpose(1, 2)
    length = turned.norm(dim=-1, keepdim=True).clamp(min=1e-9)
    normal = turned / length
    basis = harmonics(normal)
    shading = basis @ coefficients.light.transpose(1, 2)
    return Shading(normal, length, basis, shading, albedo * shading)


def photometric_jacobian(
    posed: PosedPoints, shaded: Shading, surface: SampledSurface, gradient: Tensor, coefficients: FaceCoefficients
) -> Tensor:
    """``(B, S, 3, N)``: derivative of ``photo - colour`` at the samples by all unknowns.

    Args:
        posed: the samples in place.
        shaded: their colours.
        surface: their tables.
        gradient: ``(B, S, 3, 2)`` of the photo by x and y at the samples, per colour.
        coefficients: the current ones.
    """
    rotation = rotation_matrix(coefficients.rotation)[:, None]
    by_position = gradient @ posed.pixel_by_point
    by_light_direction = coefficients.light[:, None] @ harmonics_derivative(shaded.normal)
    by_normal = -surface.albedo[..., None] * by_light_direction
    tangent = by_normal - (by_normal @ shaded.normal[..., None]) @ shaded.normal[..., None, :]
    vertex_frame = torch.cat([by_position @ rotation, (tangent / shaded.length[..., None]) @ rotation], dim=-1)
    by_shape = _small_products(vertex_frame, surface.geometry)
    by_rotation = -(by_position @ skew(posed.turned) + by_normal @ skew(shaded.normal))
    by_translation = by_position * constant(FLIP, posed.turned)
    by_albedo = -shaded.shading[..., None] * surface.albedo_basis
    per_colour = -surface.albedo[..., None] * shaded.basis[:, :, None, :]
    by_light = _by_colour(per_colour)
    return torch.cat([by_shape, by_rotation, by_translation, by_albedo, by_light], dim=-1)


def _small_products(left: Tensor, right: Tensor) -> Tensor:
    """Batched ``(B, S, 3, 6) @ (B, S, 6, K)``."""
    return torch.bmm(left.flatten(0, 1), right.flatten(0, 1)).unflatten(0, left.shape[:2])


def _by_colour(per_colour: Tensor) -> Tensor:
    """``(B, S, 3, 9)`` to ``(B, S, 3, 27)``: each colour has light coefficients of its own."""
    eye = torch.eye(3, dtype=per_colour.dtype, device=per_colour.device)
    return (per_colour[..., None, :] * eye[:, :, None]).flatten(3)
