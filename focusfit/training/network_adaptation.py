"""The surface encoder and its segmenter, adapted to photos that nobody has labelled."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from torch.utils.data import Dataset

from ..data.colour_jitter import ColourJitter
from ..data.drawn_faces import DrawnFaces, draw_faces
from ..data.face_batch import FaceItem, collate
from ..data.mixture import MixedFaces
from ..data.random_cover import RandomCover
from ..data.synthetic import SyntheticConfig, SyntheticWorld
from ..data.synthetic.dataset import SyntheticFaces
from ..errors import TrainingError
from ..facemodel.morphable import SurfacePoints
from ..fitting.fitter import Fitter
from ..networks.network_files import save_segmenter
from ..networks.shipped import TrainedNetworks, save_surface_encoder
from .adaptation_inputs import keep_inputs
from .checkpoints import read_checkpoint
from .engine import EngineConfig, TrainingData, TrainingResult, train
from .fitted_faces import FittedFaces, fit_photos
from .run_folder import fill_from_checkpoint
from .stage import Stage
from .stages.known_mask import KnownMaskConfig, KnownMaskStage
from .stages.known_surface import KnownSurfaceConfig, KnownSurfaceStage

LEAST_FACES = 10
"""Fewer say nothing about a kind of photo."""

ENCODER_FIGURE, SEGMENTER_FIGURE = "inner51", "cross_entropy"
"""What the held-out faces are judged by, the lower the better."""

MASKS = KnownMaskConfig(
    learning_rate=3.0e-4, covers=RandomCover(share=0.4, fans=0.5, camouflage=0.5), colours=ColourJitter(shade=0.4)
)
"""Covers and colours of the shipped segmenter's last round: with plainer ones it forgets hands, which fits miss too."""

ENGINE = EngineConfig(batch_size=32, workers=0, ema=0.99, clip=5.0, checkpoint_every=100_000, keep_last=1, log_every=25)


@dataclass(frozen=True)
class AdaptationConfig:
    """How networks are adapted.

    Attributes:
        synthetic: synthetic faces beside the photos', for what is hidden in all of them.
        synthetic_share: share of what is trained on that is synthetic.
        world: what those look like.
        surface: how the encoder is taught.
        masks: how the segmenter is taught.
        encoder_engine: of the encoder's training.
        segmenter_engine: of the segmenter's.
    """

    synthetic: int = 600
    synthetic_share: float = 0.5
    world: SyntheticConfig = field(default_factory=lambda: SyntheticConfig(size=192, seed=5, occluded_fraction=0.6))
    surface: KnownSurfaceConfig = field(default_factory=lambda: KnownSurfaceConfig(learning_rate=2.0e-4))
    masks: KnownMaskConfig = MASKS
    encoder_engine: EngineConfig = field(
        default_factory=lambda: replace(ENGINE, iterations=300, validate_every=50, best_figure=ENCODER_FIGURE)
    )
    segmenter_engine: EngineConfig = field(
        default_factory=lambda: replace(ENGINE, iterations=200, validate_every=50, best_figure=SEGMENTER_FIGURE)
    )


@dataclass(frozen=True)
class BestNetwork:
    """The best state of one network.

    Attributes:
        iteration: that was best on the held-out faces; 0 where none was better than the start.
        before: the figure of the start.
        after: that of what is handed on.
    """

    iteration: int
    before: float
    after: float


@dataclass(frozen=True)
class Adapted:
    """What became of one network: the file of its weights, and which they are."""

    file: Path
    best: BestNetwork


@dataclass(frozen=True)
class Adaptation:
    """An encoder, a segmenter, and the photos that they were adapted to."""

    encoder: Adapted
    segmenter: Adapted
    faces: FittedFaces


def adapt_networks(
    photos: Sequence[Path],
    fitter: Fitter,
    out: Path,
    config: AdaptationConfig,
    workers: int = 2,
    say: Callable[[str], None] = lambda text: None,
) -> Adaptation:
    """Teach a fitter's networks what its own fits of new photos say, behind covers too; ``OUT`` gets both networks.

    Each is the best on faces kept apart, every one of which is also shown behind covers that no fit knew of; where
    nothing was better than the start, that is handed on.

    Args:
        photos: files.
        fitter: with networks.
        out: folder for faces, trainings and networks.
        config: how.
        workers: threads that read, and processes that draw.
        say: called with what is about to happen.

    Raises:
        TrainingError: the fitter has no networks, too few of the photos show a face, or ``out`` is for other ones.
    """
    networks = fitter.networks
    if not isinstance(networks, TrainedNetworks):
        raise TrainingError(
            f"there are no networks to train for the face model {fitter.model.name}",
            remedy="Leave --model out: the networks belong to the open face model.",
        )
    keep_inputs(out, photos, networks)
    size = networks.encoder.config.size
    say(f"fits of {len(photos)} photos")
    faces = fit_photos(photos, fitter, networks.points, size, out / "faces", workers)
    if len(faces.training) < LEAST_FACES:
        cause = f"only {len(faces.training)} faces of {len(photos)} photos can be learned from"
        raise TrainingError(cause, file=photos[0].parent, remedy=f"Adapt to a folder with at least {LEAST_FACES}.")
    say(f"{config.synthetic} synthetic faces")
    drawn = _synthetic(config, fitter, networks.points, size, out / "synthetic", workers)
    data = _mixed(faces, drawn, config.synthetic_share)
    say(f"the encoder: {config.encoder_engine.iterations} iterations")
    encoder = _adapt_encoder(fitter, networks, data, config, out)
    say(f"the segmenter: {config.segmenter_engine.iterations} iterations")
    adaptation = Adaptation(encoder, _adapt_segmenter(fitter, networks, data, config, out), faces)
    _report(adaptation, out / "adaptation.json")
    return adaptation


def _synthetic(
    config: AdaptationConfig, fitter: Fitter, points: SurfacePoints, size: int, folder: Path, workers: int
) -> DrawnFaces:
    source = SyntheticFaces(SyntheticWorld(config.world), config.synthetic, size, points=points)
    about = {"world": repr(config.world), "size": size, "points": len(points), "model": fitter.model.sha256}
    return draw_faces(source, folder, about, workers)


def _mixed(faces: FittedFaces, drawn: DrawnFaces, share: float) -> TrainingData:
    sources: list[Dataset[FaceItem]] = [faces.training, drawn]
    return TrainingData(MixedFaces(sources, [1 - share, share]), faces.held_out, collate)


def _adapt_encoder(
    fitter: Fitter, networks: TrainedNetworks, data: TrainingData, config: AdaptationConfig, out: Path
) -> Adapted:
    engine = config.encoder_engine
    stage = KnownSurfaceStage(networks.encoder.train(), fitter.model, config.surface, engine.iterations)
    result = train(stage, data, engine, out / "encoder")
    best = _keep_best(stage, "encoder", result, ENCODER_FIGURE)
    about = {"adapted": asdict(best)}
    return Adapted(save_surface_encoder(out / "surface_encoder", networks.encoder, fitter.model, about), best)


def _adapt_segmenter(
    fitter: Fitter, networks: TrainedNetworks, data: TrainingData, config: AdaptationConfig, out: Path
) -> Adapted:
    engine, sizes = config.segmenter_engine, networks.encoder.config
    stage = KnownMaskStage(networks.segmenter.train(), sizes, fitter.model, config.masks, engine.iterations)
    result = train(stage, data, engine, out / "segmenter")
    best = _keep_best(stage, "segmenter", result, SEGMENTER_FIGURE)
    return Adapted(save_segmenter(out / "segmenter", networks.segmenter, {"adapted": asdict(best)}), best)


def _keep_best(stage: Stage, name: str, result: TrainingResult, figure: str) -> BestNetwork:
    """Put the best weights into the stage's network; which they are."""
    assert result.best is not None
    fill_from_checkpoint(stage.networks[name], result.best, name)
    progress = read_checkpoint(result.best).parts["progress"]
    with (result.best.parent.parent / "validation.csv").open(newline="", encoding="utf-8") as stream:
        first = next(csv.DictReader(stream))  # of the networks that it started from
    return BestNetwork(progress["iteration"], float(first[figure]), progress["figures"][figure])


def _report(adaptation: Adaptation, path: Path) -> None:
    about = {
        "encoder": asdict(adaptation.encoder.best) | {"figure": f"{ENCODER_FIGURE}, % of the landmark box"},
        "segmenter": asdict(adaptation.segmenter.best) | {"figure": f"{SEGMENTER_FIGURE}, nats a pixel"},
        "faces": len(adaptation.faces.training),
        "held_out_views": len(adaptation.faces.held_out),
        "left_out": [[str(photo), reason] for photo, reason in adaptation.faces.left_out],
    }
    path.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
