"""Networks as ONNX files that any program can run."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

import focusfit
from focusfit.errors import BackendError, WeightsError
from focusfit.networks import onnx_graph
from focusfit.networks.onnx_export import ENCODED, export_networks, onnx_sources
from focusfit.networks.onnx_graph import AGREEMENT, disagreement, onnx_content
from focusfit.networks.shipped import ENCODER_FILE, TrainedNetworks

from .small_networks import SIDE, small_networks


@pytest.fixture(scope="module")
def networks(open_model) -> TrainedNetworks:
    return small_networks(open_model)


@pytest.fixture(scope="module")
def files(networks, open_model, tmp_path_factory) -> list[Path]:
    return export_networks(networks, open_model, tmp_path_factory.mktemp("onnx") / "new" / "folder")


@pytest.fixture(scope="module")
def sessions(files) -> list[onnxruntime.InferenceSession]:
    return [onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"]) for file in files]


def test_there_are_two_files_and_nothing_else(files):
    assert [file.name for file in files] == ["surface_encoder.onnx", "segmenter.onnx"]
    assert sorted(files) == sorted(files[0].parent.iterdir())


@pytest.mark.parametrize("batch", [1, 3])
def test_any_session_answers_as_torch_for_any_batch(batch, networks, sessions):
    rendering, photo = torch.rand(2, batch, 3, SIDE, SIDE)
    with torch.no_grad():
        encoded, logits = networks.encoder(photo), networks.segmenter(rendering, photo)
    told = dict(zip(ENCODED, sessions[0].run(None, {"photo": photo.numpy()}), strict=True))
    for name, value in told.items():
        np.testing.assert_allclose(value, getattr(encoded, name).numpy(), atol=1e-4, err_msg=name)
    [said] = sessions[1].run(None, {"rendering": rendering.numpy(), "photo": photo.numpy()})
    np.testing.assert_allclose(said, logits.numpy(), atol=1e-4)


def test_names_and_shapes_are_what_the_help_says(sessions):
    given = [{each.name: each.shape for each in session.get_inputs()} for session in sessions]
    told = [{each.name: each.shape[0] for each in session.get_outputs()} for session in sessions]
    picture = ["batch", 3, SIDE, SIDE]
    assert given == [{"photo": picture}, {"rendering": picture, "photo": picture}]
    assert list(told[0]) == ["points", "sigma", "identity", "expression", "albedo", "light"]
    assert list(told[1]) == ["logits"]
    assert {*told[0].values(), *told[1].values()} == {"batch"}


def test_the_files_say_what_they_are(networks, open_model, sessions):
    for session, network in zip(sessions, (networks.encoder, networks.segmenter), strict=True):
        said = session.get_modelmeta().custom_metadata_map
        assert said["focusfit_version"] == focusfit.__version__
        assert said["face_model"] == open_model.name
        assert said["face_model_sha256"] == open_model.sha256
        assert json.loads(said["config"]) == json.loads(json.dumps(asdict(network.config)))
        assert said["weights_sha256"] == networks.about[ENCODER_FILE]
        assert said["licence"] == "CC0-1.0"


def test_an_answer_that_differs_is_seen_and_refused(networks, open_model, monkeypatch):
    source = onnx_sources(networks, open_model)[0]
    content = onnx_content(source)
    assert disagreement(source, content) < AGREEMENT
    torch.manual_seed(1)
    other = small_networks(open_model)
    torch.nn.init.normal_(other.encoder.head.weight, std=0.01)
    assert disagreement(onnx_sources(other, open_model)[0], content) > 10 * AGREEMENT
    for off in (2e-4, float("nan")):
        monkeypatch.setattr(onnx_graph, "disagreement", lambda *_, off=off: off)
        with pytest.raises(BackendError, match="surface_encoder in onnxruntime is"):
            onnx_content(source)


def test_a_segmenter_that_needs_the_region_is_refused(open_model):
    with pytest.raises(WeightsError, match="rendering over the photo"):
        onnx_sources(small_networks(open_model, backdrop="photo"), open_model)


def test_networks_of_no_file_are_refused(networks, open_model):
    with pytest.raises(WeightsError, match="come from no file"):
        onnx_sources(replace(networks, about={}), open_model)
