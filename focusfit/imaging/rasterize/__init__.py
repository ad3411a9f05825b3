"""Which triangle each pixel shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from torch import Tensor

from ..backends import choose_backend
from ..camera import Camera
from ..fragments import Fragments
from .cpu import rasterize_cpu
from .reference import rasterize_reference
from .triton import rasterize_triton

RASTERIZERS: Mapping[str, Callable[[Tensor, Tensor, Camera], Fragments]] = MappingProxyType(
    {"cpu": rasterize_cpu, "reference": rasterize_reference, "triton": rasterize_triton}
)
"""By backend name: ``cpu`` is compiled, ``reference`` is plain torch on any device, ``triton`` is for CUDA devices."""


def rasterize(vertices_camera: Tensor, triangles: Tensor, camera: Camera, backend: str = "auto") -> Fragments:
    """Find the nearest front-facing triangle at every pixel centre.

    Triangles seen from behind, with a corner behind the camera, or without area are not drawn; a pixel centre on a
    shared edge goes to the nearer triangle, then to the first. The decision is made in double precision and carries no
    gradient.

    Args:
        vertices_camera: ``(B, V, 3)`` mm in the camera frame (x right, y down, z away).
        triangles: ``(F, 3)`` int64, counter-clockwise seen from outside.
        camera: of the batch.
        backend: a name in :data:`RASTERIZERS`, or ``auto`` for the fastest that runs on the tensor's device.

    Raises:
        BackendError: no such backend, or it cannot run on that device.
    """
    return choose_backend(RASTERIZERS, backend, vertices_camera.device)(vertices_camera, triangles, camera)
