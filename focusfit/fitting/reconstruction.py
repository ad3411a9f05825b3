"""The result of fitting one face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..detection.crop import CropTransform
from ..detection.face import DetectedFace
from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import MorphableModel
from ..imaging.camera import Camera


@dataclass(frozen=True, eq=False)
class Reconstruction:
    """One face of one photo, explained by the model.

    Crop-sized arrays are ``size x size``, aligned with ``crop``.

    Attributes:
        model: the face model that the coefficients belong to.
        coefficients: batch of one, on the CPU.
        deviation: standard deviation of each coefficient (Laplace at the optimum), same shapes.
        camera: of the crop; batch of one.
        crop: photo to crop.
        detection: what the detector had said.
        mask_probability: ``(size, size)`` float32, probability that a pixel shows the modelled face; 0 outside
            ``region``.
        region: ``(size, size)`` bool, where the model projects.
        rendered: ``(size, size, 3)`` float32 RGB in [0, 1], black outside ``region``.
        vertices: ``(V, 3)`` mm, model frame, with expression.
        neutral: ``(V, 3)`` mm, model frame, identity only.
        albedo: ``(V, 3)`` sRGB in [0, 1].
        landmarks68: ``(68, 2)`` photo pixels of the *fitted* model.
        confidence: in [0, 1], how far the fit is to be trusted.
        occluded_fraction: share of ``region`` that shows something else, expected under ``mask_probability``.
        look_deviation: how far the surface encoder thinks that its inner points are off, in % of the landmarks' box
            (:attr:`.look.FaceLook.deviation`); None where none has looked.
        provenance: versions, model hash, configuration, seed.
    """

    model: MorphableModel
    coefficients: FaceCoefficients
    deviation: FaceCoefficients
    camera: Camera
    crop: CropTransform
    detection: DetectedFace
    mask_probability: NDArray[np.float32]
    region: NDArray[np.bool_]
    rendered: NDArray[np.float32]
    vertices: NDArray[np.float32]
    neutral: NDArray[np.float32]
    albedo: NDArray[np.float32]
    landmarks68: NDArray[np.float64]
    confidence: float
    occluded_fraction: float
    look_deviation: float | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def occluded(self) -> bool:
        """Whether something covers the face: more than 5 % of its region."""
        return self.occluded_fraction > 0.05
