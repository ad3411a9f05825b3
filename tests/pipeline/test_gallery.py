"""Which faces a gallery takes, and what becomes of photos that give none."""

from __future__ import annotations

from types import SimpleNamespace

from PIL import Image

from focusfit.detection.face import DetectedFace
from focusfit.errors import FocusfitError
from focusfit.pipeline.gallery import fill_gallery


class RedDetector:
    """Finds as many faces as the photo's first red value says."""

    name = "red"

    def __init__(self):
        self.searched = 0

    def detect(self, photo):
        self.searched += 1
        return [DetectedFace((k, 0, 20, 20), 0.9, source=self.name) for k in range(int(photo.rgb[0, 0, 0]))]


class Fitter:
    """Refuses faces whose box begins at ``poison``."""

    def __init__(self, poison=None):
        self.poison, self.fitted = poison, 0

    def fit_faces(self, photos, faces):
        if any(face.box[0] == self.poison for face in faces):
            raise FocusfitError("cannot be fitted")
        self.fitted += len(faces)
        return [SimpleNamespace(occluded_fraction=0.25) for _ in faces]


class Captions(list):
    """A gallery without pictures."""

    def add(self, caption, reconstruction, photo):
        self.append(caption)


def fill(folder, faces, most_faces, fitter=None):
    paths = []
    for number, count in enumerate(faces):
        paths.append(folder / f"p{number:02d}.png")
        Image.new("RGB", (40, 40), (count, 0, 0)).save(paths[-1])
    detector = RedDetector()
    run = fill_gallery([*paths, folder / "gone.png"], fitter or Fitter(), detector, Captions(), most_faces)
    return run, detector


def test_all_faces_in_order_and_a_reason_for_each_photo_without(tmp_path):
    run, _ = fill(tmp_path, [1, 0, 2], 12)
    assert run.gallery == ["p00.png: 25% hidden", "p02.png, face 1: 25% hidden", "p02.png, face 2: 25% hidden"]
    assert [(path.name, reason) for path, reason in run.problems] == [
        ("p01.png", "no face was found"),
        ("gone.png", "does not exist. Check the path."),
    ]
    assert (run.summary.photos, run.summary.photos_failed, run.summary.faces) == (4, 2, 3)


def test_it_stops_when_it_has_enough(tmp_path):
    fitter = Fitter()
    run, detector = fill(tmp_path, [1, 3, *[1] * 30], 3, fitter)
    assert run.gallery[-1] == "p01.png, face 2: 25% hidden"
    assert fitter.fitted == len(run.gallery) == 3
    assert (run.summary.photos, run.summary.photos_failed) == (2, 0)
    assert detector.searched <= 10
    assert not run.problems


def test_a_face_that_cannot_be_fitted_spoils_no_other(tmp_path):
    run, _ = fill(tmp_path, [2, 1], 12, Fitter(poison=1))
    assert run.gallery == ["p00.png, face 1: 25% hidden", "p01.png: 25% hidden"]
    assert (run.problems[0][0].name, run.problems[0][1]) == ("p00.png", "cannot be fitted")
    assert (run.summary.faces_failed, run.summary.photos_failed) == (1, 1)  # gone.png
