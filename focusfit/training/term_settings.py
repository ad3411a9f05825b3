"""What objectives need besides tensors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..objectives.landmarks import LandmarkNoise
from ..objectives.likelihood import RobustLikelihood
from ..objectives.pixels import PixelNoise
from ..objectives.prior import PriorWeights
from ..objectives.visible_face_config import VisibleFaceConfig


@dataclass(frozen=True)
class Opinion:
    """The prior of every pixel in a photo's posterior, where a segmenter has an opinion.

    Attributes:
        weight: factor on the segmenter's log odds of visible face; 0 lets the photo alone speak.
        bias: added to them. Posteriors miss more of an occluder than they invent, and a segmenter learns to miss the
            same; a bias below 0 keeps this from being handed on from turn to turn.
    """

    weight: float = 0.0
    bias: float = 0.0


@dataclass(frozen=True)
class TermSettings:
    """What terms need besides tensors; fields are named as the terms' parameters.

    Attributes:
        robust: noise and cut of ``likelihood``, and of the hard mask.
        pixel_noise: of ``visible_pixel``.
        landmark_noise: of ``visible_landmark``.
        prior_weights: of ``prior``.
        contour: whether the jaw line's points are fixed on the face, or those on its visible outline.
        posterior: the E-step of one photo, which teaches the segmenter.
        opinion: the segmenter's part in it.
    """

    robust: RobustLikelihood = field(default_factory=RobustLikelihood)
    pixel_noise: PixelNoise = field(default_factory=PixelNoise)
    landmark_noise: LandmarkNoise = field(default_factory=LandmarkNoise)
    prior_weights: PriorWeights = field(default_factory=PriorWeights)
    contour: Literal["fixed", "visible"] = "visible"
    posterior: VisibleFaceConfig = field(default_factory=VisibleFaceConfig)
    opinion: Opinion = field(default_factory=Opinion)
