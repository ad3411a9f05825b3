"""What decides each of the steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..data.random_cover import RandomCover
from ..errors import TrainingError
from ..objectives.registry import TERMS
from .engine_config import EngineConfig
from .learning import Learning
from .weights import EmWeights, EncoderWeights, SegmenterWeights


@dataclass(frozen=True)
class AutoencoderConfig:
    """Step 1: the encoder, from photos and landmarks alone.

    Attributes:
        engine: of the loop.
        encoder: how the encoder learns.
        visible: what ``visible_pixel`` takes for the face: all of the rendered region (the robust kernel looks after
            occluders), or the photo's posterior.
        weights: of the terms.
        logged: terms that are computed and logged without being trained on.
    """

    engine: EngineConfig = field(default_factory=EngineConfig)
    encoder: Learning = field(default_factory=Learning)
    visible: Literal["region", "posterior"] = "region"
    weights: EncoderWeights = field(default_factory=EncoderWeights)
    logged: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_logged(self.logged)


@dataclass(frozen=True)
class LabelsConfig:
    """Step 2: pseudo labels from the encoder.

    Attributes:
        labels: ``explained``: pixels less than ``terms.robust``'s cut away from the rendering; ``posterior``: the
            photo's posterior.
        batch_size: photos at a time.
    """

    labels: Literal["explained", "posterior"] = "posterior"
    batch_size: int = 32

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise TrainingError(f"batch_size is {self.batch_size}", remedy="It must be at least 1.")


@dataclass(frozen=True)
class SegmenterStepConfig:
    """Step 3: the segmenter, from pseudo labels.

    Attributes:
        engine: of the loop.
        segmenter: how the segmenter learns.
        weights: of the terms.
        logged: terms that are computed and logged without being trained on.
    """

    engine: EngineConfig = field(default_factory=EngineConfig)
    segmenter: Learning = field(default_factory=Learning)
    weights: SegmenterWeights = field(default_factory=SegmenterWeights)
    logged: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_logged(self.logged)


@dataclass(frozen=True)
class Alternation:
    """Which network learns when; a cycle begins with the segmenter.

    Attributes:
        segmenter: iterations of its block; 0 leaves it as it is.
        encoder: iterations of its block; 0 likewise.
    """

    segmenter: int = 50
    encoder: int = 200

    def __post_init__(self) -> None:
        if min(self.segmenter, self.encoder) < 0 or self.cycle == 0:
            raise TrainingError(
                f"blocks of {self.segmenter} and {self.encoder} iterations do not alternate",
                remedy="Neither may be negative, and one must be above 0.",
            )

    @property
    def cycle(self) -> int:
        """Iterations after which it starts over."""
        return self.segmenter + self.encoder

    def trained_at(self, iteration: int) -> Literal["encoder", "segmenter"]:
        """The network that learns in ``iteration``, counted from 0."""
        return "segmenter" if iteration % self.cycle < self.segmenter else "encoder"


@dataclass(frozen=True)
class EmConfig:
    """Step 4, and adaptation: segmentation and fit in turn.

    Attributes:
        engine: of the loop.
        encoder: how the encoder learns.
        segmenter: how the segmenter learns.
        alternation: which of them learns when.
        gradients: ``detached``: the mask is a constant to the encoder and the rendering one to the segmenter;
            ``joint``: nothing is, so that the encoder's losses also reach its renderings through the segmenter.
        visible: what ``visible_pixel`` takes for the face: the segmenter's mask, or the photo's posterior.
        balance: of the posterior that teaches the segmenter: how far it keeps the segmenter's share of visible pixels,
            over all photos of a batch, and lets colours only say where they are; see
            :func:`focusfit.objectives.mixing_share.rebalanced`. Networks that are strange to their photos need it.
        covers: what lies over photos while the segmenter learns from them; its teacher sees them without. Of hidden
            places that are known there is no doubt.
        remembered: share of what the segmenter said of a photo when the step began in what it is taught of it; above 0,
            the posterior takes its prior from there too, so that no mistake is handed on from turn to turn.
        weights: of the terms.
        logged: terms that are computed and logged without being trained on.
    """

    engine: EngineConfig = field(default_factory=EngineConfig)
    encoder: Learning = field(default_factory=Learning)
    segmenter: Learning = field(default_factory=Learning)
    alternation: Alternation = field(default_factory=Alternation)
    gradients: Literal["detached", "joint"] = "detached"
    visible: Literal["segmenter", "posterior"] = "segmenter"
    balance: float = 0.0
    covers: RandomCover = field(default_factory=lambda: RandomCover(share=0.0))
    remembered: float = 0.0
    weights: EmWeights = field(default_factory=EmWeights)
    logged: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_logged(self.logged)
        for name in ("balance", "remembered"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise TrainingError(f"{name} is {getattr(self, name)}", remedy="A share lies between 0 and 1.")


def _check_logged(logged: tuple[str, ...]) -> None:
    unknown = [name for name in logged if name not in TERMS]
    if unknown:
        raise TrainingError(f"there is no term {unknown[0]!r} to log", remedy=f"Terms are {', '.join(TERMS)}.")
