"""What a surface encoder sees of faces that a detector has found, before they are cut out for the fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from ..detection.crop import CropTransform, crop_for_landmarks
from ..detection.face import DetectedFace
from ..detection.photo import Photo
from ..networks.interface import SurfaceNetwork
from ..networks.surface_encoder import EncodedFace

LANDMARKS = slice(0, 68)
"""Of an encoder's points, those of iBUG-68."""

INNER = slice(17, 68)
"""Those inside the face."""


@dataclass(frozen=True, eq=False)
class FaceLook:
    """One face as an encoder sees it.

    Attributes:
        points: ``(K, 2)`` photo pixels, the first 68 those of iBUG; hidden ones are guessed.
        sigma: ``(K,)`` photo pixels, standard deviation of each point along x and y.
        encoded: what the encoder said, a batch of one in its own view's pixels.
        view: the crop that it saw.
    """

    points: NDArray[np.float64]
    sigma: NDArray[np.float64]
    encoded: EncodedFace
    view: CropTransform

    @property
    def deviation(self) -> float:
        """Mean standard deviation of the 51 inner points, in % of the root of width x height of all 68 points' box."""
        box = float(np.sqrt(np.prod(np.ptp(self.points[LANDMARKS], axis=0))))
        return 100.0 * float(self.sigma[INNER].mean()) / max(box, 1e-6)


@torch.no_grad()
def look_at(photos: Sequence[Photo], faces: Sequence[DetectedFace], encoder: SurfaceNetwork) -> list[FaceLook]:
    """Look at faces, ``faces[i]`` in ``photos[i]``, all together."""
    anchors = [(face.landmarks.get("ibug68") or face.landmarks["five"]).points for face in faces]
    views = [crop_for_landmarks(points, encoder.config.size) for points in anchors]
    pictures = np.stack([view.warp(photo.rgb) for view, photo in zip(views, photos, strict=True)])
    seen = torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous()
    encoded = encoder(seen.to(encoder.start.device))
    return [_look(encoded[row], view) for row, view in enumerate(views)]


def _look(encoded: EncodedFace, view: CropTransform) -> FaceLook:
    points = view.to_photo(encoded.points[0].double().cpu().numpy())
    return FaceLook(points, encoded.sigma[0].double().cpu().numpy() / view.scale, encoded, view)


def looks_in_crops(looks: Sequence[FaceLook], crops: Sequence[CropTransform]) -> EncodedFace:
    """Looks as one batch, points and deviations in the pixels of other crops of the same faces."""
    joined = EncodedFace.stack([look.encoded for look in looks])
    points = np.stack([crop.to_crop(look.points) for look, crop in zip(looks, crops, strict=True)])
    sigma = np.stack([crop.scale * look.sigma for look, crop in zip(looks, crops, strict=True)])
    return joined.moved(torch.from_numpy(points).to(joined.points), torch.from_numpy(sigma).to(joined.sigma))
