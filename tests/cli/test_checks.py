"""Mistakes that several commands could make a traceback of, told before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from focusfit.cli import checks
from focusfit.cli.main import main
from focusfit.errors import FocusfitError
from tests.evaluation.scans import write_predictions, write_truth


@pytest.mark.parametrize(
    "words",
    [
        "reconstruct photo.jpg --out out",
        "gallery photo.jpg",
        "adapt photo.jpg --out out",
        "demo",
        "train test --img_path photos",
        "train networks --out out",
    ],
)
def test_nobody_to_do_the_work(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*words.split(), "--workers", "0"]) == 2
    assert capsys.readouterr().err == "focusfit: --workers is 0. Give 1 or more.\n"
    assert not any(tmp_path.iterdir())


def test_a_seed_below_zero_of_an_evaluation(tmp_path, capsys):
    truth, predicted = write_truth(tmp_path / "truth"), write_predictions(tmp_path / "predicted")
    assert main(["evaluate", "masks", "--truth", str(truth), "--pred", str(predicted), "--seed", "-1"]) == 2
    captured = capsys.readouterr()
    assert "--seed is -1. Give 0 or more." in captured.err
    assert not captured.out


@pytest.mark.parametrize("words", ["model sheet --out sheet.png", "model build --out new/m.npz", "misfit estimate"])
def test_a_seed_below_zero_of_what_is_made(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*words.split(), "--seed", "-1"]) == 2
    assert "--seed is -1" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["sheet", "sheet.txt", "folder.png"])
def test_a_picture_is_a_png(name, tmp_path):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(FocusfitError, match="not the name of a picture"):
        checks.require_png(tmp_path / name)
    checks.require_png(Path("new") / "sheet.PNG")
