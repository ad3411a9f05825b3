"""Named values of the whole configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from ..data.augmentation import Augmentation
from ..data.colour_jitter import ColourJitter
from ..data.random_cover import RandomCover
from ..networks.coefficient_head import METRIC_SCALES, REFERENCE_SCALES
from ..networks.encoder import EncoderConfig
from ..networks.segmenter import SegmenterConfig
from ..objectives.likelihood import RobustLikelihood
from ..objectives.prior import PriorWeights
from ..objectives.visible_face_config import VisibleFaceConfig
from .config import TrainingConfig
from .engine_config import EngineConfig
from .input_config import DataConfig, NetworksConfig
from .learning import Learning, Schedule
from .step_config import Alternation, AutoencoderConfig, EmConfig, LabelsConfig, SegmenterStepConfig
from .term_settings import Opinion, TermSettings
from .weights import EmWeights, EncoderWeights, SegmenterWeights


def paper() -> TrainingConfig:
    """FOCUS (Li et al., CVPR 2023) with the numbers of its reference implementation.

    Two of its mistakes are left out: the segmenter's pretraining takes the sigmoid once, and crops once. Step 4 is as
    long as the script runs on 30,000 photos (130 epochs); the authors' published networks are from iteration 200,000.
    The recogniser is the one that can be fetched, unless ``networks.recogniser`` names the reference's ArcFace file.
    """
    start = 0.1 * 0.99**60 * 0.8  # where the first step's schedule is after 300,000 iterations, less a fifth
    slow, fast = Schedule("step", every=5000, factor=0.99), Schedule("step", every=5000, factor=0.95)
    step4 = EmConfig(
        engine=_paper_engine(325_000, checkpoint_every=10_000, validate_every=5000, pictures_every=1000),
        encoder=Learning("adadelta", start, schedule=slow),
        segmenter=Learning("adadelta", start * 0.06, schedule=fast),
        alternation=Alternation(segmenter=5001, encoder=24_999),  # iteration % 30,000 > 5000 is the encoder's
        gradients="joint",
        weights=EmWeights(
            neighbour=15.0,
            distance=3.0,
            preserve=0.25,
            area=0.5,
            binary=10.0,
            masked_pixel=0.5,
            identity=0.25,
            landmark=5e-4,
            regulariser=0.1,
            encoder_area=0.06,
        ),
        logged=("masked_pixel",),
    )
    return TrainingConfig(
        preset="paper",
        networks=NetworksConfig(
            encoder=EncoderConfig("resnet50", 224, REFERENCE_SCALES, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)),
            segmenter=SegmenterConfig(architecture="plain-unet", backdrop="black"),
            identity=80,
            expression=64,
            albedo=80,
        ),
        data=DataConfig(Augmentation(shift=10 / 224, scale=(0.9, 1.1), rotation=10.0, flip=0.5)),
        terms=TermSettings(robust=RobustLikelihood(sigma=0.043, cut=3.0), contour="fixed"),
        step1=AutoencoderConfig(
            engine=_paper_engine(300_000, checkpoint_every=5000, validate_every=5000, pictures_every=500),
            encoder=Learning("adadelta", 0.1, schedule=slow),
            weights=EncoderWeights(likelihood=0.5, identity=0.25, landmark=5e-4, regulariser=0.1),
        ),
        step2=LabelsConfig(labels="explained", batch_size=32),
        step3=SegmenterStepConfig(
            engine=_paper_engine(30_000, checkpoint_every=5000, validate_every=2000, pictures_every=1000),
            segmenter=Learning("adadelta", 0.03, schedule=slow),
            weights=SegmenterWeights(labels=1.0),
        ),
        step4=step4,
        # the authors' adapted networks are 10,000 iterations further on, all of them the encoder's
        adapt=replace(
            step4,
            engine=replace(step4.engine, iterations=10_000),
            alternation=Alternation(segmenter=0, encoder=10_000),
        ),
    )


def _paper_engine(iterations: int, checkpoint_every: int, validate_every: int, pictures_every: int) -> EngineConfig:
    return EngineConfig(
        iterations=iterations,
        batch_size=12,
        checkpoint_every=checkpoint_every,
        validate_every=validate_every,
        pictures_every=pictures_every,
    )


def focusfit() -> TrainingConfig:
    """Ours: EM with separate steps in short turns, under the energies of the per-photo fit.

    The segmenter learns each photo's own posterior, the encoder what that posterior leaves of the photo; synthetic
    photos add what is known of them.
    """
    # Landmarks and prior stand to each other as in the per-photo fit, 68 : 1. Pixels weigh a fifth of theirs there:
    # without its many starts of light and albedo, stronger ones bend the shape to explain shadows and occluders.
    fit = EncoderWeights(
        visible_pixel=0.2,
        visible_landmark=68 / 300,
        fitted_identity=0.4,
        fitted_expression=0.1,
        fitted_rotation=10.0,
        prior=1 / 300,
        masked_identity=0.2,
        true_identity=0.05,
        true_expression=0.05,
        true_albedo=0.02,
    )
    # Cross entropy to posteriors that are often wrong teaches their mean; overlap teaches a decision.
    mask = SegmenterWeights(teacher=0.1, teacher_dice=1.0, true_mask=1.0, dice=0.5)
    step4 = EmConfig(
        engine=_our_engine(40_000),
        encoder=Learning("adamw", 3e-4, 0.02, Schedule("cosine")),
        segmenter=Learning("adamw", 5e-4, 0.02, Schedule("cosine")),
        alternation=Alternation(segmenter=50, encoder=200),
        gradients="detached",
        visible="segmenter",
        # Nobody says what hides a face but the segmenter itself and colours: of covers it is known, and what it said
        # before it taught itself holds it.
        covers=RandomCover(share=0.4, fans=0.25, camouflage=0.3),
        remembered=0.5,
        weights=_both(fit, mask),
    )
    return TrainingConfig(
        preset="focusfit",
        networks=NetworksConfig(EncoderConfig(scales=METRIC_SCALES), segmenter=SegmenterConfig("unet", "resnet34")),
        data=DataConfig(Augmentation(), ColourJitter(), synthetic_share=0.5),
        # Weaker on identity than for one photo: landmarks' errors average out over the photos of a training.
        terms=TermSettings(
            prior_weights=PriorWeights(identity=2.0),
            contour="visible",
            # What an encoder's fit leaves at first is mostly occluders and its own errors; less of it is noise.
            posterior=VisibleFaceConfig(scale=0.8),
            opinion=Opinion(weight=1.0, bias=-0.35),
        ),
        step1=AutoencoderConfig(
            engine=_our_engine(60_000),
            encoder=Learning("adamw", 1e-3, 0.02, Schedule("one_cycle", warm_up=0.1)),
            weights=fit,
        ),
        step2=LabelsConfig(labels="posterior"),
        step3=SegmenterStepConfig(
            engine=_our_engine(15_000),
            segmenter=Learning("adamw", 1e-3, 0.02, Schedule("one_cycle", warm_up=0.1)),
            weights=SegmenterWeights(labels=1.0, teacher_dice=1.0, true_mask=1.0, dice=0.5),
        ),
        step4=step4,
        adapt=replace(
            step4,
            engine=replace(_our_engine(5000), best_figure="energy"),
            balance=1.0,
            encoder=replace(step4.encoder, rate=1e-4),
            segmenter=replace(step4.segmenter, rate=2e-4),
        ),
    )


def _our_engine(iterations: int) -> EngineConfig:
    return EngineConfig(iterations=iterations, batch_size=64, precision="bf16-mixed", ema=0.999, clip=1.0)


def _both(fit: EncoderWeights, mask: SegmenterWeights) -> EmWeights:
    return EmWeights(**vars(fit), **vars(mask))


PRESETS: Mapping[str, TrainingConfig] = MappingProxyType({"focusfit": focusfit(), "paper": paper()})
"""By name."""
