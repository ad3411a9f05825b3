"""Validation figures: one number a photo, nan where a photo has no truth for it."""

from __future__ import annotations

import torch
from torch import Tensor

INNER = slice(17, 68)
"""The 51 landmarks that are not on the contour, whose definitions agree best between detectors and models."""


def landmark_error(predicted: Tensor, given: Tensor) -> Tensor:
    """``(B,)`` mean distance of 51 inner points ``(B, 68, 2)``, % of the square root of the given points' box."""
    extent = given.amax(1) - given.amin(1)
    distance = (predicted - given)[:, INNER].norm(dim=-1).mean(1)
    return 100 * distance / extent.prod(1).clamp(min=1).sqrt()


def photometric_error(photo: Tensor, rendering: Tensor, weight: Tensor) -> Tensor:
    """``(B,)`` mean absolute difference of colours ``(B, 3, S, S)`` in levels of 255, under ``weight (B, 1, S, S)``.

    nan where the weight is zero everywhere.
    """
    difference = (photo - rendering).abs().mean(1, keepdim=True)
    return 255 * _ratio((difference * weight).flatten(1).sum(1), weight.flatten(1).sum(1))


def mask_figures(
    predicted: Tensor, region: Tensor, visible: Tensor, known: Tensor, inside: Tensor
) -> dict[str, Tensor]:
    """How well a mask tells the visible face from what covers it; decisions at one half.

    ``mask_accuracy``: share of the region that is called right. ``occluder_iou``: intersection over union of what is
    called and what is occluded in the region; nan on photos without an occluder there (less than 1 % of the region).
    Both take the region as it is: one that has slipped off the face is full of what is easily told from a face.
    ``face_iou``: intersection over union of what is called and what is visible face anywhere in the photo.

    Args:
        predicted: ``(B, 1, S, S)`` probability of visible face.
        region: ``(B, 1, S, S)`` bool, where the fitted face projects and the photo has pixels.
        visible: ``(B, 1, S, S)`` true visible face in [0, 1].
        known: ``(B,)`` bool, rows whose truth is known.
        inside: ``(B, 1, S, S)`` 1 where the photo has pixels.
    """
    within = region.bool().flatten(1)
    called, true = predicted.flatten(1) > 0.5, visible.flatten(1) > 0.5
    area = within.sum(1).float()
    right = ((called == true) & within).sum(1).float()
    both = (~called & ~true & within).sum(1).float()
    either = ((~called | ~true) & within).sum(1).float()
    occluded = (~true & within).sum(1).float() > 0.01 * area
    face, seen = called & within, true & inside.bool().flatten(1)
    return {
        "mask_accuracy": _ratio(right, area).where(known, torch.nan),
        "occluder_iou": _ratio(both, either).where(known & occluded, torch.nan),
        "face_iou": _ratio((face & seen).sum(1).float(), (face | seen).sum(1).float()).where(known, torch.nan),
    }


def shape_error(predicted: Tensor, true: Tensor, known: Tensor) -> Tensor:
    """``(B,)`` mean distance in mm of corresponding vertices ``(B, V, 3)`` after the best similarity; nan if unknown.

    S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns" (1991), batched.
    """
    centre_p, centre_t = predicted.mean(1, keepdim=True), true.mean(1, keepdim=True)
    p, t = (predicted - centre_p).double(), (true - centre_t).double()
    left, stretch, right = torch.linalg.svd(t.transpose(1, 2) @ p)
    signs = torch.ones_like(stretch)
    signs[:, 2] = torch.linalg.det(left @ right).sign()
    rotation = (left * signs[:, None]) @ right
    scale = (stretch * signs).sum(1) / p.square().sum((1, 2)).clamp(min=1e-12)
    distance = (scale[:, None, None] * p @ rotation.transpose(1, 2) - t).norm(dim=-1).mean(1)
    return distance.float().where(known, torch.nan)


def _ratio(part: Tensor, whole: Tensor) -> Tensor:
    return (part / whole).where(whole > 0, torch.nan)
