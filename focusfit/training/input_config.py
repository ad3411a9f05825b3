"""Which networks are trained, and what they see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..data.augmentation import Augmentation
from ..data.colour_jitter import ColourJitter
from ..errors import TrainingError
from ..networks.encoder import EncoderConfig
from ..networks.recognition.registry import DEFAULT as DEFAULT_RECOGNISER
from ..networks.segmenter import SegmenterConfig


@dataclass(frozen=True)
class NetworksConfig:
    """Which networks.

    Attributes:
        encoder: photo to coefficients; its ``size`` is that of all pictures in training.
        encoder_weights: file of backbone weights to start from, or ``imagenet`` where such weights can be fetched for
            the backbone; None starts from random ones.
        segmenter: rendering and photo to mask.
        segmenter_weights: ``imagenet`` to start its encoder from such weights, where they can be fetched; None starts
            from random ones.
        recogniser: judge of identity: a name of ``focusfit.networks.recognition``, or a file.
        identity: how many of the face model's identity coefficients are used; models with fewer use all of theirs.
        expression: likewise, of its expression coefficients.
        albedo: likewise, of its albedo coefficients.
    """

    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    encoder_weights: str | None = None
    segmenter: SegmenterConfig = field(default_factory=SegmenterConfig)
    segmenter_weights: Literal["imagenet"] | None = None
    recogniser: str = DEFAULT_RECOGNISER
    identity: int = 80
    expression: int = 64
    albedo: int = 80


@dataclass(frozen=True)
class DataConfig:
    """What the networks see.

    Attributes:
        augmentation: how training photos are moved.
        colours: how their colours are changed; None leaves them.
        synthetic_share: share of synthetic photos among those that are trained on; much is known of them.
        synthetic_validation: how many others validate, where there are synthetic ones at all; 0 leaves that to the
            photos. Adaptation always does.
    """

    augmentation: Augmentation = field(default_factory=Augmentation)
    colours: ColourJitter | None = None
    synthetic_share: float = 0.0
    synthetic_validation: int = 64

    def __post_init__(self) -> None:
        if not 0.0 <= self.synthetic_share <= 1.0:
            raise TrainingError(f"synthetic_share is {self.synthetic_share}", remedy="A share lies between 0 and 1.")
        if self.synthetic_validation < 0:
            raise TrainingError(f"synthetic_validation is {self.synthetic_validation}", remedy="Give 0 or more.")
