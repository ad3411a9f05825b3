"""From detected faces to a batch that can be fitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..detection.crop import CropTransform, crop_for_landmarks
from ..detection.face import FIVE_POINT_GROUPS, DetectedFace, LandmarkSet
from ..detection.photo import Photo
from ..facemodel.morphable import MorphableModel, SurfacePoints
from ..imaging.camera import Camera
from .config import FitConfig, LandmarkTerm
from .look import LANDMARKS, FaceLook, looks_in_crops
from .problem import FitProblem, LandmarkTargets

CONTOUR = range(17)
"""iBUG-68 points on the jaw line."""

_PREFERRED = ("facemesh468", "ibug68", "five")


def choose_landmarks(face: DetectedFace, model: MorphableModel) -> LandmarkSet:
    """The richest scheme that both the detector and the model know."""
    for scheme in _PREFERRED:
        if scheme in face.landmarks and (scheme in model.landmarks or scheme == "five"):
            return face.landmarks[scheme]
    known = ", ".join(sorted(face.landmarks))
    raise ValueError(f"model {model.name} has no table for any of the detected landmark schemes ({known})")


def scheme_points(model: MorphableModel, scheme: str) -> SurfacePoints:
    """Where a scheme's points are on the model; five points are middles of iBUG's."""
    if scheme == "five" and scheme not in model.landmarks:
        return model.landmarks["ibug68"].middles(FIVE_POINT_GROUPS)
    return model.landmarks[scheme]


def point_sigma(scheme: str, points: SurfacePoints, term: LandmarkTerm) -> Tensor:
    """``(L,)`` standard deviation of each point in mm."""
    if points.deviation is not None:
        return points.deviation * term.deviation_scale
    spread = term.five_sigma if scheme == "five" else term.sigma
    sigma = torch.full((len(points),), spread, device=points.weights.device)
    if scheme == "ibug68":
        sigma[: len(CONTOUR)] = term.contour_sigma
    return sigma


@dataclass(frozen=True, eq=False)
class CroppedFace:
    """One face cut out: ``photo (3, S, S)``, ``inside (1, S, S)``, landmarks in crop pixels, an encoder's look."""

    crop: CropTransform
    photo: Tensor
    inside: Tensor
    landmarks: LandmarkSet
    look: FaceLook | None = None


def crop_face(
    photo: Photo, face: DetectedFace, model: MorphableModel, config: FitConfig, look: FaceLook | None = None
) -> CroppedFace:
    """Cut a face out of its photo, once: around what an encoder sees, or else around the detector's points."""
    anchor = face.landmarks.get("ibug68") or face.landmarks["five"]
    crop = crop_for_landmarks(anchor.points if look is None else look.points[LANDMARKS], config.size)
    warped = crop.warp(photo.rgb)
    chosen = choose_landmarks(face, model)
    moved = LandmarkSet(chosen.scheme, crop.to_crop(chosen.points), chosen.confidence)
    colours = torch.from_numpy(np.ascontiguousarray(warped.transpose(2, 0, 1)))
    inside = torch.from_numpy(crop.inside(photo.size)).float()[None]
    return CroppedFace(crop, colours, inside, moved, look)


def make_problem(faces: Sequence[CroppedFace], model: MorphableModel, config: FitConfig) -> FitProblem:
    """Stack faces of one landmark scheme."""
    scheme = faces[0].landmarks.scheme
    pixels = torch.from_numpy(np.stack([f.landmarks.points for f in faces])).float()
    weight = torch.from_numpy(np.stack([f.landmarks.confidence for f in faces])).float()
    device = model.device
    targets = landmark_targets(model, scheme, config.landmarks, pixels.to(device), weight.to(device))
    photo = torch.stack([f.photo for f in faces]).to(device)
    inside = torch.stack([f.inside for f in faces]).to(device)
    looks = [face.look for face in faces if face.look is not None]
    encoded = looks_in_crops(looks, [face.crop for face in faces]) if looks else None
    return FitProblem(photo, inside, Camera.for_crop(config.size, len(faces), device), targets, encoded)


def landmark_targets(
    model: MorphableModel, scheme: str, term: LandmarkTerm, pixels: Tensor, weight: Tensor
) -> LandmarkTargets:
    """The model's points of a scheme, where they were seen: ``pixels (B, L, 2)``, ``weight (B, L)``."""
    points = scheme_points(model, scheme)
    basis = torch.cat([points_basis(points, each) for each in (model.identity_basis, model.expression_basis)], dim=2)
    sigma = point_sigma(scheme, points, term).to(pixels).expand(len(pixels), -1)
    return LandmarkTargets(points.of(model.shape_mean), basis, pixels, sigma, weight)


def points_basis(points: SurfacePoints, basis: Tensor) -> Tensor:
    """``(L, 3, K)``: derivative of surface points by the coefficients of ``basis (V, 3, K)``."""
    return points.of(basis.flatten(1)).unflatten(1, basis.shape[1:])
