"""`focusfit export onnx`: the networks that ship, for other programs."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest
import torch

from focusfit.cli.main import main
from focusfit.facemodel import load
from focusfit.networks.onnx_export import ENCODED
from focusfit.networks.shipped import FOLDER, shipped_networks


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    out = tmp_path_factory.mktemp("exported") / "onnx"
    assert main(["export", "onnx", "--out", str(out)]) == 0
    return out


@pytest.mark.parametrize("batch", [1, 3])
def test_a_plain_session_answers_as_torch(batch, exported, open_model):
    networks = shipped_networks(open_model)
    rendering, photo = torch.rand(2, batch, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        encoded, logits = networks.encoder(photo), networks.segmenter(rendering, photo)
    told = onnxruntime.InferenceSession(exported / "surface_encoder.onnx").run(None, {"photo": photo.numpy()})
    for name, value in zip(ENCODED, told, strict=True):
        here = getattr(encoded, name).numpy()
        np.testing.assert_allclose(value, here, rtol=0, atol=1e-4 * max(1, np.abs(here).max()), err_msg=name)
    given = {"rendering": rendering.numpy(), "photo": photo.numpy()}
    [said] = onnxruntime.InferenceSession(exported / "segmenter.onnx").run(None, given)
    np.testing.assert_allclose(said, logits.numpy(), rtol=0, atol=1e-3)


def test_the_files_name_weights_and_licence(exported):
    for name in ("surface_encoder", "segmenter"):
        said = onnxruntime.InferenceSession(exported / f"{name}.onnx").get_modelmeta().custom_metadata_map
        assert said["weights_sha256"] == json.loads((FOLDER / f"{name}.json").read_text())["sha256"]
        assert said["licence"] == "Apache-2.0"


def test_networks_of_a_folder_are_exported_too(exported, tmp_path, capsys):
    assert main(["export", "onnx", "--out", str(tmp_path), "--networks", str(FOLDER)]) == 0
    assert capsys.readouterr().out.split() == [
        str(tmp_path / name) for name in ("surface_encoder.onnx", "segmenter.onnx")
    ]
    said = onnxruntime.InferenceSession(tmp_path / "segmenter.onnx").get_modelmeta().custom_metadata_map
    assert said["licence"] == "not stated"


def test_nothing_is_written_without_networks(tmp_path, capsys, monkeypatch, open_model):
    out = tmp_path / "out"
    assert main(["export", "onnx", "--out", str(out), "--networks", str(tmp_path)]) == 2
    assert f"focusfit: {tmp_path / 'surface_encoder.json'}: cannot be read" in capsys.readouterr().err
    monkeypatch.setattr(load, "load_face_model", lambda _: replace(open_model, name="another", sha256="0"))
    assert main(["export", "onnx", "--out", str(out)]) == 2
    assert "no networks ship for another" in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_that_cannot_be_made_is_explained(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["export", "onnx", "--out", str(tmp_path / "file" / "onnx")]) == 2
    assert "Not a directory" in capsys.readouterr().err
