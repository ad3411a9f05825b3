"""The training demo and adaptation from photos to table, in miniature."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(script: str, *arguments: str) -> str:
    command = [sys.executable, str(ROOT / "benchmarks" / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
def test_every_method_is_scored_on_every_photo_and_the_last_one_compared(tmp_path, detector_files):
    out = tmp_path / "demo"
    said = run("train_demo.py", "--out", str(out), "--count", "24", "--held-out", "8", "--iterations-scale", "0.005")
    assert "step4_joint_em.py" in said
    assert (out / "contact_sheet.png").is_file()
    rows = [line for line in (out / "table.md").read_text().splitlines() if line.startswith("|")]
    methods = ("mean face", "step 1, explained pixels", "step 2, labels", "step 3", "step 4", "per-photo EM")
    assert [sum(row.startswith(f"| {method} |") for row in rows) for method in methods] == [2, 2, 2, 2, 1, 2]
    with np.load(out / "scores.npz") as scores:
        assert all(len(scores[name]) == 8 for name in scores.files)
        assert np.isfinite(scores["per-photo EM/shape_mm"]).all()
        assert np.isfinite(scores["step 4/mask_accuracy"]).all()
        # what is scored as occluded is what has an occluder to be found, but for photos at the limit
        found = np.isfinite(scores["per-photo EM/occluder_iou"])
        assert (found == scores["occluded"]).mean() >= 0.75


@pytest.mark.slow
def test_adaptation_is_scored_on_photos_of_its_kind(tmp_path, detector_files):
    few = ("--count", "24", "--photos", "24", "--held-out", "8", "--iterations-scale", "0.005")
    said = run("adaptation.py", "--out", str(tmp_path), "--kind", "snapshots", *few)
    rows = [line for line in said.splitlines() if line.startswith("|")]
    methods = ("not adapted", "encoder alone adapted", "adapted")
    assert [sum(row.startswith(f"| {method} |") for row in rows) for method in methods] == [2, 2, 1]
    assert (tmp_path / "snapshots_sheet.png").is_file()
    with np.load(tmp_path / "snapshots_scores.npz") as scores:
        assert scores["occluded"].mean() >= 0.75
        assert np.isfinite(scores["adapted/shape_mm"]).all()
    kind = json.loads((tmp_path / "snapshots" / "synthesis.json").read_text())["config"]
    plain = json.loads((tmp_path / "plain" / "photos" / "synthesis.json").read_text())["config"]
    assert not set(kind["occluders"]) & set(plain["occluders"])
