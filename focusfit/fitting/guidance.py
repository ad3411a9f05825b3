"""What two networks tell a fit: where surface points are, whom the face is like, and what hides it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from ..facemodel.morphable import MorphableModel, SurfacePoints
from ..imaging.rendering import Rendering
from ..networks.interface import MaskNetwork
from .config import FitConfig
from .problem import FitProblem
from .surface_evidence import SurfaceTerm, surface_targets, with_surface


@dataclass(frozen=True)
class GuideConfig:
    """How far the networks are trusted.

    Attributes:
        surface: the encoder's points.
        identity: factor on the encoder's identity as mean of the identity's prior; 0 for the mean face.
        identity_precision: factor on the identity's prior; what many points are wrong in together is taken for shape.
        opinion: factor on the segmenter's log odds as prior of the E-step, at the face's rim and well inside it, where
            there is less to be mistaken about; 0 leaves the photo alone to decide.
        opinion_limit: most that the prior may say, in log odds, likewise.
        rim: width of the rim in pixels of a 224 pixel crop.
    """

    surface: SurfaceTerm = field(default_factory=SurfaceTerm)
    identity: float = 0.05
    identity_precision: float = 1.4
    opinion: tuple[float, float] = (1.0, 2.0)
    opinion_limit: tuple[float, float] = (4.0, 8.0)
    rim: float = 15.0


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
    tighter = 1 + config.encoder_trust * (guide.identity_precision - 1)
    prior = replace(config.prior, identity=tighter * config.prior.identity)
    return replace(joined, likely_identity=likely), replace(config, landmarks=own_weights, prior=prior)


def segment(segmenter: MaskNetwork, size: int, rendering: Rendering, region: Tensor, photo: Tensor) -> Tensor:
    """``(B, 1, S, S)`` log odds of a visible face, by a network that sees ``size`` pixels a side."""
    pictures = torch.cat([(rendering.image * region).clamp(0, 1), photo], dim=1)
    small = F.interpolate(pictures, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
    logits = segmenter(small[:, :3], small[:, 3:])
    return F.interpolate(logits, size=photo.shape[-2:], mode="bilinear", align_corners=False)


def opinion_prior(logits: Tensor, region: Tensor, guide: GuideConfig) -> Tensor:
    """Prior log odds of a visible face from a segmenter's, all ``(B, 1, S, S)``."""
    reach = round(guide.rim * region.shape[-1] / 224)
    around = F.avg_pool2d(region, 2 * reach + 1, 1, reach, count_include_pad=False)
    inside = (2 * around - 1).clamp(0, 1)  # 0 at a straight rim, 1 from `reach` pixels on
    factor, limit = (
        torch.lerp(torch.full_like(inside, a), torch.full_like(inside, b), inside)
        for a, b in (guide.opinion, guide.opinion_limit)
    )
    return torch.clamp(factor * logits, -limit, limit)
