"""What goes into a renderer and what comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from .camera import Camera


@dataclass(frozen=True, eq=False)
class Scene:
    """The arguments of :func:`focusfit.imaging.render`, checked.

    Raises:
        ValueError: the shapes do not go together.
    """

    vertices: Tensor
    albedo: Tensor
    triangles: Tensor
    rotation: Tensor
    translation: Tensor
    light: Tensor
    camera: Camera

    def __post_init__(self) -> None:
        batch, count = self.vertices.shape[:2]
        expected = {
            "vertices": (batch, count, 3),
            "albedo": (batch, count, 3),
            "triangles": (len(self.triangles), 3),
            "rotation": (batch, 3),
            "translation": (batch, 3),
            "light": (batch, 3, 9),
        }
        shapes = {name: (tuple(getattr(self, name).shape), shape) for name, shape in expected.items()}
        shapes["camera.focal"] = (tuple(self.camera.focal.shape), (batch,))
        shapes["camera.centre"] = (tuple(self.camera.centre.shape), (batch, 2))
        for name, (shape, wanted) in shapes.items():
            if shape != wanted:
                raise ValueError(f"{name} is {shape}, expected {wanted} to go with {batch} faces of {count} vertices")


@dataclass(frozen=True, eq=False)
class Rendering:
    """A drawn batch; everything is zero outside ``region``.

    Attributes:
        image: ``(B, 3, H, W)`` RGB, not clamped; differentiable.
        region: ``(B, 1, H, W)`` bool, where the model projects.
        depth: ``(B, 1, H, W)`` mm along the camera's axis; differentiable.
        normals: ``(B, 3, H, W)`` unit, viewer's frame (x right, y up, z towards the viewer); differentiable.
        face_index: ``(B, H, W)`` int32 row of ``triangles``, -1 outside ``region``.
        vertices_camera: ``(B, V, 3)`` mm in the camera frame; carries no gradient.
        see_vertices: returns :attr:`vertex_visible`, which few ask for.
    """

    image: Tensor
    region: Tensor
    depth: Tensor
    normals: Tensor
    face_index: Tensor
    vertices_camera: Tensor
    see_vertices: Callable[[], Tensor]

    @cached_property
    def vertex_visible(self) -> Tensor:
        """``(B, V)`` bool, see :func:`focusfit.imaging.vertex_visibility`."""
        return self.see_vertices()

    def over(self, photo: Tensor) -> Tensor:
        """The rendering composited over ``photo (B, 3, H, W)``."""
        return self.image.where(self.region, photo)
