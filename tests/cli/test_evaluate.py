"""`focusfit evaluate` and `focusfit export now` as a user calls them."""

from __future__ import annotations

import csv
import json
import math

import numpy as np
import pytest
from PIL import Image

from focusfit.cli.main import main
from tests.evaluation.scans import write_predictions, write_truth
from tests.evaluation.test_truth import write_now


@pytest.fixture
def folders(tmp_path):
    truth = write_truth(tmp_path / "truth")
    good, bad = write_predictions(tmp_path / "good"), write_predictions(tmp_path / "bad", shift=2)
    return {"truth": str(truth), "good": str(good), "bad": str(bad), "out": str(tmp_path / "out")}


KINDS = {"masks": "mask_accuracy", "shape": "shape_median_mm", "landmarks": "nme68"}


@pytest.mark.parametrize("kind", KINDS)
def test_one_method(folders, kind, capsys, tmp_path):
    words = ["evaluate", kind, "--truth", folders["truth"], "--pred", folders["good"], "--out", folders["out"]]
    assert main([*words, "--draws", "20"]) == 0
    printed = capsys.readouterr().out
    stored = json.loads((tmp_path / "out" / f"{kind}.json").read_text())
    assert stored["method"] == "good"
    for key, definition in stored["definitions"].items():
        assert key in stored
        assert key in printed
        assert " ".join(definition.split()[:2]) in printed
    low, high = stored["intervals"][KINDS[kind]]
    assert low <= stored[KINDS[kind]] <= high
    assert stored["groups"]["occluder:hand"]["photos"] == 2
    with (tmp_path / "out" / f"{kind}.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert [row["photo"] for row in rows] == [f"000{k}.jpg" for k in range(6)]
    assert all(row["found"] == "yes" and math.isfinite(float(row[KINDS[kind]])) for row in rows)
    with Image.open(tmp_path / "out" / f"{kind}.png") as picture:
        assert picture.size == (900, 640)
        assert len(picture.getcolors(1 << 20)) > 50


@pytest.mark.parametrize("kind", KINDS)
def test_side_by_side(folders, kind, capsys, tmp_path):
    words = ["evaluate", kind, "--truth", folders["truth"], "--compare", folders["good"], folders["bad"]]
    assert main([*words, "--out", folders["out"], "--draws", "20"]) == 0
    stored = json.loads((tmp_path / "out" / f"{kind}.json").read_text())
    good, bad = stored["methods"]["good"], stored["methods"]["bad"]
    key = KINDS[kind]
    difference = bad["differences"][key]
    assert difference["value"] == pytest.approx(bad[key] - good[key])
    assert difference["interval"][0] <= difference["value"] <= difference["interval"][1]
    assert "differences" not in good
    assert set(stored["curves"]) == {"good", "bad"}
    assert f"{bad[key]:.4f}" in capsys.readouterr().out
    assert len((tmp_path / "out" / f"{kind}.csv").read_text().splitlines()) == 13


def test_same_seed_same_files(folders, tmp_path):
    for out in ("a", "b"):
        words = [
            "evaluate",
            "masks",
            "--truth",
            folders["truth"],
            "--pred",
            folders["bad"],
            "--out",
            str(tmp_path / out),
        ]
        assert main([*words, "--draws", "20", "--seed", "3"]) == 0
    for suffix in ("json", "csv", "png"):
        assert (tmp_path / "a" / f"masks.{suffix}").read_bytes() == (tmp_path / "b" / f"masks.{suffix}").read_bytes()


def test_methods_whose_folders_bear_the_same_name(folders, tmp_path):
    other = write_predictions(tmp_path / "other" / "good")
    words = ["evaluate", "masks", "--truth", folders["truth"], "--compare", folders["good"], str(other), "--draws", "0"]
    assert main([*words, "--out", folders["out"]]) == 0
    stored = json.loads((tmp_path / "out" / "masks.json").read_text())
    assert [name.endswith("/good") for name in stored["methods"]] == [True, True]


def test_a_missing_prediction_shows_in_the_exit_code(folders, tmp_path):
    (tmp_path / "good" / "0002" / "mask.png").unlink()
    assert main(["evaluate", "masks", "--truth", folders["truth"], "--pred", folders["good"], "--draws", "0"]) == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--truth", "{truth}"], "no results to evaluate"),
        (["--truth", "{out}", "--pred", "{good}"], "is not a folder"),
        (["--truth", "{truth}", "--pred", "{out}"], "is not a folder"),
        (["--truth", "{good}", "--pred", "{good}"], "no ground truth in a known layout"),
        (["--truth", "{truth}", "--pred", "{good}", "--draws", "-1"], "--draws is -1"),
        (["--truth", "{truth}", "--compare", "{good}", "{good}"], "named twice"),
    ],
)
def test_mistakes_are_one_line_and_2(folders, words, reason, capsys):
    assert main(["evaluate", "masks", *(word.format(**folders) for word in words)]) == 2
    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1


def test_identity(folders, tmp_path, capsys):
    names = "".join(f"000{k}.jpg,person{k // 2}\n" for k in range(6))
    (tmp_path / "truth" / "people.csv").write_text("file,person\n" + names)
    words = ["evaluate", "identity", "--truth", folders["truth"], "--pred", folders["good"], "--out", folders["out"]]
    assert main([*words, "--draws", "20"]) == 0
    stored = json.loads((tmp_path / "out" / "identity.json").read_text())
    assert stored["identity_stability"] == 1
    assert stored["expression_leak"] is None
    assert "angle_smallest, degrees" in capsys.readouterr().out


def test_celebamask(tmp_path, capsys):
    for name in ("labels", "photos"):
        (tmp_path / name).mkdir()
    Image.fromarray(np.eye(4, dtype=np.uint8)).save(tmp_path / "labels" / "0.png")
    Image.new("RGB", (4, 4)).save(tmp_path / "photos" / "0.jpg")
    words = ["--labels", str(tmp_path / "labels"), "--photos", str(tmp_path / "photos"), "--out", str(tmp_path / "out")]
    assert main(["evaluate", "celebamask", *words]) == 0
    assert capsys.readouterr().out == f"1 masks in {tmp_path / 'out'}\n"
    with Image.open(tmp_path / "out" / "0_visible_skin_mask.png") as mask:
        assert (np.asarray(mask) == 255 * np.eye(4)).all()


def test_now_submission_of_the_true_faces_has_no_error(tmp_path, capsys):
    """Reconstructions that are the scans: exported, and scored as anybody's submission."""
    truth = tmp_path / "now"
    write_now(truth)
    pred = write_predictions(tmp_path / "pred")
    (pred / "manifest.csv").write_text(
        "photo,face,folder,status,reason\nx/FaMoS_1/multiview_neutral/IMG_1.jpg,1,0000,ok,\n"
        "x/FaMoS_1/multiview_occlusions/IMG_1.jpg,0,,failed,no face was found\n"
    )
    stale = pred / "FaMoS_1" / "multiview_occlusions" / "IMG_1"  # of an earlier run
    stale.parent.mkdir(parents=True)
    (pred / "0001").rename(stale)
    words = ["--pred", str(pred), "--photos", str(truth / "imagepathsvalidation.txt"), "--out", str(tmp_path / "sub")]
    assert main(["export", "now", *words]) == 1  # one of two photos has no reconstruction
    captured = capsys.readouterr()
    assert "1 of 2 meshes" in captured.out
    assert "FaMoS_1/multiview_occlusions/IMG_1.jpg: no reconstruction" in captured.err
    assert sorted(path.name for path in (tmp_path / "sub").rglob("*.*")) == ["IMG_1.obj", "IMG_1.txt"]
    words = [
        "evaluate",
        "shape",
        "--truth",
        str(truth),
        "--pred",
        str(tmp_path / "sub"),
        "--out",
        str(tmp_path / "out"),
    ]
    assert main([*words, "--draws", "0"]) == 1
    stored = json.loads((tmp_path / "out" / "shape.json").read_text())
    assert (stored["photos"], stored["missing"]) == (2, 1)
    assert stored["shape_median_mm"] < 1e-3
    assert stored["groups"]["multiview_neutral"]["missing"] == 0
