"""No stage makes the host wait for a GPU in the middle of an iteration, nor mixes devices up."""

from __future__ import annotations

import pytest
import torch

from focusfit.data.face_batch import FaceBatch, collate
from focusfit.data.synthetic import SyntheticConfig, SyntheticWorld
from focusfit.data.synthetic.dataset import SyntheticFaces
from focusfit.facemodel.dense_points import dense_points
from focusfit.facemodel.morphable import MorphableModel
from focusfit.networks.encoder import FaceEncoder
from focusfit.networks.segmenter import FaceSegmenter, SegmenterConfig
from focusfit.networks.surface_encoder import SurfaceEncoder, SurfaceEncoderConfig
from focusfit.training.resolve import resolve
from focusfit.training.stage import Stage
from focusfit.training.stages.autoencoder import AutoencoderStage
from focusfit.training.stages.joint_em import JointStage
from focusfit.training.stages.known_mask import KnownMaskConfig, KnownMaskStage
from focusfit.training.stages.known_surface import KnownSurfaceConfig, KnownSurfaceStage
from focusfit.training.steps.request import term_context, used_model
from focusfit.training.weights import weights_of_encoder, weights_of_segmenter
from tests.training.pretended_gpu import waits_of

SIZE = 64
POINTS = 80
SEGMENTER = SegmenterConfig(encoder="resnet18", depth=3, decoder_widths=(16, 8, 8))


@pytest.fixture(scope="module")
def batch(open_model: MorphableModel) -> FaceBatch:
    """Two synthetic faces, of which everything is known."""
    world = SyntheticWorld(SyntheticConfig(size=96, seed=5, texture_size=128))
    faces = SyntheticFaces(world, 2, SIZE, points=dense_points(open_model, POINTS))
    return collate([faces[0], faces[1]])


def known_surface(model: MorphableModel) -> Stage:
    encoder = SurfaceEncoder(SurfaceEncoderConfig("resnet10t", SIZE, POINTS), torch.zeros(POINTS, 2))
    return KnownSurfaceStage(encoder, model, KnownSurfaceConfig(), 10)


def known_mask(model: MorphableModel) -> Stage:
    sizes = SurfaceEncoderConfig("resnet10t", SIZE, POINTS)
    return KnownMaskStage(FaceSegmenter(SEGMENTER), sizes, model, KnownMaskConfig(), 10)


@pytest.mark.parametrize("make", [known_surface, known_mask])
def test_stages_of_known_faces(make, open_model: MorphableModel, batch: FaceBatch) -> None:
    assert not waits_of(make(open_model), batch, 0)


TURNS = [("step1", "encoder"), ("step4", "encoder"), ("step4", "segmenter"), ("adapt", "encoder")]
"""Of both presets; the paper's adaptation leaves the segmenter as it is."""


@pytest.mark.parametrize(
    ("preset", "step", "learns"),
    [(preset, *turn) for preset in ("focusfit", "paper") for turn in TURNS] + [("focusfit", "adapt", "segmenter")],
)
def test_stages_of_photos(preset: str, step: str, learns: str, batch: FaceBatch) -> None:
    changes = ["data.synthetic_share=0.0", "networks.encoder.backbone=resnet10t", f"networks.encoder.size={SIZE}"]
    config = resolve(preset, None, changes)
    used = used_model(None, config.networks)
    encoder = FaceEncoder(config.networks.encoder, used.model)
    if step == "step1":
        context = term_context(used, config, weights_of_encoder(config.step1.weights), ())
        stage: Stage = AutoencoderStage(encoder, context, config.step1, config.data, 10)
    else:
        both = getattr(config, step)
        weights = {**weights_of_encoder(both.weights), **weights_of_segmenter(both.weights)}
        context = term_context(used, config, weights, ())
        stage = JointStage(encoder, FaceSegmenter(SEGMENTER), context, both, config.data, 10)
    iteration = next(k for k in range(10_000) if stage.trained_at(k) == learns)
    assert not waits_of(stage, batch, iteration)
