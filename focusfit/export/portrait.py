"""A face model's face alone on paper."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes

from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import MorphableModel
from ..imaging.camera import Camera
from ..imaging.renderer import render

PAPER = (246, 246, 244)
DEEP = (52, 46, 45)
"""What an opening that the face encloses shows: the inside of a mouth."""

SUPERSAMPLING = 2
STEP_BACK = 130.0
"""mm further from the camera than in a crop, so that large heads fit their tiles."""


def portrait(model: MorphableModel, face: FaceCoefficients, side: int, grey: float | None = None) -> NDArray[np.uint8]:
    """Draw one face in the middle of a square, larger and averaged down so that edges are smooth.

    Args:
        model: of the face.
        face: batch of one; its translation is left aside.
        side: of the picture in pixels.
        grey: sRGB level in [0, 1] that takes the place of its colours.

    Returns:
        ``(side, side, 3)`` sRGB.
    """
    middle = (model.shape_mean.amax(0) + model.shape_mean.amin(0)) / 2
    translation = middle * middle.new_tensor([-1.0, 1.0, 0.0]) + middle.new_tensor([0.0, 0.0, STEP_BACK])
    face = face.to(model.device).replace(translation=translation[None])
    albedo = model.albedo(face.albedo)
    if grey is not None:
        albedo = torch.full_like(albedo, grey)
    with torch.no_grad():
        drawn = render(
            model.vertices(face.identity, face.expression),
            albedo,
            model.triangles,
            face.rotation,
            face.translation,
            face.light,
            Camera.for_crop(SUPERSAMPLING * side, device=model.device),
        )
    region = drawn.region[0, 0].cpu().numpy()
    openings = torch.as_tensor(binary_fill_holes(region) & ~region, device=model.device)
    paper, deep = (drawn.image.new_tensor(colour)[:, None, None] / 255 for colour in (PAPER, DEEP))
    small = torch.nn.functional.avg_pool2d(drawn.over(deep.where(openings, paper)[None]).clamp(0, 1), SUPERSAMPLING)
    return (small[0].permute(1, 2, 0) * 255).round().to(torch.uint8).cpu().numpy()
