"""Pose from landmarks in closed form."""

from __future__ import annotations

import torch
from torch import Tensor

from ..constants import constant
from ..imaging.camera import DISTANCE, Camera
from ..imaging.rotation import rotation_vector


def pose_from_points(model_points: Tensor, pixels: Tensor, weights: Tensor, camera: Camera) -> tuple[Tensor, Tensor]:
    """Scaled-orthographic pose (POS, DeMenthon and Davis 1995), the start of every fit.

    Args:
        model_points: ``(L, 3)`` mm, model frame.
        pixels: ``(B, L, 2)`` where they are seen.
        weights: ``(B, L)`` non-negative; at least four points must count.
        camera: of the batch.

    Returns:
        ``rotation (B, 3)`` and ``translation (B, 3)`` as in ``FaceCoefficients``.
    """
    flip = constant((1.0, -1.0), pixels)
    weights = weights / weights.sum(1, keepdim=True)
    centre3 = weights @ model_points
    centre2 = (weights[..., None] * pixels).sum(1)
    x = model_points - centre3[:, None]
    y = (pixels - centre2[:, None]) * flip
    weighted = weights[..., None] * x
    moment = weighted.transpose(1, 2) @ x
    moment = moment + 1e-3 * moment.diagonal(dim1=1, dim2=2).mean(1)[:, None, None] * torch.eye(
        3, dtype=x.dtype, device=x.device
    )
    affine = (_inverse(moment) @ (weighted.transpose(1, 2) @ y)).transpose(1, 2)
    scale = torch.linalg.matrix_norm(affine, dim=(1, 2)) / 2**0.5
    rows = _orthonormal(affine)
    matrix = torch.cat([rows, torch.cross(rows[:, 0], rows[:, 1], dim=1)[:, None]], dim=1)
    distance = camera.focal / scale
    turned = (matrix @ centre3[..., None])[..., 0]
    shift = (centre2 - camera.centre) * (distance / camera.focal)[:, None] - turned[:, :2] * flip
    translation = torch.cat([shift, (distance - DISTANCE + turned[:, 2])[:, None]], dim=1)
    return rotation_vector(matrix), translation


def _inverse(matrices: Tensor) -> Tensor:
    """Of ``(B, 3, 3)``, by cross products of the rows."""
    a, b, c = matrices.unbind(1)
    products = torch.stack([torch.cross(b, c, dim=1), torch.cross(c, a, dim=1), torch.cross(a, b, dim=1)], dim=2)
    return products / (a * products[:, :, 0]).sum(1)[:, None, None]


def _orthonormal(rows: Tensor) -> Tensor:
    """The two orthonormal rows nearest to ``rows (B, 2, 3)``: ``(A A')^(-1/2) A``, with the root in closed form.

    Levinger, "The square root of a 2 x 2 matrix" (1980).
    """
    square = rows @ rows.transpose(1, 2)
    trace = square.diagonal(dim1=1, dim2=2).sum(1)[:, None, None]
    determinant = (square[:, 0, 0] * square[:, 1, 1] - square[:, 0, 1].square())[:, None, None]
    root = determinant.maximum(1e-12 * trace.square()).sqrt()
    spread = (trace + 2 * root).sqrt()
    eye = torch.eye(2, dtype=rows.dtype, device=rows.device)
    return (spread * eye - (square + root * eye) / spread) / root @ rows
