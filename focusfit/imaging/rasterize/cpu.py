"""The rasterizer as a compiled loop, images over threads."""

from __future__ import annotations

import torch
from torch import Tensor

from ..camera import Camera
from ..fragments import Fragments
from ..kernels.raster import rasterize_image
from ..kernels.threads import for_each_image


def rasterize_cpu(vertices_camera: Tensor, triangles: Tensor, camera: Camera) -> Fragments:
    """See :func:`focusfit.imaging.rasterize`."""
    batch = len(vertices_camera)
    face_index = torch.empty(batch, camera.height, camera.width, dtype=torch.int32)
    depth = torch.empty(batch, camera.height, camera.width, dtype=torch.float64)
    inputs = (vertices_camera, triangles, camera.focal, camera.centre)
    arrays = (t.detach().contiguous().numpy() for t in inputs)
    for_each_image(rasterize_image, batch, *arrays, face_index.numpy(), depth.numpy())
    return Fragments(face_index, depth.to(vertices_camera.dtype))
