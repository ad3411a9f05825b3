"""Light as second-order spherical harmonics, evaluated as polynomials of the normal.

Ramamoorthi and Hanrahan, "An efficient representation for irradiance environment maps" (2001). Written as polynomials
of the unit normal (no angles) so that gradients are finite in every direction.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..constants import constant, index_constant

Y0 = 0.28209479177387814  # 1/2 sqrt(1/pi)
Y1 = 0.48860251190291992  # 1/2 sqrt(3/pi)
Y2 = 1.0925484305920792  # 1/2 sqrt(15/pi)
Y3 = 0.31539156525252005  # 1/4 sqrt(5/pi)
Y4 = 0.54627421529603959  # 1/4 sqrt(15/pi)


ORDERS = (0.0, -1.0, 0.0, 1.0, -2.0, -1.0, 0.0, 1.0, 2.0)
"""m of each coefficient."""

OPPOSITE = (0, 3, 2, 1, 8, 7, 6, 5, 4)
"""Which coefficient of the same degree has -m."""


def harmonics(normals: Tensor) -> Tensor:
    """The nine orthonormal real spherical harmonics up to second order.

    Args:
        normals: ``(..., 3)`` unit vectors in the viewer's frame (x right, y up, z towards the viewer).

    Returns:
        ``(..., 9)``, ordered by degree l = 0..2 and within it m = -l..l, with the Condon-Shortley sign.
    """
    x, y, z = normals.unbind(-1)
    return torch.stack(
        [
            torch.full_like(x, Y0),
            -Y1 * y,
            Y1 * z,
            -Y1 * x,
            Y2 * x * y,
            -Y2 * y * z,
            Y3 * (3 * z * z - 1),
            -Y2 * x * z,
            Y4 * (x * x - y * y),
        ],
        dim=-1,
    )


def shading(normals: Tensor, light: Tensor) -> Tensor:
    """How much light each colour channel of a white surface returns; a pixel is albedo times this.

    Args:
        normals: ``(B, N, 3)`` unit vectors in the viewer's frame.
        light: ``(B, 3, 9)``, one row per colour channel.

    Returns:
        ``(B, N, 3)``, not clamped.
    """
    return harmonics(normals) @ light.transpose(1, 2)


def turned(light: Tensor, angle: Tensor) -> Tensor:
    """The same light after everything has been turned about the viewing axis.

    Args:
        light: ``(B, 3, 9)``.
        angle: ``(B,)`` radians, anticlockwise as the viewer sees it: from x to y.

    Returns:
        ``(B, 3, 9)``.
    """
    swing = constant(ORDERS, light) * angle[:, None, None]
    return swing.cos() * light - swing.sin() * light[..., index_constant(OPPOSITE, light.device)]


def harmonics_derivative(normals: Tensor) -> Tensor:
    """Derivative of :func:`harmonics`' polynomials by the normal: ``(..., 3)`` to ``(..., 9, 3)``.

    Off the sphere the polynomials are one of many extensions; project onto the tangent plane where a normal can only
    turn.
    """
    x, y, z = normals.unbind(-1)
    zero = torch.zeros_like(x)
    one = torch.ones_like(x)
    rows = [
        [zero, zero, zero],
        [zero, -Y1 * one, zero],
        [zero, zero, Y1 * one],
        [-Y1 * one, zero, zero],
        [Y2 * y, Y2 * x, zero],
        [zero, -Y2 * z, -Y2 * y],
        [zero, zero, 6 * Y3 * z],
        [-Y2 * z, zero, -Y2 * x],
        [2 * Y4 * x, -2 * Y4 * y, zero],
    ]
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)
