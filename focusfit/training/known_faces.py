"""The networks that come with the package, from synthetic faces alone: one function each, and what they share."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset

from ..data.drawn_faces import DrawnFaces, draw_faces
from ..data.face_batch import FaceItem, canvas_margin, collate
from ..data.mixture import MixedFaces
from ..data.synthetic import SyntheticConfig, SyntheticWorld
from ..data.synthetic.dataset import SyntheticFaces
from ..facemodel.dense_points import dense_points
from ..facemodel.morphable import MorphableModel
from ..networks.backbone import load_imagenet_weights
from ..networks.network_files import load_segmenter, save_segmenter
from ..networks.segmenter import FaceSegmenter, SegmenterConfig
from ..networks.shipped import load_surface_encoder, save_surface_encoder
from ..networks.surface_encoder import SurfaceEncoder, SurfaceEncoderConfig
from .engine import EngineConfig, TrainingData, train
from .stages.known_mask import KnownMaskConfig, KnownMaskStage
from .stages.known_surface import KnownSurfaceConfig, KnownSurfaceStage

IMAGENET = "imagenet"
"""As a network's start: what its image network learned from ImageNet."""

ENGINE = EngineConfig(
    iterations=3000, batch_size=32, workers=0, ema=0.998, clip=5.0,
    validate_every=250, checkpoint_every=250, pictures_every=500, log_every=25,
)  # fmt: skip

VALIDATION = 300
"""Faces that are kept apart."""


@dataclass(frozen=True)
class KnownFacesConfig:
    """Everything that decides the two networks.

    Attributes:
        faces: synthetic faces, the validation's included.
        world: what they look like.
        second_faces: faces of another world beside them, for training alone.
        second_share: how much of what is trained on is from there.
        second_world: what those look like.
        encoder: the surface encoder.
        segmenter: the segmenter; it sees photos of the encoder's size.
        surface: how the encoder is taught.
        masks: how the segmenter is taught.
        encoder_start: what the encoder starts from: ``imagenet``, the file of one that goes on learning, or None for
            random weights.
        segmenter_start: what the segmenter starts from, likewise.
        encoder_engine: of the encoder's training.
        segmenter_engine: of the segmenter's.
    """

    faces: int = 12_000
    world: SyntheticConfig = field(default_factory=lambda: SyntheticConfig(size=192, seed=2, occluded_fraction=0.6))
    second_faces: int = 0
    second_share: float = 0.25
    second_world: SyntheticConfig = field(default_factory=lambda: SyntheticConfig(size=192, seed=4))
    encoder: SurfaceEncoderConfig = field(default_factory=SurfaceEncoderConfig)
    segmenter: SegmenterConfig = field(
        default_factory=lambda: SegmenterConfig(
            encoder="tu-tf_efficientnet_lite0", depth=5, decoder_widths=(64, 48, 32, 16, 16)
        )
    )
    surface: KnownSurfaceConfig = field(default_factory=KnownSurfaceConfig)
    masks: KnownMaskConfig = field(default_factory=KnownMaskConfig)
    encoder_start: str | None = IMAGENET
    segmenter_start: str | None = IMAGENET
    encoder_engine: EngineConfig = ENGINE
    segmenter_engine: EngineConfig = ENGINE


def known_faces(
    config: KnownFacesConfig,
    model: MorphableModel,
    folder: Path,
    workers: int = 2,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> TrainingData:
    """Draw the faces into ``folder``, or find them there; the last ones are for validation."""
    drawn = _drawn(config.world, config.faces, config, model, folder, workers, progress)
    training, validation = drawn.split(min(VALIDATION, config.faces // 5))
    if not config.second_faces:
        return TrainingData(training, validation, collate)
    place = folder.with_name(f"{folder.name}_second")
    second = _drawn(config.second_world, config.second_faces, config, model, place, workers, progress)
    both = MixedFaces([training, second], [1 - config.second_share, config.second_share])
    return TrainingData(both, validation, collate)


def _drawn(
    world: SyntheticConfig,
    count: int,
    config: KnownFacesConfig,
    model: MorphableModel,
    folder: Path,
    workers: int,
    progress: Callable[[int, int], None],
) -> DrawnFaces:
    points = dense_points(model, config.encoder.points)
    faces = SyntheticFaces(SyntheticWorld(world), count, config.encoder.size, points=points)
    about = {"world": _plain(world), "size": config.encoder.size, "points": len(points), "model": model.sha256}
    return draw_faces(faces, folder, about, workers, progress)


def train_surface_encoder(config: KnownFacesConfig, model: MorphableModel, data: TrainingData, out: Path) -> Path:
    """Train the encoder in ``out``, going on where it was stopped; returns its weights' file."""
    encoder = _first_encoder(config, model, data.training)
    stage = KnownSurfaceStage(encoder, model, config.surface, config.encoder_engine.iterations)
    result = train(stage, data, config.encoder_engine, out, settings=_plain(config))
    return save_surface_encoder(out / "surface_encoder", _halved(encoder), model, _card(config, result.figures))


def train_segmenter(config: KnownFacesConfig, model: MorphableModel, data: TrainingData, out: Path) -> Path:
    """Train the segmenter; as :func:`train_surface_encoder`, of which it needs nothing."""
    segmenter = _first_segmenter(config)
    stage = KnownMaskStage(segmenter, config.encoder, model, config.masks, config.segmenter_engine.iterations)
    result = train(stage, data, config.segmenter_engine, out, settings=_plain(config))
    return save_segmenter(out / "segmenter", _halved(segmenter), _card(config, result.figures))


def _first_encoder(config: KnownFacesConfig, model: MorphableModel, faces: Dataset[FaceItem]) -> SurfaceEncoder:
    if config.encoder_start is not None and config.encoder_start != IMAGENET:
        return load_surface_encoder(config.encoder_start, model).train()
    encoder = SurfaceEncoder(config.encoder, _mean_points(faces, config.encoder.size))
    if config.encoder_start == IMAGENET:
        load_imagenet_weights(encoder.backbone, config.encoder.backbone)
    return encoder


def _first_segmenter(config: KnownFacesConfig) -> FaceSegmenter:
    if config.segmenter_start is not None and config.segmenter_start != IMAGENET:
        return load_segmenter(config.segmenter_start).train()
    segmenter = FaceSegmenter(config.segmenter)
    if config.segmenter_start == IMAGENET:
        segmenter.start_from_imagenet()
    return segmenter


def _mean_points(faces: Dataset[FaceItem], size: int) -> torch.Tensor:
    """``(K, 2)`` share of the side: where points lie on average."""
    count = len(faces)  # type: ignore[arg-type]
    chosen = range(0, count, max(1, count // 300))
    found = [faces[index].surface_points for index in chosen]
    mean = torch.stack([torch.from_numpy(points) for points in found if points is not None]).mean(0)
    return (mean - canvas_margin(size) + 0.5) / size


def _halved(network: Any) -> Any:
    """A copy in 16 bits, for the file; it is read into 32."""
    return copy.deepcopy(network).half()


def _card(config: KnownFacesConfig, figures: Any) -> dict[str, Any]:
    """What a network's file says of its making: first weights by what they are, not by where somebody has them."""
    named = replace(config, encoder_start=_named(config.encoder_start), segmenter_start=_named(config.segmenter_start))
    return {"recipe": _plain(named), "validation": dict(figures)}


def _named(start: str | None) -> str | None:
    if start is None or start == IMAGENET:
        return start
    file = Path(start)
    return f"{file.name}, sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}"


def _plain(config: Any) -> dict[str, Any]:
    """Plain JSON of a config."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [plain(each) for each in value]
        return str(value) if isinstance(value, Path) else value

    return plain(asdict(config))
