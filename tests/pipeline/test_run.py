"""The run around the fitter: order, isolation of faults, bounded memory. The fitter here only fails on purpose."""

import csv
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from focusfit.detection.crop import CropTransform
from focusfit.detection.face import DetectedFace
from focusfit.errors import FocusfitError
from focusfit.export.face_folder import FILES
from focusfit.export.half_written import PARTIAL, REPLACED
from focusfit.facemodel.morphable import MorphableModel, SurfacePoints
from focusfit.fitting.reconstruction import Reconstruction
from focusfit.imaging.camera import Camera
from focusfit.pipeline import RunOptions, reconstruct_photos
from focusfit.pipeline.fitting import batches, face_jobs
from focusfit.pipeline.reading import SearchedPhoto, search_photos

SIZE = 32


class BrightnessDetector:
    """Finds as many faces as the photo's first red value says; takes longer for photos that come earlier."""

    name = "brightness"

    def __init__(self, pause=0.0):
        self.pause, self.busy, self.searched = pause, threading.Lock(), 0

    def detect(self, photo):
        assert self.busy.acquire(blocking=False), "a detector is never asked twice at once"
        time.sleep(self.pause)
        self.searched += 1
        self.busy.release()
        return [DetectedFace((k, 0, 20, 20), 0.9, source=self.name) for k in range(int(photo.rgb[0, 0, 0]))]


class TriangleFitter:
    """Fits one triangle to everything; refuses faces whose box begins at ``poison``."""

    def __init__(self, poison=None, error=None):
        self.poison, self.error, self.batches = poison, error or ValueError("bad face"), []
        self.model = MorphableModel(
            name="triangle",
            sha256="0" * 64,
            shape_mean=torch.tensor([[-50.0, 0, 0], [50, 0, 0], [0, 80, 0]]),
            identity_basis=torch.ones(3, 3, 1),
            expression_basis=torch.ones(3, 3, 1),
            albedo_mean=torch.full((3, 3), 0.5),
            albedo_basis=torch.ones(3, 3, 1),
            triangles=torch.tensor([[0, 1, 2]]),
            landmarks={"ibug68": SurfacePoints.at_vertices(torch.zeros(68, dtype=torch.long))},
        )

    def fit_faces(self, photos, faces):
        self.batches.append(len(faces))
        if any(face.box[0] == self.poison for face in faces):
            raise self.error
        return [self.fit(face) for face in faces]

    def fit(self, face):
        model, coefficients = self.model, self.model.neutral_coefficients()
        region = np.ones((SIZE, SIZE), bool)
        return Reconstruction(
            model=model,
            coefficients=coefficients,
            deviation=coefficients,
            camera=Camera.for_crop(SIZE),
            crop=CropTransform(1.0, (0.0, 0.0), SIZE),
            detection=face,
            mask_probability=region.astype(np.float32),
            region=region,
            rendered=np.full((SIZE, SIZE, 3), 0.5, np.float32),
            vertices=model.shape_mean.numpy(),
            neutral=model.shape_mean.numpy(),
            albedo=model.albedo_mean.numpy(),
            landmarks68=np.zeros((68, 2)),
            confidence=1.0,
            occluded_fraction=0.0,
        )


def make_photos(folder, *faces):
    """Photos in order, each with so many faces."""
    paths = []
    for number, count in enumerate(faces):
        paths.append(folder / f"p{number:02d}.png")
        Image.new("RGB", (40, 40), (count, 0, 0)).save(paths[-1])
    return paths


def rows_of(out):
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(paths, out, fitter=None, detector=None, **options):
    detector, fitter = detector or BrightnessDetector(), fitter or TriangleFitter()
    return reconstruct_photos(paths, fitter, detector, RunOptions(out, **options)), rows_of(out)


def test_rows_keep_the_order_of_the_photos(tmp_path):
    paths = [*make_photos(tmp_path, 3, 0, 1, 2, 0, 9), tmp_path / "missing.png"]
    summary, rows = run(paths, tmp_path / "out", workers=4, batch_size=2)
    order = [(Path(row["photo"]).stem, int(row["face"])) for row in rows]
    faces = [("p00", 1), ("p00", 2), ("p00", 3), ("p01", 0), ("p02", 1), ("p03", 1), ("p03", 2), ("p04", 0)]
    assert order == [*faces, *(("p05", k) for k in range(1, 10)), ("missing", 0)]
    assert (summary.photos, summary.photos_failed, summary.faces, summary.faces_failed) == (7, 3, 15, 0)
    assert [row["reason"] for row in rows if row["face"] == "0"] == [
        "no face was found",
        "no face was found",
        "does not exist. Check the path.",
    ]


@pytest.mark.parametrize(("limit", "expected"), [(None, 7), (1, 3), (2, 5)])
def test_most_faces(tmp_path, limit, expected):
    summary, _ = run(make_photos(tmp_path, 4, 1, 2), tmp_path / "out", most_faces=limit)
    assert summary.faces == expected


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("bad face"), "unforeseen ValueError: bad face"),
        (FocusfitError("cannot be fitted"), "cannot be fitted"),
    ],
)
def test_one_bad_face_spoils_no_other(tmp_path, error, reason):
    summary, rows = run(make_photos(tmp_path, 3, 2, 1), tmp_path / "out", TriangleFitter(1, error), batch_size=8)
    failed = [(Path(row["photo"]).stem, row["face"], row["reason"]) for row in rows if row["status"] == "failed"]
    assert failed == [("p00", "2", reason), ("p01", "2", reason)]
    assert (summary.faces, summary.faces_failed, summary.photos_failed) == (4, 2, 0)


def test_a_photo_whose_every_face_failed_has_failed(tmp_path):
    summary, _ = run(make_photos(tmp_path, 1, 1), tmp_path / "out", TriangleFitter(poison=0))
    assert summary.photos_failed == 2


def test_batches_depend_on_the_photos_alone(tmp_path):
    paths = make_photos(tmp_path, 3, 0, 1, 2, 9)
    sizes = []
    for pause, workers in ((0.0, 4), (0.01, 1)):
        fitter = TriangleFitter()
        run(paths, tmp_path / "out", fitter, BrightnessDetector(pause), workers=workers, batch_size=4)
        sizes.append(fitter.batches)
    assert sizes == [[4, 4, 4, 3], [4, 4, 4, 3]]


def test_huge_photos_come_in_small_batches():
    photo = type("Photo", (), {"rgb": np.broadcast_to(np.uint8(0), (5000, 8000, 3))})()
    faces = (DetectedFace((0, 0, 1, 1), 1.0),)
    searched = [SearchedPhoto(k, Path("a"), photo, faces, "", 0, 0) for k in range(5)]
    assert [len(batch) for batch in batches(face_jobs(searched, None), 8)] == [2, 2, 1]


def test_reading_runs_ahead_but_not_away(tmp_path):
    paths, detector = make_photos(tmp_path, *[1] * 30), BrightnessDetector()
    photos = search_photos(paths, detector, workers=2)
    next(photos)
    time.sleep(0.5)
    assert 2 <= detector.searched <= 5
    photos.close()


def test_a_stopped_run_keeps_its_finished_rows_and_no_half_files(tmp_path):
    def stop(summary):
        if summary.faces == 5:
            raise KeyboardInterrupt

    out = tmp_path / "out"
    photos, options = make_photos(tmp_path, *[1] * 20), RunOptions(out, batch_size=2)
    with pytest.raises(KeyboardInterrupt):
        reconstruct_photos(photos, TriangleFitter(), BrightnessDetector(), options, stop)
    assert len(rows_of(out)) == 5
    assert not list(out.glob(".*"))
    assert not (out / "report.html").exists()


def test_leftovers_of_a_killed_run_are_swept(tmp_path):
    out = tmp_path / "out"
    (out / f".p00{PARTIAL}").mkdir(parents=True)
    (out / f".p00{PARTIAL}" / "mesh.obj").touch()
    (out / f".report.html{PARTIAL}").touch()
    (out / f".gone{REPLACED}").mkdir()
    (out / f".gone{REPLACED}" / "mesh.obj").touch()
    (out / ".thesis.partial").mkdir()
    (out / ".download.partial").touch()
    run(make_photos(tmp_path, 1), out)
    mine = [".download.partial", ".thesis.partial"]
    assert sorted(path.name for path in out.glob(".*")) == mine, "only what is this program's goes"
    assert not (out / "gone").exists()


def test_a_run_killed_while_it_replaced_a_face_loses_neither(tmp_path):
    """Nothing bears the name, the older face waits: the next run brings it back, and replaces it if it comes so far."""
    out, photos = tmp_path / "out", make_photos(tmp_path, 1, 1)
    run(photos, out)
    for name in ("p00", "p01"):
        (out / name).rename(out / f".{name}{REPLACED}")
        (out / f".{name}{PARTIAL}").mkdir()
    summary, _ = run(photos[1:], out)
    assert summary.faces == 1
    assert (
        {path.name for path in (out / "p00").iterdir()} == {path.name for path in (out / "p01").iterdir()} == set(FILES)
    )
    assert not list(out.glob(".*"))


def test_a_foreign_folder_in_the_way_is_left_alone(tmp_path):
    out = tmp_path / "out"
    (out / "p00").mkdir(parents=True)
    (out / "p00" / "thesis.tex").touch()
    summary, [row] = run(make_photos(tmp_path, 1), out)
    assert summary.faces_failed == summary.photos_failed == 1
    assert "not a reconstruction" in row["reason"]
    assert [path.name for path in (out / "p00").iterdir()] == ["thesis.tex"]


def test_an_output_folder_that_is_a_file(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(FocusfitError, match="cannot be used as output folder"):
        reconstruct_photos([], TriangleFitter(), BrightnessDetector(), RunOptions(tmp_path / "out"))


def test_more_faces_than_the_report_shows(tmp_path, monkeypatch):
    monkeypatch.setattr("focusfit.export.report.Report.room", 2)
    run(make_photos(tmp_path, 3, 2), tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count("<canvas") == 2
    assert page.count("<tr><td>") == 5


def test_a_decoder_that_breaks_in_a_new_way(tmp_path):
    class Broken(BrightnessDetector):
        def detect(self, photo):
            raise MemoryError("no room\nfor this")

    _, [row] = run(make_photos(tmp_path, 1), tmp_path / "out", detector=Broken())
    assert row["reason"] == "unforeseen MemoryError: no room for this"


def test_occlusion_reaches_the_manifest(tmp_path):
    class Covered(TriangleFitter):
        def fit(self, face):
            return replace(super().fit(face), occluded_fraction=0.3)

    _, [row] = run(make_photos(tmp_path, 1), tmp_path / "out", Covered())
    assert (row["occluded"], row["occluded_fraction"], row["confidence"]) == ("yes", "0.3000", "1.0000")
