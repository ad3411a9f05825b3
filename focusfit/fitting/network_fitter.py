"""Reconstruction by trained networks: one look at a photo, no optimisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..detection.crop import CropTransform, crop_for_landmarks
from ..detection.face import DetectedFace
from ..detection.photo import Photo
from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import MorphableModel
from ..imaging.camera import Camera
from ..imaging.renderer import render_coefficients
from ..imaging.rendering import Rendering
from ..networks.encoder import FaceEncoder
from ..networks.segmenter import FaceSegmenter
from ..objectives.likelihood import RobustLikelihood, explained
from .reconstruction import Reconstruction

CERTAIN_SHARE = 0.8
"""Share of its region from which on an explained face takes nothing from a fit's confidence."""


class NetworkFitter:
    """Fits faces as :class:`focusfit.Fitter` does, by an encoder and a segmenter instead of expectation maximisation.

    Networks say nothing about their own uncertainty: deviations are those of the priors.

    Args:
        model: the face model that the encoder was trained for.
        encoder: names the coefficients.
        segmenter: says where the face is visible; without one, pixels count that the rendering explains.
        device: where to.
        provenance: what to store with every result.
    """

    def __init__(
        self,
        model: MorphableModel,
        encoder: FaceEncoder,
        segmenter: FaceSegmenter | None = None,
        device: str = "cpu",
        provenance: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model.to(device)
        self.encoder = encoder.to(device).eval()
        self.segmenter = None if segmenter is None else segmenter.to(device).eval()
        self.device = device
        self.provenance = dict(provenance or {})

    @torch.no_grad()
    def fit_faces(self, photos: Sequence[Photo], faces: Sequence[DetectedFace]) -> list[Reconstruction]:
        """Faces already detected, ``faces[i]`` in ``photos[i]``, as one batch."""
        size = self.encoder.config.size
        anchors = [face.landmarks.get("ibug68") or face.landmarks["five"] for face in faces]
        crops = [crop_for_landmarks(anchor.points, size) for anchor in anchors]
        warped = np.stack([crop.warp(photo.rgb) for crop, photo in zip(crops, photos, strict=True)])
        inside = np.stack([crop.inside(photo.size) for crop, photo in zip(crops, photos, strict=True)])
        seen = torch.from_numpy(warped).permute(0, 3, 1, 2).contiguous().to(self.device)
        coefficients = self.encoder(seen)
        camera = Camera.for_crop(size, len(crops), self.device)
        rendering = render_coefficients(self.model, coefficients, camera)
        region = rendering.region & torch.from_numpy(inside)[:, None].to(self.device)
        probability = self._visible(seen, rendering, region.float())
        pictures = (rendering.image * region).clamp(0, 1)
        results = []
        for k, (crop, face) in enumerate(zip(crops, faces, strict=True)):
            maps = pictures[k], region[k, 0], probability[k, 0]
            results.append(self._reconstruction(coefficients[k], camera[k : k + 1], *maps, crop, face))
        return results

    def _visible(self, photo: Tensor, rendering: Rendering, region: Tensor) -> Tensor:
        shown = (rendering.image * rendering.region).clamp(0, 1)
        if self.segmenter is None:
            return explained(photo, shown, region, RobustLikelihood())
        return torch.sigmoid(self.segmenter(shown, photo, rendering.region)) * region

    def _reconstruction(
        self,
        c: FaceCoefficients,
        camera: Camera,
        picture: Tensor,
        region: Tensor,
        probability: Tensor,
        crop: CropTransform,
        face: DetectedFace,
    ) -> Reconstruction:
        shape = self.model.vertices(c.identity, c.expression)
        points = camera.project_coefficients(self.model.landmarks["ibug68"].of(shape), c)[0]
        share = float(probability.sum() / region.sum().clamp(min=1))
        return Reconstruction(
            model=self.model,
            coefficients=c.to("cpu"),
            deviation=c.map(torch.ones_like).to("cpu"),
            camera=camera,
            crop=crop,
            detection=face,
            mask_probability=probability.cpu().numpy(),
            region=region.cpu().numpy(),
            rendered=picture.permute(1, 2, 0).contiguous().cpu().numpy(),
            vertices=shape[0].cpu().numpy(),
            neutral=self.model.vertices(c.identity)[0].cpu().numpy(),
            albedo=self.model.albedo(c.albedo)[0].clamp(0, 1).cpu().numpy(),
            landmarks68=crop.to_photo(points.double().cpu().numpy()),
            confidence=min(1.0, max(0.0, face.score)) * min(1.0, share / CERTAIN_SHARE),
            occluded_fraction=1 - share,
            provenance=self._provenance(face),
        )

    def _provenance(self, face: DetectedFace) -> dict[str, Any]:
        from .. import __version__

        return self.provenance | {
            "focusfit": __version__,
            "torch": torch.__version__,
            "device": self.device,
            "model": self.model.name,
            "model_sha256": self.model.sha256,
            "detector": face.source,
            "detector_score": round(float(face.score), 4),
            "deviation": "of the priors",
        }
