"""What two networks tell a fit: where surface points are, whom the face is like, and what hides it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ..facemodel.morphable import MorphableModel, SurfacePoints
from ..imaging.rendering import Rendering
from ..networks.segmenter import FaceSegmenter
from .config import FitConfig
from .problem import FitProblem
from .surface_evidence import SurfaceTerm, surface_targets, with_surface


@dataclass(frozen=True)
class GuideConfig:
    """How far the networks are trusted.

    Attributes:
        surface: the encoder's points.
        identity: factor on the encoder's identity as mean of the identity's prior; 0 for the mean face.
        opinion: factor on the segmenter's log odds as prior of the E-step; 0 leaves the photo alone to decide.
        opinion_limit: most that the prior may say, in log odds.
    """

    surface: SurfaceTerm = field(default_factory=SurfaceTerm)
    identity: float = 0.15
    opinion: float = 1.0
    opinion_limit: float = 4.0


def guided_problem(
    problem: FitProblem, points: SurfacePoints, model: MorphableModel, config: FitConfig, guide: GuideConfig
) -> tuple[FitProblem, FitConfig]:
    """The problem with what an encoder sees in it, and settings under which both kinds of points keep their weights."""
    assert problem.encoded is not None
    shared = config.encoder_trust * guide.surface.effective_points
    term = replace(guide.surface, effective_points=shared)
    targets = surface_targets(problem.encoded, points, model, problem.photo.shape[-1], term)
    joined = with_surface(problem, targets, config.landmarks.hidden_trust)
    likely = config.encoder_trust * guide.identity * problem.encoded.identity
    own_weights = replace(config.landmarks, effective_points=float(len(joined.landmarks.mean)))
    return replace(joined, likely_identity=likely), replace(config, landmarks=own_weights)


def segment(segmenter: FaceSegmenter, size: int, rendering: Rendering, region: Tensor, photo: Tensor) -> Tensor:
    """``(B, 1, S, S)`` log odds of a visible face, by a network that sees ``size`` pixels a side."""
    pictures = torch.cat([(rendering.image * region).clamp(0, 1), photo], dim=1)
    small = F.interpolate(pictures, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
    logits = segmenter(small[:, :3], small[:, 3:])
    return F.interpolate(logits, size=photo.shape[-2:], mode="bilinear", align_corners=False)
