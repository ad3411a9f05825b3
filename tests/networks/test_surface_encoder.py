from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from focusfit.errors import WeightsError
from focusfit.facemodel.morphable import AMBIENT, MorphableModel
from focusfit.networks.shipped import load_surface_encoder, networks_in, save_surface_encoder, shipped_networks
from focusfit.networks.surface_encoder import START_SIGMA, EncodedFace, SurfaceEncoder, SurfaceEncoderConfig

SMALL = SurfaceEncoderConfig(backbone="resnet10t", size=32, points=70, identity=3, expression=2, albedo=1)


def test_an_untrained_encoder_says_the_mean_face_whatever_it_sees() -> None:
    start = torch.rand(70, 2)
    encoder = SurfaceEncoder(SMALL, start).eval()
    told = encoder(torch.rand(2, 3, 32, 32))
    torch.testing.assert_close(told.points, (32 * start - 0.5).expand(2, -1, -1))
    torch.testing.assert_close(told.sigma, torch.full((2, 70), 32 * START_SIGMA))
    assert torch.equal(told.identity, torch.zeros(2, 3))
    assert torch.equal(told.light[:, :, 0], torch.full((2, 3), AMBIENT))


def test_points_are_relative_to_the_view() -> None:
    encoder = SurfaceEncoder(SMALL, torch.full((70, 2), 0.5)).eval()
    assert encoder(torch.rand(1, 3, 64, 64)).points.unique().item() == 31.5  # the middle of 64 pixels


def test_a_file_gives_the_same_network(open_model: MorphableModel, tmp_path: Path) -> None:
    encoder = SurfaceEncoder(SMALL, torch.rand(70, 2)).eval()
    torch.nn.init.normal_(encoder.head.weight, std=0.01)
    path = save_surface_encoder(tmp_path / "encoder", encoder, open_model)
    photo = torch.rand(1, 3, 32, 32)
    again = load_surface_encoder(path, open_model)
    assert torch.equal(again(photo).points, encoder(photo).points)


def test_a_file_for_another_face_model_is_refused(open_model: MorphableModel, tmp_path: Path) -> None:
    path = save_surface_encoder(tmp_path / "encoder", SurfaceEncoder(SMALL, torch.rand(70, 2)), open_model)
    record = json.loads(path.with_suffix(".json").read_text())
    record["face_model"] = {"name": "another", "sha256": "0"}
    path.with_suffix(".json").write_text(json.dumps(record))
    with pytest.raises(WeightsError, match="face model another"):
        load_surface_encoder(path, open_model)


def test_a_face_model_without_networks_has_none(open_model: MorphableModel) -> None:
    assert shipped_networks(replace(open_model, sha256="0")) is None


def test_a_folder_without_networks_is_named(open_model: MorphableModel, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="surface_encoder"):
        networks_in(tmp_path, open_model)


def test_batches_are_taken_apart_and_joined() -> None:
    encoder = SurfaceEncoder(SMALL, torch.rand(70, 2)).eval()
    told = encoder(torch.rand(3, 3, 32, 32))
    joined = EncodedFace.stack([told[row] for row in (2, 0)])
    assert torch.equal(joined.light, told.light[[2, 0]])
    moved = joined.moved(joined.points + 1, 2 * joined.sigma)
    assert torch.equal(moved.points, told.points[[2, 0]] + 1)
    assert torch.equal(moved.identity, joined.identity)
