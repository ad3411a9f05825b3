"""Landmarks that are detected once."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from focusfit.data.photos.detected import DetectedLandmarks, write_landmark_table
from focusfit.data.photos.listing import list_faces
from focusfit.detection import DetectedFace, LandmarkSet, Photo
from focusfit.detection.mean_face import MEAN_FACE_68
from focusfit.errors import PhotoError


class CountingDetector:
    """Says that there is a face where the photo is large, and counts how often it is asked."""

    name = "counting"

    def __init__(self) -> None:
        self.asked = 0

    def detect(self, photo: Photo) -> list[DetectedFace]:
        self.asked += 1
        if photo.size[0] < 100:
            return []
        points = MEAN_FACE_68[:, :2] * [1.1, -1.1] + [225, 110.5]
        landmarks = LandmarkSet("ibug68", points, np.ones(68))
        return [DetectedFace((0, 0, 9, 9), 1.0, {"ibug68": landmarks}, self.name)]


@pytest.fixture
def folder(tmp_path: Path, astronaut_file) -> Path:
    from PIL import Image

    photos = tmp_path / "Dataset"
    (photos / "more").mkdir(parents=True)
    shutil.copy(astronaut_file, photos / "a.png")
    Image.open(astronaut_file).rotate(5).save(photos / "more" / "b.png")
    Image.new("RGB", (50, 50)).save(photos / "small.png")
    (photos / "broken.jpg").write_bytes(b"x")
    return photos


def test_photos_are_searched_once_by_their_content(folder, tmp_path):
    detector = CountingDetector()
    table = tmp_path / "run" / "detected.csv"
    first = DetectedLandmarks(table, lambda: detector, "counting").list_faces(folder)
    assert [face.name for face in first.faces] == ["a.png", "more/b.png"]
    reasons = {problem.name: problem.reason for problem in first.problems}
    assert reasons["small.png"] == "no face found"
    assert "not an image" in reasons["broken.jpg"]
    assert detector.asked == 3

    (folder / "a.png").rename(folder / "c.png")
    second = DetectedLandmarks(table, lambda: detector, "counting").list_faces(folder.parent)
    assert detector.asked == 3
    assert [face.name for face in second.faces] == ["c.png", "more/b.png"]
    np.testing.assert_allclose(second.faces[0].landmarks, first.faces[0].landmarks, atol=1e-3)

    shutil.copy(folder / "more" / "b.png", folder / "small.png")  # known content
    (folder / "broken.jpg").write_bytes((folder / "c.png").read_bytes() + b" ")
    assert len(DetectedLandmarks(table, lambda: detector, "counting").list_faces(folder).faces) == 4
    assert detector.asked == 4
    DetectedLandmarks(table, lambda: detector, "another").list_faces(folder)
    assert detector.asked == 7


def test_a_row_cut_off_by_a_kill_is_searched_again(folder, tmp_path):
    detector, table = CountingDetector(), tmp_path / "detected.csv"
    DetectedLandmarks(table, lambda: detector, "counting").list_faces(folder)
    text = table.read_text()
    table.write_text(text[:-40])
    detector.asked = 0
    found = DetectedLandmarks(table, lambda: detector, "counting").list_faces(folder)
    assert detector.asked == 1
    assert len(found.faces) == 2
    assert table.read_text() == text


def test_the_detections_become_a_table_of_the_usual_form(folder, tmp_path):
    listed = DetectedLandmarks(tmp_path / "detected.csv", CountingDetector, "counting").list_faces(folder)
    write_landmark_table(listed.faces, tmp_path / "all_landmarks.csv")
    assert {len(line.split(",")) for line in (tmp_path / "all_landmarks.csv").read_text().splitlines()} == {137}
    again = list_faces(folder, "all")
    assert [face.name for face in again.faces] == [face.name for face in listed.faces]


def test_a_folder_without_any_face_is_an_error(folder, tmp_path):
    for path in folder.rglob("*.png"):
        path.unlink()
    with pytest.raises(PhotoError, match="no face in any of 1 photos"):
        DetectedLandmarks(tmp_path / "d.csv", CountingDetector, "counting").list_faces(folder)
