"""Whole evaluations of predictions whose figures one knows: perfect, inverted, shifted, missing, unreadable."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from focusfit.errors import FocusfitError
from focusfit.evaluation.identity_evaluation import evaluate_identity
from focusfit.evaluation.landmark_evaluation import evaluate_landmarks
from focusfit.evaluation.mask_evaluation import evaluate_masks
from focusfit.evaluation.predictions import Predictions
from focusfit.evaluation.shape_evaluation import evaluate_shape
from focusfit.evaluation.summary import summarize
from focusfit.evaluation.table import print_summaries
from focusfit.evaluation.truth import read_truth
from focusfit.evaluation.writing import write_summaries
from tests.evaluation.scans import make_scans, write_predictions, write_truth

ALL = (evaluate_masks, evaluate_shape, evaluate_landmarks)


@pytest.fixture
def truth(tmp_path):
    return read_truth(write_truth(tmp_path / "truth"))


@pytest.fixture
def predict(tmp_path):
    """Writes predictions and returns them."""

    def write(name="pred", **how):
        return Predictions(write_predictions(tmp_path / name, **how))

    return write


def figures(evaluation):
    return dict(summarize([evaluation], draws=0)[0].figures)


def test_perfect_predictions(truth, predict):
    predictions = predict()
    masks = figures(evaluate_masks(truth, predictions, "perfect"))
    assert masks["photos"] == 6
    assert masks["missing"] == 0
    for key in ("hard_mask_accuracy", "hard_mask_f1", "occluder_iou", "occluder_recall", "boundary_iou", "mean_iou"):
        assert masks[key] == 1
    assert masks["mask_accuracy"] > 0.998
    assert masks["occluded_auc"] == 1
    assert masks["calibration_error"] == pytest.approx(0, abs=1e-4)
    assert masks["region_covers_hull"] == 1
    shape = figures(evaluate_shape(truth, predictions, "perfect"))
    assert shape["shape_median_mm"] < 1e-4
    landmarks = figures(evaluate_landmarks(truth, predictions, "perfect"))
    assert (landmarks["nme68"], landmarks["nme51_hidden"], landmarks["fail10"], landmarks["auc10"]) == (0, 0, 0, 1)
    assert landmarks["points_hidden"] + landmarks["points_visible"] == 6 * 68


def test_inverted_masks(truth, predict):
    masks = figures(evaluate_masks(truth, predict(turn=True), "inverted"))
    for key in ("hard_mask_accuracy", "hard_mask_f1", "occluder_iou", "occluder_recall"):
        assert masks[key] == 0
    assert masks["mask_accuracy"] < 0.002
    assert masks["occluded_auc"] == 0
    assert masks["calibration_error"] == pytest.approx(1, abs=1e-4)


def test_shifted_predictions(truth, predict):
    """Two pixels to the right, and 20 % too much relief."""
    predictions = predict(shift=2)
    masks = figures(evaluate_masks(truth, predictions, "shifted"))
    assert 0.8 < masks["hard_mask_accuracy"] < 1
    assert 0.8 < masks["region_covers_hull"] <= 1
    landmarks = figures(evaluate_landmarks(truth, predictions, "shifted"))
    box = np.sqrt(np.prod(np.ptp(make_scans()[0].points, axis=0)))
    assert landmarks["nme68"] == pytest.approx(200 / box)
    assert landmarks["nme68_visible"] == pytest.approx(200 / box)
    assert landmarks["auc10"] == pytest.approx(1 - 200 / box / 10)
    shape = figures(evaluate_shape(truth, predictions, "shifted"))
    assert 0.1 < shape["shape_mean_mm"] < 3
    assert shape["shape_median_mm"] < shape["shape_mean_mm"] + 0.5


def test_area_under_the_landmark_curve_is_that_of_the_curve(truth, predict):
    evaluation = evaluate_landmarks(truth, predict(shift=1), "shifted")
    [curve] = evaluation.plot(evaluation.members()).curves
    assert np.trapezoid(curve.y, curve.x) / 10 == pytest.approx(figures(evaluation)["auc10"], abs=0.01)


def test_missing_and_unreadable_predictions_are_counted(truth, predict):
    predictions = predict()
    for path in (predictions.folder / "0001").iterdir():
        path.unlink()
    for name in ("mask.png", "neutral.obj", "landmarks68.csv"):
        (predictions.folder / "0002" / name).write_text("what is this?")
    for evaluate in ALL:
        evaluation = evaluate(truth, predictions, "some")
        counted = figures(evaluation)
        assert (counted["photos"], counted["missing"], counted["invalid"]) == (6, 2, 1)
        assert evaluation.found.tolist() == [True, False, False, True, True, True]
        assert "0002" in evaluation.reasons[2]
    landmarks = figures(evaluate_landmarks(truth, predictions, "some"))
    assert landmarks["nme68"] == 0  # of those found
    assert landmarks["fail10"] == pytest.approx(2 / 6)  # of all
    assert landmarks["auc10"] == pytest.approx(4 / 6)


def test_no_predictions_at_all(truth, tmp_path):
    (tmp_path / "empty").mkdir()
    for evaluate in ALL:
        summary = summarize([evaluate(truth, Predictions(tmp_path / "empty"), "none")], draws=5)
        assert summary[0].figures["missing"] == 6
        write_summaries(summary, tmp_path / "out")
    stored = json.loads((tmp_path / "out" / "shape.json").read_text())
    assert stored["shape_median_mm"] is None


def test_masks_without_a_region_are_not_to_be_compared(truth, predict, tmp_path):
    predictions = predict()
    assert evaluate_masks(truth, predictions, "ours").warning == ""
    (tmp_path / "theirs").mkdir()
    for photo in truth:
        shutil.copy(
            predictions.folder / Path(photo.name).stem / "mask.png",
            tmp_path / "theirs" / f"{Path(photo.name).stem}_mask.png",
        )
    theirs = evaluate_masks(truth, Predictions(tmp_path / "theirs"), "theirs")
    assert "6 of 6 photos have no NAME_face_region.png" in theirs.warning
    assert figures(theirs)["region_share"] == 1 > figures(evaluate_masks(truth, predictions, "ours"))["region_share"]


def test_a_mask_of_another_size_is_the_prediction_s_fault(truth, predict):
    predictions = predict()
    for name in ("mask.png", "face_region.png", "occlusion.png"):
        path = predictions.folder / "0003" / name
        with Image.open(path) as image:
            image.resize((32, 32)).save(path)
    evaluation = evaluate_masks(truth, predictions, "small")
    assert evaluation.found.tolist() == [True, True, True, False, True, True]
    assert "64 x 64" in evaluation.reasons[3]


def test_landmarks_in_one_place_are_the_prediction_s_fault(truth, predict):
    predictions = predict()
    (predictions.folder / "0003" / "landmarks7.txt").write_text("1 2 3\n" * 7)
    evaluation = evaluate_shape(truth, predictions, "flat")
    assert not evaluation.found[3]
    assert "coincide" in evaluation.reasons[3]


def test_groups_are_those_of_the_truth(truth, predict):
    [summary] = summarize([evaluate_masks(truth, predict(), "perfect")], draws=0)
    assert summary.groups["clean"]["photos"] == 3
    assert summary.groups["occluded"]["photos"] == 3
    assert summary.groups["occluder:hand"]["photos"] == 2
    assert summary.groups["yaw_ge40"]["photos"] == 2
    assert np.isnan(summary.groups["clean"]["boundary_iou"])


def test_occlusion_is_seen_in_the_mask_where_the_layout_does_not_say(truth, predict):
    silent = [replace(photo, occluded=None, groups=()) for photo in truth]
    evaluation = evaluate_masks(silent, predict(), "perfect")
    assert evaluation.groups == tuple(("occluded",) if photo.occluded else ("clean",) for photo in truth)
    assert figures(evaluation)["occluded_auc"] == 1


def test_comparison_takes_the_photos_that_all_have(truth, predict):
    good, bad = predict("good"), predict("bad", shift=3)
    (good.folder / "0001" / "landmarks68.csv").unlink()
    (bad.folder / "0004" / "landmarks68.csv").unlink()
    far = "".join(f"{x},{y}\n" for x, y in make_scans()[1].points + 20)
    (bad.folder / "0001" / "landmarks68.csv").write_text("x,y\n" + far)  # a photo that only this one has
    one, other = summarize([evaluate_landmarks(truth, each, each.folder.name) for each in (good, bad)], draws=50)
    assert one.differences == {}
    assert one.groups["occluded"]["nme68"] == 0
    difference = other.differences["nme68"]
    expected = np.mean([other.evaluation.columns["nme68"][k] for k in (0, 2, 3, 5)])
    assert difference.value == pytest.approx(expected)
    assert difference.interval.low <= difference.value <= difference.interval.high
    assert one.figures["fail10"] == pytest.approx(1 / 6)  # of all photos
    assert other.figures["fail10"] == pytest.approx(2 / 6)


def test_a_figure_that_some_photos_lack_is_compared_where_all_methods_have_it(truth, predict, tmp_path):
    """The other method hides a part of one bare face: an edge, and an occluder, that the first one does not see."""
    good, other = predict("good"), predict("other")
    imagined = np.zeros((64, 64), np.uint8)
    imagined[:30] = 255
    Image.fromarray(imagined).save(other.folder / "0000" / "mask.png")
    evaluations = [evaluate_masks(truth, each, each.folder.name) for each in (good, other)]
    alone = figures(evaluations[1])
    summaries = summarize(evaluations, draws=50)
    for key in ("boundary_iou", "occluder_iou_mean"):
        assert alone[key] == pytest.approx(3 / 4)  # as ever: over the photos that have it
        assert [summary.figures[key] for summary in summaries] == [1, 1]
        difference = summaries[1].differences[key]
        assert (difference.value, difference.interval.low, difference.interval.high) == (0, 0, 0)
        assert np.isnan(summaries[1].groups["clean"][key])
    assert summaries[1].differences["hard_mask_accuracy"].value < 0  # that every photo has

    shown = StringIO()
    print_summaries(summaries, Console(file=shown))
    write_summaries(summaries, tmp_path / "out")
    rule = "mean over photos with an edge; on the 3 photos where every method has one"
    assert rule in json.loads((tmp_path / "out" / "masks.json").read_text())["definitions"]["boundary_iou"]
    assert "every method has one" in " ".join(shown.getvalue().split())


def test_the_figures_of_one_method_are_over_the_photos_that_have_them(truth, predict):
    """Nothing that a comparison leaves out is left out of a method by itself, and its definitions say nothing of it."""
    evaluation = evaluate_masks(truth, predict(shift=3), "alone")
    [summary] = summarize([evaluation], draws=0)
    for figure in evaluation.figures:
        members = evaluation.members()
        assert summary.figures[figure.key] == pytest.approx(figure.statistic(members), nan_ok=True)
        assert summary.definition(figure) == figure.definition


def test_different_photos_cannot_be_compared(truth, predict):
    predictions = predict()
    evaluations = [evaluate_landmarks(truth, predictions, "one"), evaluate_landmarks(truth[1:], predictions, "other")]
    with pytest.raises(FocusfitError, match="different photos"):
        summarize(evaluations)


def test_truth_without_what_is_asked_for(truth, predict):
    bare, predictions = [replace(photo, visible=None, shape=None, landmarks=None) for photo in truth], predict()
    for evaluate in (*ALL, evaluate_identity):
        with pytest.raises(FocusfitError, match="nothing of this kind"):
            evaluate(bare, predictions, "x")


def test_damaged_truth_ends_the_evaluation(truth, predict):
    truth[2].visible.write_text("no picture")
    with pytest.raises(FocusfitError, match="visible_skin_mask"):
        evaluate_masks(truth, predict(), "x")


def test_identity(truth, predict, open_model):
    """Two photos each of three people; the codes are the people's numbers times (1, 1, 1), so cosines are all 1."""
    people = [replace(photo, person=str(k // 2)) for k, photo in enumerate(truth)]
    evaluation = evaluate_identity(people, predict(), "x", open_model)
    found = figures(evaluation)
    assert found["identity_auc"] == 0.5
    assert found["identity_stability"] == 1
    assert found["identity_leak"] <= 0  # all expressions are equal
    assert np.isnan(found["expression_leak"])  # the truth knows no expressions
    assert 0 < found["angle_smallest"] <= found["angle_median"] <= 90
    assert evaluation.clusters == ("person 0", "person 0", "person 1", "person 1", "person 2", "person 2")


def test_identity_coefficients_of_different_length(truth, predict):
    predictions = predict()
    np.savez(predictions.folder / "0001" / "coefficients.npz", identity=np.ones(5), expression=np.ones(2))
    with pytest.raises(FocusfitError, match="2 lengths"):
        evaluate_identity([replace(photo, person="a") for photo in truth], predictions, "x")
