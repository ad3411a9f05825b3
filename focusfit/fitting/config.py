"""Settings of the per-photo fit; lengths in pixels are for a 224 pixel crop and scale with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..objectives.prior import PriorWeights
from ..objectives.visible_face_config import VisibleFaceConfig


@dataclass(frozen=True)
class LandmarkTerm:
    """How far landmarks are trusted.

    Attributes:
        sigma: standard deviation (mm) of an inner point.
        five_sigma: standard deviation (mm) of one of five points: where an eye's centre is, nobody defines well.
        contour_sigma: standard deviation (mm) of a contour point: definitions differ most there.
        deviation_scale: factor on the measured deviations of a calibrated scheme.
        kernel: squared normalised distance at which a point counts half.
        weight: of the whole term; a dense scheme's points are not independent, see ``effective_points``.
        hidden_trust: what is left of the weight of a point under an occluder: a detector guesses it from the rest.
        effective_points: a scheme with more points than this shares the weight of so many.
    """

    sigma: float = 1.5
    five_sigma: float = 3.0
    contour_sigma: float = 8.0
    deviation_scale: float = 1.0
    kernel: float = 9.0
    weight: float = 1.0
    hidden_trust: float = 0.3
    effective_points: float = 68.0


@dataclass(frozen=True)
class LandmarkSource:
    """How far landmarks of one source are trusted, and how freely a face may follow them.

    Attributes:
        name: as ``DetectedFace.source`` has it.
        landmarks: the landmark term.
        identity_prior: precision of the identity coefficients: what landmarks are off by goes into the identity first.
        encoder_trust: factor on what an encoder says beside them.
    """

    name: str
    landmarks: LandmarkTerm
    identity_prior: float
    encoder_trust: float = 1.0


GIVEN_LANDMARKS = LandmarkSource("csv", LandmarkTerm(), identity_prior=2.0, encoder_trust=0.1)
"""Points that a user brings along."""


@dataclass(frozen=True)
class PhotometricTerm:
    """How far pixels are trusted.

    Attributes:
        weight: effective number of independent colour residuals; pixels are anything but independent.
        sigma: standard deviation of a colour residual at the coarsest and at the finest level.
        kernel: squared normalised residual at which a sample counts half.
        samples: vertices sampled for each face.
        minimum_cosine: least cosine between normal and viewing direction of a sample.
        misfit: factor on what the model is known to miss at a sample, which then counts less; 0 to ignore it.
    """

    weight: float = 300.0
    sigma: tuple[float, float] = (0.06, 0.036)
    kernel: float = 4.0
    samples: int = 1200
    minimum_cosine: float = 0.25
    misfit: float = 0.0


@dataclass(frozen=True)
class StartTerm:
    """How light and albedo are started from several parts of the face, and how a start is chosen.

    Attributes:
        tolerances: colour residual at which a sample counts a quarter, one per step.
        restricted_steps: leading steps that look at the start's own part only.
        weight: effective number of residuals.
        albedo_prior: precision of the albedo modes.
        light_prior: factor on the light's precision.
        sigma: standard deviation of an explained, dark sample.
        shading_error: its growth with brightness.
        explained: weight of the explained share of the face in the choice.
        structure: weight of the correlation of fine detail (brows, eyes, lips) in the choice.
        skin: weight of the plausibility of the face's mean colour in the choice.
    """

    tolerances: tuple[float, ...] = (0.5, 0.35, 0.25, 0.2, 0.15, 0.1, 0.07)
    restricted_steps: int = 5
    weight: float = 200.0
    albedo_prior: float = 2.0
    light_prior: float = 0.1
    sigma: float = 0.015
    shading_error: float = 0.04
    explained: float = 400.0
    structure: float = 150.0
    skin: float = 20000.0


@dataclass(frozen=True)
class Level:
    """One level of the coarse-to-fine schedule.

    Attributes:
        blur: standard deviation of the photo's blur in pixels.
        smoothing: Laplacian steps that blur the model's albedo alike.
        steps: second-order steps at this level.
    """

    blur: float
    smoothing: int
    steps: int


@dataclass(frozen=True)
class FitConfig:
    """Everything that decides a fit's result.

    Attributes:
        size: side of the crop in pixels.
        seed: of every random choice (there is none in the default fit; stored with the result).
        albedo_modes: number of albedo modes that are fitted.
        landmark_pose_steps: steps for pose alone.
        landmark_steps: steps for pose and shape from landmarks.
        levels: coarse to fine; none leaves what networks say as it is.
        starts: the start of light and albedo.
        landmarks: the landmark term, of every source that is not among ``sources``.
        photometric: the photometric term.
        prior: the priors; for ``sources``, all but the identity's.
        visible_face: the E-step.
        encoder_trust: factor on what an encoder says, if one has looked.
        sources: landmarks that are trusted otherwise.
    """

    size: int = 224
    seed: int = 0
    albedo_modes: int = 20
    landmark_pose_steps: int = 2
    landmark_steps: int = 5
    levels: tuple[Level, ...] = (Level(3.0, 16, 3), Level(1.5, 4, 3), Level(0.0, 0, 3))
    starts: StartTerm = field(default_factory=StartTerm)
    landmarks: LandmarkTerm = field(default_factory=LandmarkTerm)
    photometric: PhotometricTerm = field(default_factory=PhotometricTerm)
    prior: PriorWeights = field(default_factory=PriorWeights)
    visible_face: VisibleFaceConfig = field(default_factory=VisibleFaceConfig)
    encoder_trust: float = 1.0
    sources: tuple[LandmarkSource, ...] = (GIVEN_LANDMARKS,)

    def refined(self, levels: int) -> FitConfig:
        """The settings with the finest ``levels`` of these levels alone."""
        return replace(self, levels=self.levels[len(self.levels) - levels :])

    def for_source(self, name: str, scheme: str = "ibug68") -> FitConfig:
        """The settings for landmarks of a scheme from the source ``name``; five points never decide a shape."""
        for source in self.sources:
            if source.name == name and scheme != "five":
                prior = replace(self.prior, identity=source.identity_prior)
                return replace(self, landmarks=source.landmarks, prior=prior, encoder_trust=source.encoder_trust)
        return self
