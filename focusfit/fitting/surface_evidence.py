"""What a surface encoder says about a batch of crops, as targets of the fit."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..detection.crop import FACE_WINDOW_MM
from ..facemodel.morphable import MorphableModel, SurfacePoints
from ..networks.surface_encoder import EncodedFace, SurfaceEncoder
from .problem import FitProblem, LandmarkTargets
from .targets import points_basis


@dataclass(frozen=True)
class SurfaceTerm:
    """How far an encoder's points are trusted.

    Attributes:
        effective_points: the points' errors go together: all of them weigh as much as so many independent ones.
        sigma_scale: factor on the deviations that the encoder gives.
        least_sigma: mm, added in squares: what the encoder cannot know, photos being unlike what it was taught with.
    """

    effective_points: float = 15.0
    sigma_scale: float = 1.0
    least_sigma: float = 1.5


def encode_crops(photo: Tensor, encoder: SurfaceEncoder) -> EncodedFace:
    """Encode crops ``(B, 3, S, S)`` of any size; points and deviations come back in the crop's pixels."""
    size, side = encoder.config.size, photo.shape[-1]
    seen = F.interpolate(photo, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
    encoded = encoder(seen)
    scale = side / size
    return EncodedFace(
        points=(encoded.points + 0.5) * scale - 0.5,
        sigma=encoded.sigma * scale,
        identity=encoded.identity,
        expression=encoded.expression,
        albedo=encoded.albedo,
        light=encoded.light,
    )


def surface_targets(
    encoded: EncodedFace, points: SurfacePoints, model: MorphableModel, side: int, term: SurfaceTerm
) -> LandmarkTargets:
    """The encoder's points as targets, in a crop of ``side`` pixels."""
    pixels_per_mm = side / FACE_WINDOW_MM
    sigma = torch.hypot(term.sigma_scale * encoded.sigma / pixels_per_mm, torch.tensor(term.least_sigma))
    basis = torch.cat([points_basis(points, b) for b in (model.identity_basis, model.expression_basis)], dim=2)
    weight = torch.full_like(sigma, min(1.0, term.effective_points / len(points)))
    return LandmarkTargets(points.of(model.shape_mean), basis, encoded.points, sigma, weight)


def joined_targets(first: LandmarkTargets, second: LandmarkTargets, hidden_trust: float) -> LandmarkTargets:
    """Both sets of points; the first one's hidden points keep ``hidden_trust``, the second one's all their weight.

    An encoder gives hidden points a wide deviation of their own.
    """
    trust = torch.full((len(first.mean),), hidden_trust)
    return LandmarkTargets(
        mean=torch.cat([first.mean, second.mean]),
        basis=torch.cat([first.basis, second.basis]),
        pixels=torch.cat([first.pixels, second.pixels], dim=1),
        sigma=torch.cat([first.sigma, second.sigma], dim=1),
        weight=torch.cat([first.weight, second.weight], dim=1),
        hidden_trust=torch.cat([trust, torch.ones(len(second.mean))]).to(first.mean),
    )


def with_surface(problem: FitProblem, targets: LandmarkTargets, hidden_trust: float) -> FitProblem:
    """The problem with further points to meet."""
    joined = joined_targets(problem.landmarks, targets, hidden_trust)
    return FitProblem(problem.photo, problem.inside, problem.camera, joined)
