"""Closed-form pose."""

from __future__ import annotations

import torch

from focusfit.fitting.pose import pose_from_points
from focusfit.imaging.camera import Camera
from focusfit.imaging.rotation import rotation_matrix


def test_recovers_a_pose() -> None:
    torch.manual_seed(0)
    points = 40 * torch.randn(30, 3)
    camera = Camera.for_crop(224, 3)
    rotation, translation = 0.5 * torch.randn(3, 3), torch.tensor([[10.0, -20.0, 100.0]]).repeat(3, 1)
    pixels = camera.project(camera.place(points.expand(3, -1, -1), rotation, translation))
    found, shift = pose_from_points(points, pixels, torch.ones(3, 30), camera)
    difference = rotation_matrix(found).transpose(1, 2) @ rotation_matrix(rotation)
    angle = torch.arccos(((difference.diagonal(dim1=1, dim2=2).sum(1) - 1) / 2).clamp(-1, 1))
    assert angle.max() < 0.06  # perspective is what the closed form leaves out
    assert (shift - translation)[:, :2].abs().max() < 3
    assert (shift - translation)[:, 2].abs().max() < 40


def test_ignores_points_without_weight() -> None:
    torch.manual_seed(1)
    points = 40 * torch.randn(12, 3)
    camera = Camera.for_crop(224)
    pixels = camera.project(camera.place(points[None], torch.zeros(1, 3), torch.zeros(1, 3)))
    weights = torch.ones(1, 12)
    weights[:, 0] = 0
    clean = pose_from_points(points, pixels, weights, camera)
    pixels[:, 0] += 500
    for a, b in zip(clean, pose_from_points(points, pixels, weights, camera), strict=True):
        assert torch.allclose(a, b, atol=1e-4)
