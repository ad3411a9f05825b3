"""The networks that come with the package, from synthetic faces alone: one function each, and what they share."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from ..data.drawn_faces import DrawnFaces, draw_faces
from ..data.face_batch import canvas_margin, collate
from ..data.synthetic import SyntheticConfig, SyntheticWorld
from ..data.synthetic.dataset import SyntheticFaces
from ..facemodel.dense_points import dense_points
from ..facemodel.morphable import MorphableModel
from ..networks.network_files import save_segmenter
from ..networks.segmenter import FaceSegmenter, SegmenterConfig
from ..networks.shipped import load_surface_encoder, save_surface_encoder
from ..networks.surface_encoder import SurfaceEncoder, SurfaceEncoderConfig
from .engine import EngineConfig, TrainingData, train
from .stages.known_mask import KnownMaskConfig, KnownMaskStage
from .stages.known_surface import KnownSurfaceConfig, KnownSurfaceStage

VALIDATION = 300
"""Faces that are kept apart."""


@dataclass(frozen=True)
class KnownFacesConfig:
    """Everything that decides the two networks.

    Attributes:
        faces: synthetic faces, the validation's included.
        world: what they look like.
        encoder: the surface encoder.
        segmenter: the segmenter; it sees photos of the encoder's size.
        surface: how the encoder is taught.
        masks: how the segmenter is taught.
        engine: of both trainings.
    """

    faces: int = 12_000
    world: SyntheticConfig = field(default_factory=lambda: SyntheticConfig(size=192, seed=2, occluded_fraction=0.6))
    encoder: SurfaceEncoderConfig = field(default_factory=SurfaceEncoderConfig)
    segmenter: SegmenterConfig = field(
        default_factory=lambda: SegmenterConfig(encoder="resnet18", depth=4, decoder_widths=(64, 32, 16, 8))
    )
    surface: KnownSurfaceConfig = field(default_factory=KnownSurfaceConfig)
    masks: KnownMaskConfig = field(default_factory=KnownMaskConfig)
    engine: EngineConfig = field(
        default_factory=lambda: EngineConfig(
            iterations=3000, batch_size=32, workers=0, precision="bf16-mixed", ema=0.998, clip=5.0,
            validate_every=250, checkpoint_every=250, pictures_every=500, log_every=25,
        )
    )  # fmt: skip


def known_faces(
    config: KnownFacesConfig,
    model: MorphableModel,
    folder: Path,
    workers: int = 2,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> TrainingData:
    """Draw the faces into ``folder``, or find them there; the last ones are for validation."""
    points = dense_points(model, config.encoder.points)
    faces = SyntheticFaces(SyntheticWorld(config.world), config.faces, config.encoder.size, points=points)
    about = {"world": _plain(config.world), "size": config.encoder.size, "points": len(points), "model": model.sha256}
    training, validation = draw_faces(faces, folder, about, workers, progress).split(min(VALIDATION, config.faces // 5))
    return TrainingData(training, validation, collate)


def train_surface_encoder(config: KnownFacesConfig, model: MorphableModel, data: TrainingData, out: Path) -> Path:
    """Train the encoder in ``out``, going on where it was stopped; returns its weights' file."""
    start = _mean_points(data.training, config.encoder.size)  # type: ignore[arg-type]
    encoder = SurfaceEncoder(config.encoder, start)
    stage = KnownSurfaceStage(encoder, config.surface, config.engine.iterations)
    result = train(stage, data, config.engine, out, settings=_plain(config))
    return save_surface_encoder(out / "surface_encoder", _halved(encoder), model, _card(config, result.figures))


def train_segmenter(
    config: KnownFacesConfig, model: MorphableModel, data: TrainingData, encoder_file: Path, out: Path
) -> Path:
    """Train the segmenter over the fits of a trained encoder; as :func:`train_surface_encoder`."""
    encoder = load_surface_encoder(encoder_file, model)
    segmenter = FaceSegmenter(config.segmenter)
    points = dense_points(model, encoder.config.points)
    stage = KnownMaskStage(segmenter, encoder, points, model, config.masks, config.engine.iterations)
    result = train(stage, data, config.engine, out, settings=_plain(config))
    return save_segmenter(out / "segmenter", _halved(segmenter), _card(config, result.figures))


def _mean_points(faces: DrawnFaces, size: int) -> torch.Tensor:
    """``(K, 2)`` share of the side: where points lie on average."""
    chosen = range(0, len(faces), max(1, len(faces) // 300))
    found = [faces[index].surface_points for index in chosen]
    mean = torch.stack([torch.from_numpy(points) for points in found if points is not None]).mean(0)
    return (mean - canvas_margin(size) + 0.5) / size


def _halved(network: Any) -> Any:
    """A copy in 16 bits, for the file; it is read into 32."""
    return copy.deepcopy(network).half()


def _card(config: KnownFacesConfig, figures: Any) -> dict[str, Any]:
    return {"recipe": _plain(config), "validation": dict(figures)}


def _plain(config: Any) -> dict[str, Any]:
    """Plain JSON of a config."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [plain(each) for each in value]
        return str(value) if isinstance(value, Path) else value

    return plain(asdict(config))
