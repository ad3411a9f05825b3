"""Where an average face stands in the crops that faces are cut to."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..facemodel.morphable import MorphableModel
from ..imaging.camera import DISTANCE, Camera

INNER_POINTS = slice(17, 68)
"""iBUG landmarks without the jaw, on which models and detectors agree best."""

INNER_SPREAD = 0.1783
"""Root mean square distance of the inner points from their mean, seen from the front, as a share of the crop.
Measured, like the next: the open model's mean face, cut as the detector's crops are."""

INNER_CENTRE = 0.0739
"""How far below the crop's middle that mean lies, as a share of the crop."""

PIVOT_MM = (0.0, -15.0, -40.0)
"""What lies at the middle of the crop, from the point between the eyes (model axes)."""

_EYES = slice(36, 48)


@dataclass(frozen=True)
class CropPose:
    """A point of the head and where it is seen.

    Attributes:
        pivot: ``(3,)`` mm in the model frame, inside the head: about it a head turns in place.
        place: ``(3,)`` mm in the camera frame, less the camera's distance: where the pivot is.
    """

    pivot: tuple[float, float, float]
    place: tuple[float, float, float]


def crop_pose(model: MorphableModel) -> CropPose:
    """The frontal pose that puts a model's mean face where the detector's crops put an average face.

    The inner landmarks' spread in the picture sets the distance, their mean the position; a few rounds, since
    perspective couples them.
    """
    points = model.landmarks["ibug68"].of(model.shape_mean)
    pivot = points[_EYES].mean(0) + points.new_tensor(PIVOT_MM)
    camera = Camera.for_crop(1, device=points.device)
    place = torch.zeros(1, 3, device=points.device)
    for _ in range(10):
        seen = _seen(camera, points[INNER_POINTS] - pivot, place)
        spread = (seen - seen.mean(0)).square().sum(1).mean().sqrt()
        depth = place[0, 2] + DISTANCE
        shift = (points.new_tensor([0.0, INNER_CENTRE]) - seen.mean(0)) * depth / camera.focal
        place = torch.cat([place[0, :2] + shift, (depth * spread / INNER_SPREAD - DISTANCE)[None]])[None]
    return CropPose(_three(pivot), _three(place[0]))


def _seen(camera: Camera, points: Tensor, place: Tensor) -> Tensor:
    """Points ``(N, 3)`` about the pivot as ``(N, 2)`` shares of the crop, from its middle."""
    return camera.project(camera.place(points[None], torch.zeros_like(place), place))[0]


def _three(values: Tensor) -> tuple[float, float, float]:
    x, y, z = (round(value, 4) for value in values.tolist())
    return x, y, z
