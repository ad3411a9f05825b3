"""Everything that decides what training does; :mod:`.presets` has two sets of values, :mod:`.resolve` changes them.

Counts of iterations are those of a full run; ``iterations_scale`` shortens all of them alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from ..data.augmentation import Augmentation
from ..data.colour_jitter import ColourJitter
from ..data.random_cover import RandomCover
from ..errors import TrainingError
from ..networks.encoder import EncoderConfig
from ..networks.recognition.registry import DEFAULT as DEFAULT_RECOGNISER
from ..networks.segmenter import SegmenterConfig
from ..objectives.landmarks import LandmarkNoise
from ..objectives.likelihood import RobustLikelihood
from ..objectives.pixels import PixelNoise
from ..objectives.prior import PriorWeights
from ..objectives.registry import TERMS
from ..objectives.visible_face import VisibleFaceConfig
from .engine_config import EngineConfig
from .learning import Learning
from .weights import EmWeights, EncoderWeights, SegmenterWeights


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
        synthetic_validation: how many others validate, where there are synthetic ones at all.
    """

    augmentation: Augmentation = field(default_factory=Augmentation)
    colours: ColourJitter | None = None
    synthetic_share: float = 0.0
    synthetic_validation: int = 64

    def __post_init__(self) -> None:
        if not 0.0 <= self.synthetic_share <= 1.0:
            raise TrainingError(f"synthetic_share is {self.synthetic_share}", remedy="A share lies between 0 and 1.")
        if self.synthetic_validation < 1:
            raise TrainingError(f"synthetic_validation is {self.synthetic_validation}", remedy="It must be at least 1.")


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


def _check_logged(logged: tuple[str, ...]) -> None:
    unknown = [name for name in logged if name not in TERMS]
    if unknown:
        raise TrainingError(f"there is no term {unknown[0]!r} to log", remedy=f"Terms are {', '.join(TERMS)}.")


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


@dataclass(frozen=True)
class TrainingConfig:
    """All steps.

    Attributes:
        preset: name of the values that others were changed from.
        iterations_scale: factor on every count of iterations that is still to be applied; 1 in a resolved config.
        networks: which.
        data: what they see.
        terms: settings of the terms.
        step1: pretraining of the encoder.
        step2: pseudo labels.
        step3: pretraining of the segmenter.
        step4: both in turn.
        adapt: the same on new photos without labels.
    """

    preset: str = "focusfit"
    iterations_scale: float = 1.0
    networks: NetworksConfig = field(default_factory=NetworksConfig)
    data: DataConfig = field(default_factory=DataConfig)
    terms: TermSettings = field(default_factory=TermSettings)
    step1: AutoencoderConfig = field(default_factory=AutoencoderConfig)
    step2: LabelsConfig = field(default_factory=LabelsConfig)
    step3: SegmenterStepConfig = field(default_factory=SegmenterStepConfig)
    step4: EmConfig = field(default_factory=EmConfig)
    adapt: EmConfig = field(default_factory=EmConfig)

    def __post_init__(self) -> None:
        if not self.iterations_scale > 0.0:
            raise TrainingError(f"iterations_scale is {self.iterations_scale}", remedy="It must be above 0.")

    def scaled(self) -> TrainingConfig:
        """With ``iterations_scale`` applied: lengths of steps, blocks, schedules, and between looks at the training."""
        by = self.iterations_scale
        if by == 1.0:
            return self
        step1 = replace(self.step1, engine=_engine(self.step1.engine, by), encoder=_learning(self.step1.encoder, by))
        step3 = replace(
            self.step3, engine=_engine(self.step3.engine, by), segmenter=_learning(self.step3.segmenter, by)
        )
        step4, adapt = _em(self.step4, by), _em(self.adapt, by)
        return replace(self, iterations_scale=1.0, step1=step1, step3=step3, step4=step4, adapt=adapt)


def _em(config: EmConfig, by: float) -> EmConfig:
    return replace(
        config,
        engine=_engine(config.engine, by),
        encoder=_learning(config.encoder, by),
        segmenter=_learning(config.segmenter, by),
        alternation=Alternation(_times(config.alternation.segmenter, by), _times(config.alternation.encoder, by)),
    )


def _engine(engine: EngineConfig, by: float) -> EngineConfig:
    return replace(
        engine,
        iterations=_times(engine.iterations, by),
        checkpoint_every=_times(engine.checkpoint_every, by),
        validate_every=_times(engine.validate_every, by),
        pictures_every=_times(engine.pictures_every, by),
        log_every=_times(engine.log_every, by),
    )


def _learning(learning: Learning, by: float) -> Learning:
    return replace(learning, schedule=replace(learning.schedule, every=_times(learning.schedule.every, by)))


def _times(count: int, by: float) -> int:
    """At least 1, so that nothing that happens stops happening; 0 stays 0."""
    return max(1, round(count * by)) if count else 0
