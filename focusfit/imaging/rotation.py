"""Rotations as axis-angle vectors: their direction is the axis, their length the angle in radians."""

from __future__ import annotations

import math

import torch
from torch import Tensor

TINY = 1e-30


def rotation_matrix(rotation: Tensor) -> Tensor:
    """Axis-angle ``(B, 3)`` to matrices ``(B, 3, 3)``; smooth at zero (Rodrigues' formula)."""
    turns = rotation.norm(dim=-1)[:, None, None] / math.pi
    k = skew(rotation)
    straight = 0.5 * torch.sinc(0.5 * turns).square()  # (1 - cos t) / t^2 without the cancellation
    return torch.eye(3, dtype=k.dtype, device=k.device) + torch.sinc(turns) * k + straight * (k @ k)


def skew(v: Tensor) -> Tensor:
    """``(..., 3)`` to the matrices ``(..., 3, 3)`` of the cross product ``v x``."""
    x, y, z = v.unbind(-1)
    o = torch.zeros_like(x)
    return torch.stack([o, -z, y, z, o, -x, -y, x, o], dim=-1).unflatten(-1, (3, 3))


def rotation_vector(matrix: Tensor) -> Tensor:
    """Rotation matrices ``(B, 3, 3)`` to axis-angle ``(B, 3)``, angle in [0, pi].

    By the quaternion ``q`` of the rotation: the matrix tells ``4 q q'``, of which the row with the largest diagonal
    element is the most precise (Shepperd, "Quaternion from rotation matrix", 1978).
    """
    m = matrix.double()
    trace = m.diagonal(dim1=1, dim2=2).sum(1)[:, None, None]
    vector = torch.stack([m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]], dim=1)
    block = m + m.mT + (1 - trace) * torch.eye(3, dtype=m.dtype, device=m.device)
    first = torch.cat([1 + trace, vector[:, None]], dim=2)
    squares = torch.cat([first, torch.cat([vector[..., None], block], dim=2)], dim=1)
    best = squares.diagonal(dim1=1, dim2=2).argmax(1)[:, None, None].expand(-1, 1, 4)
    return _from_quaternion(squares.gather(1, best)[:, 0]).to(matrix.dtype)


def turned(rotation: Tensor, by: Tensor) -> Tensor:
    """``rotation (B, 3)`` and then ``by (B, 3)``, angle in [0, pi]: the product of their quaternions."""
    (v, w), (u, s) = _quaternion(by), _quaternion(rotation)
    scalar = w * s - (v * u).sum(-1, keepdim=True)
    return _from_quaternion(torch.cat([scalar, w * u + s * v + torch.linalg.cross(v, u)], dim=1))


def _quaternion(rotation: Tensor) -> tuple[Tensor, Tensor]:
    """Vector ``(B, 3)`` and scalar ``(B, 1)``."""
    half = 0.5 * rotation.norm(dim=-1, keepdim=True)
    return 0.5 * torch.sinc(half / math.pi) * rotation, half.cos()


def _from_quaternion(quaternion: Tensor) -> Tensor:
    """Scalar and vector ``(B, 4)``, of any length, to axis-angle ``(B, 3)``."""
    scalar, vector = quaternion.split([1, 3], dim=1)
    length = vector.norm(dim=1, keepdim=True)
    angle = torch.copysign(2 * torch.atan2(length, scalar.abs()), scalar)
    return angle / length.clamp(min=TINY) * vector
