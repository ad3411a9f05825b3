"""Networks to files and back, and files that are refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from focusfit.errors import WeightsError
from focusfit.networks.coefficient_head import METRIC_SCALES
from focusfit.networks.encoder import EncoderConfig, FaceEncoder
from focusfit.networks.network_files import load_encoder, load_segmenter, save_encoder, save_segmenter
from focusfit.networks.segmenter import FaceSegmenter, SegmenterConfig

CONFIG = EncoderConfig("mobilenetv3_small_050", 64, METRIC_SCALES)


@pytest.fixture
def encoder_file(open_model, tmp_path):
    torch.manual_seed(0)
    encoder = FaceEncoder(CONFIG, open_model)
    torch.nn.init.normal_(encoder.head.linear.weight)
    encoder(torch.rand(4, 3, 64, 64))  # moves the batch statistics
    path = save_encoder(tmp_path / "encoder", encoder.eval(), {"iterations": 7})
    return path, encoder


def test_an_encoder_comes_back_the_same(encoder_file, open_model):
    path, encoder = encoder_file
    again = load_encoder(path, open_model)
    photos = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(again(photos).pack(), encoder(photos).pack(), rtol=0, atol=0)
    assert again.config == encoder.config
    assert not again.training
    record = json.loads(path.with_suffix(".json").read_text())
    assert record["about"] == {"iterations": 7}
    assert record["face_model"]["sha256"] == open_model.sha256
    assert sorted(p.name for p in path.parent.iterdir()) == ["encoder.json", "encoder.safetensors"]


def test_a_segmenter_comes_back_the_same(tmp_path):
    config = SegmenterConfig(encoder="resnet18", depth=3, decoder_widths=(32, 16, 8), backdrop="photo")
    segmenter = FaceSegmenter(config).eval()
    again = load_segmenter(save_segmenter(tmp_path / "segmenter.safetensors", segmenter))
    given = (torch.rand(1, 3, 32, 32), torch.rand(1, 3, 32, 32), torch.ones(1, 1, 32, 32))
    with torch.no_grad():
        torch.testing.assert_close(again(*given), segmenter(*given), rtol=0, atol=0)
    assert again.config == config


def test_the_same_weights_are_the_same_file(tmp_path):
    segmenter = FaceSegmenter(SegmenterConfig(encoder="resnet18", depth=3, decoder_widths=(32, 16, 8)))
    files = {save_segmenter(tmp_path / f"{k}.safetensors", segmenter).read_bytes() for k in range(6)}
    assert len(files) == 1


def test_another_face_model_is_refused(encoder_file, open_model):
    path, _ = encoder_file
    with pytest.raises(WeightsError, match="trained for the face model"):
        load_encoder(path, replace(open_model, sha256="0" * 64))
    with pytest.raises(WeightsError, match="80 identity"):
        load_encoder(path, open_model.truncate(40, 20, 30))


def test_another_kind_is_refused(encoder_file):
    with pytest.raises(WeightsError, match="kind 'encoder', not 'segmenter'"):
        load_segmenter(encoder_file[0])


def test_a_file_cut_off_is_refused(encoder_file, open_model):
    path, _ = encoder_file
    whole = path.read_bytes()
    for length in (0, 20, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(WeightsError, match="cut off"):
            load_encoder(path, open_model)
    path.unlink()
    with pytest.raises(WeightsError, match="cannot be read"):
        load_encoder(path, open_model)


def test_a_description_that_does_not_fit_is_refused(encoder_file, open_model):
    path, _ = encoder_file
    sidecar = path.with_suffix(".json")
    record = json.loads(sidecar.read_text())

    def refused(changes, match):
        sidecar.write_text(json.dumps(record | changes))
        with pytest.raises(WeightsError, match=match):
            load_encoder(path, open_model)

    refused({"config": record["config"] | {"backbone": "mobilenetv3_small_075"}}, "do not fit the network")
    refused({"config": record["config"] | {"colour": 1}}, "colour")
    refused({"schema_version": 99}, "version 99")
    refused({"schema": "other"}, "no network of focusfit")
    sidecar.write_text("{")
    with pytest.raises(WeightsError, match="no JSON"):
        load_encoder(path, open_model)
    sidecar.unlink()
    with pytest.raises(WeightsError, match="kept together"):
        load_encoder(path, open_model)


def test_writing_where_nothing_can_be_written_is_explained(open_model, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WeightsError, match="cannot be written"):
        save_encoder(tmp_path / "file" / "encoder", FaceEncoder(CONFIG, open_model))
