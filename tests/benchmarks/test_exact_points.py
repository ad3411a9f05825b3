"""What better points would be worth, on a few synthetic photos."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from focusfit.cli.main import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_every_way_is_fitted_and_scored(tmp_path: Path, detector_files: None) -> None:
    truth, out = tmp_path / "synthetic", tmp_path / "out"
    assert main(["synthesize", "--count", "3", "--seed", "5", "--out", str(truth)]) == 0
    script = str(ROOT / "benchmarks" / "exact_points.py")
    command = [sys.executable, script, str(truth / "Dataset"), "--out", str(out), "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "3 of 3 photos show a face" in done.stdout
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    names = [row[0].removeprefix("| ") for row in rows]
    assert names == [
        "points",
        "detected points",
        "mean face",
        "true 68",
        "true 68, noise",
        "visible 51",
        "visible 51, noise",
    ]
    medians = {name: float(row[1].rstrip(" |")) for name, row in zip(names[1:], rows[1:], strict=True)}
    assert len(set(medians.values())) == 6  # six different fits
    assert all(np.isfinite(value) for value in medians.values())
    assert medians["true 68"] < medians["mean face"]
