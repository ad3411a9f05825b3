"""Which detector `focusfit reconstruct` uses."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from focusfit.cli.main import main


def manifest(out: Path) -> list[dict[str, str]]:
    with (out / "manifest.csv").open() as lines:
        return list(csv.DictReader(lines))


def test_five_points_are_enough(astronaut_file: Path, detector_files: None, tmp_path: Path) -> None:
    assert main(["reconstruct", str(astronaut_file), "--out", str(tmp_path), "--detector", "yunet"]) == 0
    [row] = manifest(tmp_path)
    assert row["status"] == "ok"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--detector", "mtcnn"], "Known detectors: yunet-facemesh, yunet"),
        (["--detector", "yunet", "--landmarks", "points.csv"], "--landmarks leaves nothing to --detector"),
    ],
)
def test_mistakes_are_named(
    options: list[str], said: str, astronaut_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reconstruct", str(astronaut_file), "--out", str(tmp_path / "out"), *options]) == 2
    assert said in capsys.readouterr().err
