"""Synthetic photos come with their truth: direct errors of coefficients, vertices and landmarks.

Every term is 0 for photos whose truth is not known; ``known`` flags are ``(B,)``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from .landmarks import REFERENCE_SIZE


def true_identity(
    coefficients: FaceCoefficients, true_coefficients: FaceCoefficients, coefficients_known: Tensor
) -> Tensor:
    """``(B,)`` mean square error of the identity coefficients, in squared standard deviations."""
    return _mean_square(coefficients.identity, true_coefficients.identity, coefficients_known)


def true_expression(
    coefficients: FaceCoefficients, true_coefficients: FaceCoefficients, coefficients_known: Tensor
) -> Tensor:
    """``(B,)`` mean square error of the expression coefficients, in squared standard deviations."""
    return _mean_square(coefficients.expression, true_coefficients.expression, coefficients_known)


def true_albedo(
    coefficients: FaceCoefficients, true_coefficients: FaceCoefficients, coefficients_known: Tensor
) -> Tensor:
    """``(B,)`` mean square error of the albedo coefficients, in squared standard deviations."""
    return _mean_square(coefficients.albedo, true_coefficients.albedo, coefficients_known)


def true_neutral(neutral_vertices: Tensor, true_neutral_vertices: Tensor, shape_known: Tensor) -> Tensor:
    """``(B,)`` mm, mean distance of neutral vertices ``(B, V, 3)``, model frame, after their means are aligned."""
    estimated = neutral_vertices - neutral_vertices.mean(1, keepdim=True)
    true = true_neutral_vertices - true_neutral_vertices.mean(1, keepdim=True)
    return _mean_distance(estimated, true, shape_known)


def true_vertices_mm(posed_vertices: Tensor, true_posed_vertices: Tensor, vertices_known: Tensor) -> Tensor:
    """``(B,)`` mm, mean distance of posed vertices ``(B, V, 3)`` in the camera frame."""
    return _mean_distance(posed_vertices, true_posed_vertices, vertices_known)


def true_vertices_px(
    projected_vertices: Tensor, true_projected_vertices: Tensor, vertices_known: Tensor, image_size: int
) -> Tensor:
    """``(B,)`` pixels of a 224 pixel crop, mean distance of projected vertices ``(B, V, 2)``."""
    error = _mean_distance(projected_vertices, true_projected_vertices, vertices_known)
    return error * (REFERENCE_SIZE / image_size)


def true_landmarks_mm(posed_landmarks: Tensor, true_posed_landmarks: Tensor, vertices_known: Tensor) -> Tensor:
    """``(B,)`` mm, mean distance of landmarks ``(B, 68, 3)`` in the camera frame, hidden ones included."""
    return _mean_distance(posed_landmarks, true_posed_landmarks, vertices_known)


def true_landmarks_px(
    projected_landmarks: Tensor, true_landmarks: Tensor, landmarks_known: Tensor, image_size: int
) -> Tensor:
    """``(B,)`` pixels of a 224 pixel crop, mean distance of landmarks ``(B, 68, 2)``, hidden ones included."""
    error = _mean_distance(projected_landmarks, true_landmarks, landmarks_known)
    return error * (REFERENCE_SIZE / image_size)


def _mean_square(estimated: Tensor, true: Tensor, known: Tensor) -> Tensor:
    return torch.where(known.bool(), (estimated - true).square().mean(1), 0.0)


def _mean_distance(estimated: Tensor, true: Tensor, known: Tensor) -> Tensor:
    return torch.where(known.bool(), torch.linalg.vector_norm(estimated - true, dim=-1).mean(1), 0.0)
