"""What an encoder's coefficients say about a photo: a rendering, a region, landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...facemodel.coefficients import FaceCoefficients
from ...facemodel.morphable import MorphableModel
from ...imaging.camera import Camera
from ...imaging.renderer import render
from ...imaging.rendering import Rendering


@dataclass(frozen=True, eq=False)
class Explanation:
    """A batch of fitted faces in the networks' view.

    Attributes:
        coefficients: of the faces.
        vertices: ``(B, V, 3)`` mm, model frame, with expression.
        rendering: of the faces, black outside them; not clamped.
        landmarks: ``(B, 68, 2)`` pixels of the model's iBUG points.
        camera: of the view.
    """

    coefficients: FaceCoefficients
    vertices: Tensor
    rendering: Rendering
    landmarks: Tensor
    camera: Camera

    @property
    def region(self) -> Tensor:
        """``(B, 1, S, S)`` float, 1 where the model projects; carries no gradient."""
        return self.rendering.region.float()


def explain(model: MorphableModel, coefficients: FaceCoefficients, size: int) -> Explanation:
    """Render faces and project their landmarks with the crop's camera; differentiable in all coefficients."""
    camera = Camera.for_crop(size, coefficients.batch_size, coefficients.identity.device)
    vertices = model.vertices(coefficients.identity, coefficients.expression)
    rendering = render(
        vertices,
        model.albedo(coefficients.albedo),
        model.triangles,
        coefficients.rotation,
        coefficients.translation,
        coefficients.light,
        camera,
    )
    points = model.landmarks["ibug68"].of(vertices)
    landmarks = camera.project_coefficients(points, coefficients)
    return Explanation(coefficients, vertices, rendering, landmarks, camera)


@torch.no_grad()
def shown(explanation: Explanation) -> Tensor:
    """``(B, 3, S, S)`` the rendering as stored pictures have it: in [0, 1], black outside the face."""
    return (explanation.rendering.image * explanation.region).clamp(0, 1)
