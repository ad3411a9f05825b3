"""A face model's vertices as a picture, differentiably."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import MorphableModel
from .backends import choose_backend
from .camera import Camera
from .render_cpu import render_cpu
from .render_reference import render_reference
from .render_triton import render_triton
from .rendering import Rendering, Scene

RENDERERS: Mapping[str, Callable[[Scene], Rendering]] = MappingProxyType(
    {"cpu": render_cpu, "reference": render_reference, "triton": render_triton}
)
"""By backend name: ``cpu`` is compiled, forward and backward; ``reference`` is plain torch on any device;
``triton`` draws pixels in fused kernels on CUDA devices."""


def render(
    vertices: Tensor,
    albedo: Tensor,
    triangles: Tensor,
    rotation: Tensor,
    translation: Tensor,
    light: Tensor,
    camera: Camera,
    backend: str = "auto",
) -> Rendering:
    """Draw posed, lit faces.

    A pixel shows ``albedo * shading(normal)``: both are interpolated perspective-correctly from the triangle's corners,
    the normal is brought back to unit length, and the shading is evaluated at the pixel. ``image``, ``depth`` and
    ``normals`` are differentiable in every tensor argument and in the camera's; which triangle a pixel shows is not.

    Args:
        vertices: ``(B, V, 3)`` mm, model frame.
        albedo: ``(B, V, 3)`` sRGB.
        triangles: ``(F, 3)`` int64, counter-clockwise seen from outside.
        rotation: ``(B, 3)`` axis-angle, as in :class:`FaceCoefficients`.
        translation: ``(B, 3)`` mm, as in :class:`FaceCoefficients`.
        light: ``(B, 3, 9)`` spherical-harmonics coefficients, as in :func:`shading`.
        camera: of the batch.
        backend: a name in :data:`RENDERERS`, or ``auto`` for the fastest that runs on the tensors' device.

    Raises:
        BackendError: no such backend, or it cannot run on that device.
    """
    scene = Scene(vertices, albedo, triangles, rotation, translation, light, camera)
    return choose_backend(RENDERERS, backend, vertices.device)(scene)


def render_coefficients(
    model: MorphableModel, coefficients: FaceCoefficients, camera: Camera, backend: str = "auto"
) -> Rendering:
    """Draw the faces that ``coefficients`` of ``model`` describe; see :func:`render`."""
    return render(
        model.vertices(coefficients.identity, coefficients.expression),
        model.albedo(coefficients.albedo),
        model.triangles,
        coefficients.rotation,
        coefficients.translation,
        coefficients.light,
        camera,
        backend,
    )
