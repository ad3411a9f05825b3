"""Perspective camera."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..constants import constant
from ..facemodel.coefficients import FaceCoefficients
from .rotation import rotation_matrix

FOCAL_PER_PIXEL = 1014.72 / 224
"""Focal length over crop size: a 12.5 degree portrait lens."""

DISTANCE = 1000.0
"""Camera distance (mm) that goes with that lens; ``translation`` is added to it."""

FLIP = (1.0, -1.0, -1.0)
"""From the viewer's frame (y up, z towards the viewer) to the camera's."""


@dataclass(frozen=True)
class Camera:
    """Pinhole cameras of a batch; pixel centres at integers, y down.

    Camera frame: x right, y down, z away from the camera.

    Attributes:
        focal: ``(B,)`` pixels.
        centre: ``(B, 2)`` principal point x, y in pixels.
        height: image height in pixels.
        width: image width in pixels.
    """

    focal: Tensor
    centre: Tensor
    height: int
    width: int

    @classmethod
    def for_crop(cls, size: int, batch_size: int = 1, device: torch.device | str = "cpu") -> Camera:
        """The fixed camera of a square face crop."""
        focal = torch.full((batch_size,), FOCAL_PER_PIXEL * size, device=device)
        centre = torch.full((batch_size, 2), (size - 1) / 2, device=device)
        return cls(focal, centre, size, size)

    def place(self, vertices: Tensor, rotation: Tensor, translation: Tensor) -> Tensor:
        """Model-frame ``(B, V, 3)`` to the camera frame ``(B, V, 3)``.

        ``diag(1, -1, -1) R(rotation) v + translation + (0, 0, DISTANCE)``.
        """
        flip = constant(FLIP, vertices)
        turned = vertices @ (flip[:, None] * rotation_matrix(rotation)).transpose(1, 2)
        return turned + _shift(translation)

    def place_turned(self, turned: Tensor, translation: Tensor) -> Tensor:
        """:meth:`place` of vertices that are turned already, ``turned (B, V, 3)`` in the viewer's frame."""
        return turned * constant(FLIP, turned) + _shift(translation)

    def project(self, points: Tensor) -> Tensor:
        """Camera-frame ``(B, N, 3)`` to pixels ``(B, N, 2)``."""
        return self.focal[:, None, None] * points[..., :2] / points[..., 2:] + self.centre[:, None]

    def project_coefficients(self, vertices: Tensor, coefficients: FaceCoefficients) -> Tensor:
        """Model-frame vertices ``(B, V, 3)`` to pixels ``(B, V, 2)`` under a fit's pose."""
        return self.project(self.place(vertices, coefficients.rotation, coefficients.translation))

    def scaled(self, factor: float) -> Camera:
        """The camera of the image resized by ``factor``, its size rounded to whole pixels."""
        # the image's corner, half a pixel before the first pixel centre, stays where it is
        centre = (self.centre + 0.5) * factor - 0.5
        return Camera(self.focal * factor, centre, round(self.height * factor), round(self.width * factor))

    def __getitem__(self, index: slice | Tensor) -> Camera:
        return Camera(self.focal[index], self.centre[index], self.height, self.width)


def _shift(translation: Tensor) -> Tensor:
    """``(B, 1, 3)``."""
    return (translation + constant((0.0, 0.0, DISTANCE), translation))[:, None]
