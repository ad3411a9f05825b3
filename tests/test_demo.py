"""The demonstration's photos and scores; the whole of it is run by `make demo`."""

import csv

import numpy as np
import pytest
from PIL import Image

from focusfit.data.occluders import OCCLUDERS
from focusfit.demo import NOTHING, DemoPhoto, make_photos, score_masks
from focusfit.detection import default_detector


@pytest.fixture(scope="module")
def photos(detector_files, tmp_path_factory):
    return make_photos(tmp_path_factory.mktemp("demo"), default_detector())


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def test_two_photos_bare_and_with_every_occluder(photos):
    assert [photo.kind for photo in photos] == [NOTHING, *OCCLUDERS] * 2
    assert len({photo.path for photo in photos}) == len(photos)
    people, masked = photos[5], photos[6]
    covered = np.asarray(Image.open(masked.covered)) > 0
    changed = np.abs(pixels(people.path) - pixels(masked.path)).max(-1)
    assert changed[covered].mean() > 30
    assert np.median(changed[~covered]) == 0


def test_every_face_is_covered(photos):
    import cv2

    for photo in photos[6:]:
        blobs = cv2.connectedComponents(np.asarray(Image.open(photo.covered)))[0] - 1
        assert blobs >= 6, photo.kind


def write_face(folder, found, region):
    folder.mkdir()
    Image.fromarray(np.where(region, 255, 0).astype(np.uint8)).save(folder / "face_region.png")
    Image.fromarray(np.where(region & ~found, 255, 0).astype(np.uint8)).save(folder / "mask.png")


def test_scores_are_pooled_over_faces_and_bound_to_the_region(tmp_path):
    rows, columns = np.mgrid[:20, :20]
    region, painted = rows >= 10, columns < 10
    Image.fromarray(np.where(painted, 255, 0).astype(np.uint8)).save(tmp_path / "covered.png")
    photos = [
        DemoPhoto(tmp_path / "a.png", "hand", tmp_path / "covered.png"),
        DemoPhoto(tmp_path / "b.png", NOTHING, None),
    ]
    write_face(tmp_path / "a", columns < 5, region)  # finds half of it
    write_face(tmp_path / "a.face2", columns < 15, region)  # finds half too much
    write_face(tmp_path / "b", columns < 2, region)
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["photo", "folder", "status"])
        table.writerows([[photos[0].path, "a", "ok"], [photos[0].path, "a.face2", "ok"], [photos[1].path, "b", "ok"]])
        table.writerow([photos[0].path, "", "failed"])
    scores = {score.kind: score for score in score_masks(photos, tmp_path)}
    assert scores["hand"].faces == 2
    assert scores["hand"].covered == pytest.approx(0.5)
    assert scores["hand"].iou == pytest.approx(150 / 250)
    assert scores["hand"].accuracy == pytest.approx(0.75)
    assert np.isnan(scores[NOTHING].iou)
    assert scores[NOTHING].accuracy == pytest.approx(0.9)
    assert scores["mask"].faces == 0
