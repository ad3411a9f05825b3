"""`focusfit reconstruct --runtime`."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from focusfit.cli.main import main
from focusfit.facemodel import load


def test_both_runtimes_reconstruct_the_same_face(astronaut_file, tmp_path, own_onnx_cache, detector_files):
    found = {}
    for runtime in ("torch", "onnx"):
        out = tmp_path / runtime
        words = [str(astronaut_file), "--out", str(out), "--refine", "0", "--runtime", runtime]
        assert main(["reconstruct", *words]) == 0
        with np.load(out / "astronaut" / "coefficients.npz") as file:
            found[runtime] = {name: file[name] for name in file.files if name != "description"}
    for name, value in found["torch"].items():
        np.testing.assert_allclose(found["onnx"][name], value, rtol=1e-5, atol=1e-4, err_msg=name)
    record = json.loads((tmp_path / "onnx" / "astronaut" / "coefficients.json").read_text())
    assert record["provenance"]["networks"]["runtime"].startswith("onnxruntime ")
    assert len(list((own_onnx_cache / "onnx").glob("*.onnx"))) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--runtime abacus", "--runtime is 'abacus'. Give torch or onnx."),
        ("--runtime onnx --networks none", "--networks none leaves --runtime onnx nothing to run"),
        ("--runtime onnx --device cuda", "--runtime onnx runs on the CPU, not on --device 'cuda'"),
    ],
)
def test_what_cannot_be_run_is_explained(words, says, astronaut_file, tmp_path, capsys):
    assert main(["reconstruct", str(astronaut_file), "--out", str(tmp_path / "out"), *words.split()]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_face_model_without_networks_has_nothing_to_run(
    astronaut_file, tmp_path, capsys, monkeypatch, open_model, detector_files
):
    monkeypatch.setattr(load, "load_face_model", lambda _: replace(open_model, name="another", sha256="0"))
    words = [str(astronaut_file), "--out", str(tmp_path / "out"), "--runtime", "onnx"]
    assert main(["reconstruct", *words]) == 2
    assert "no networks ship for another: --runtime onnx has nothing to run" in capsys.readouterr().err
