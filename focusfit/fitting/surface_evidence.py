"""What a surface encoder says about a batch of crops, as targets of the fit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from ..detection.crop import FACE_WINDOW_MM
from ..facemodel.morphable import MorphableModel, SurfacePoints
from ..networks.surface_encoder import EncodedFace
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

    effective_points: float = 60.0
    sigma_scale: float = 1.0
    least_sigma: float = 1.5


def surface_targets(
    encoded: EncodedFace, points: SurfacePoints, model: MorphableModel, side: int, term: SurfaceTerm
) -> LandmarkTargets:
    """The encoder's points as targets, in a crop of ``side`` pixels."""
    pixels_per_mm = side / FACE_WINDOW_MM
    sigma = torch.hypot(term.sigma_scale * encoded.sigma / pixels_per_mm, torch.tensor(term.least_sigma))
    basis = torch.cat([points_basis(points, b) for b in (model.identity_basis, model.expression_basis)], dim=2)
    weight = torch.full_like(sigma, min(1.0, term.effective_points / len(points)))
    # An encoder gives hidden points a wide deviation of their own.
    trust = torch.ones_like(weight[0])
    return LandmarkTargets(points.of(model.shape_mean), basis, encoded.points, sigma, weight, trust)


def joined_targets(first: LandmarkTargets, second: LandmarkTargets, hidden_trust: float) -> LandmarkTargets:
    """Both sets of points; hidden ones keep ``hidden_trust`` of their weight where a set does not say itself."""
    trust = [
        torch.full_like(s.weight[0], hidden_trust) if s.hidden_trust is None else s.hidden_trust
        for s in (first, second)
    ]
    return LandmarkTargets(
        mean=torch.cat([first.mean, second.mean]),
        basis=torch.cat([first.basis, second.basis]),
        pixels=torch.cat([first.pixels, second.pixels], dim=1),
        sigma=torch.cat([first.sigma, second.sigma], dim=1),
        weight=torch.cat([first.weight, second.weight], dim=1),
        hidden_trust=torch.cat(trust),
    )


def with_surface(problem: FitProblem, targets: LandmarkTargets, hidden_trust: float) -> FitProblem:
    """The problem with further points to meet."""
    joined = joined_targets(problem.landmarks, targets, hidden_trust)
    return replace(problem, landmarks=joined)
