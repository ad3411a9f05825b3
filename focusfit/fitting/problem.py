"""A batch of faces to be explained."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from ..imaging.camera import Camera
from ..networks.surface_encoder import EncodedFace


@dataclass(frozen=True, eq=False)
class LandmarkTargets:
    """Where surface points were seen.

    Attributes:
        mean: ``(L, 3)`` mm, where they lie on the mean shape.
        basis: ``(L, 3, K)`` how identity and expression move them.
        pixels: ``(B, L, 2)`` crop pixels.
        sigma: ``(B, L)`` standard deviation in mm on the face.
        weight: ``(B, L)`` confidence in [0, 1].
        hidden_trust: ``(L,)`` what is left of a point's weight under an occluder; None for the configuration's.
    """

    mean: Tensor
    basis: Tensor
    pixels: Tensor
    sigma: Tensor
    weight: Tensor
    hidden_trust: Tensor | None = None


@dataclass(frozen=True, eq=False)
class FitProblem:
    """Crops of a batch and what was detected in them.

    Attributes:
        photo: ``(B, 3, S, S)`` RGB in [0, 1].
        inside: ``(B, 1, S, S)`` 1 where the crop shows the photo, 0 beyond its border.
        camera: of the crops.
        landmarks: what was detected.
        encoded: what an encoder sees, in crop pixels; None without one.
        likely_identity: ``(B, Ki)`` mean of the identity's prior; None for the mean face.
    """

    photo: Tensor
    inside: Tensor
    camera: Camera
    landmarks: LandmarkTargets
    encoded: EncodedFace | None = None
    likely_identity: Tensor | None = None
