"""Iterations recorded as CUDA graphs; needs a GPU."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from focusfit.data.synthetic import SyntheticConfig
from focusfit.facemodel.morphable import MorphableModel
from focusfit.networks.surface_encoder import SurfaceEncoderConfig
from focusfit.training.engine import EngineConfig
from focusfit.training.known_faces import KnownFacesConfig, known_faces, train_surface_encoder

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def test_recorded_iterations_train_as_others_do(open_model: MorphableModel, tmp_path: Path) -> None:
    engine = EngineConfig(iterations=12, batch_size=4, workers=0, pictures=0, log_every=1, checkpoint_every=100)
    config = KnownFacesConfig(
        faces=20,
        world=SyntheticConfig(size=64, seed=5, texture_size=128),
        encoder=SurfaceEncoderConfig(backbone="resnet10t", size=32, points=80),
        encoder_start=None,
    )
    data = known_faces(config, open_model, tmp_path / "faces", workers=1)
    logs = []
    for captured in (True, False):
        torch.manual_seed(0)
        out = tmp_path / str(captured)
        run = replace(config, encoder_engine=replace(engine, captured=captured))
        train_surface_encoder(run, open_model, data, out)
        rows = (out / "losses_encoder.csv").read_text().splitlines()
        column = rows[0].split(",").index("total")
        logs.append([float(row.split(",")[column]) for row in rows[1:]])
    assert logs[0] == pytest.approx(logs[1], rel=0.02)
