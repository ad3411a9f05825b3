"""A file laid out like the Basel Face Model goes through every command that takes a face model."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from focusfit.cli.main import main
from focusfit.facemodel.bfm_file import FOLDER


@pytest.fixture(params=["basel_full", "basel_face12"])
def basel(request, tmp_path, monkeypatch):
    """The file in ``basel_3DMM/`` of the folder that the program runs in, as its README there says."""
    original = request.getfixturevalue(request.param)
    path = tmp_path / FOLDER / original.name
    path.parent.mkdir()
    path.symlink_to(original)
    monkeypatch.chdir(tmp_path)
    return path


def test_doctor_info_sheet_and_reconstruct(basel, astronaut_file, detector_files, capsys):
    main(["doctor"])
    assert basel.name in capsys.readouterr().out
    assert main(["model", "info", str(basel)]) == 0
    info = capsys.readouterr().out
    assert "80 identity, 64 expression, 80 albedo" in info
    assert "bfm2017" in info
    assert main(["model", "sheet", str(basel), "--out", "sheet.png"]) == 0
    assert np.asarray(Image.open("sheet.png")).std() > 20
    assert main(["reconstruct", str(astronaut_file), "--out", "out", "--model", str(basel)]) == 0
    [folder] = basel.parents[1].glob("out/astronaut")
    face = json.loads((folder / "coefficients.json").read_text())
    assert "bfm2017" in json.dumps(face)
    mask = np.asarray(Image.open(folder / "mask.png")) > 127
    rows, columns = np.nonzero(mask)
    assert 190 < columns.mean() < 260
    assert 90 < rows.mean() < 190
    assert 4000 < mask.sum() < 16000


def test_a_wrong_basel_file_ends_with_2_and_one_line(tmp_path, capsys, astronaut_file):
    path = tmp_path / "model2017-1_bfm_nomouth.h5"
    path.write_text("<html>please log in</html>")
    asked = (["model", "info", str(path)], ["reconstruct", str(astronaut_file), "--out", "x", "--model", str(path)])
    for words in asked:
        assert main(words) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert str(path) in error
        assert "faces.dmi.unibas.ch" in error
