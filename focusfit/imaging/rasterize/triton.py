"""The rasterizer as a Triton kernel."""

from __future__ import annotations

import torch
from torch import Tensor

from ..camera import Camera
from ..fragments import Fragments


@torch.no_grad()
def rasterize_triton(vertices_camera: Tensor, triangles: Tensor, camera: Camera) -> Fragments:
    """See :func:`focusfit.imaging.rasterize`."""
    from ..triton_kernels.raster import LANES, rasterize_kernel

    batch, count = vertices_camera.shape[:2]
    shape = (batch, camera.height, camera.width)
    depth = torch.full(shape, torch.inf, dtype=torch.float64, device=vertices_camera.device)
    face_index = torch.full(shape, len(triangles), dtype=torch.int32, device=vertices_camera.device)
    inputs = [t.detach().contiguous() for t in (vertices_camera, triangles, camera.focal, camera.centre)]
    grid = (-(-len(triangles) // LANES), batch)
    for pick in (False, True):  # the least depth first, then who has it
        rasterize_kernel[grid](
            *inputs, depth.view(torch.int64), face_index, count, len(triangles), camera.height, camera.width,
            PICK=pick, LANES=LANES, enable_fp_fusion=False,  # an edge has the same bits in both its triangles
        )  # fmt: skip
    face_index.masked_fill_(face_index == len(triangles), -1)
    return Fragments(face_index, depth.to(vertices_camera.dtype))
