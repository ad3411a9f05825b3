"""Step 2's files and what Step 3 makes of them."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from focusfit.data.augmentation import frame_middle
from focusfit.data.face_batch import collate
from focusfit.data.pseudo_labels import PseudoLabel, PseudoLabelledFaces, label_stem, write_pseudo_label
from focusfit.detection.mean_face import MEAN_FACE_68
from focusfit.errors import PhotoError, TrainingError

SIZE = 48
POINTS = MEAN_FACE_68[:, :2] * [0.2, -0.2] + [SIZE / 2, SIZE / 2 - 6]


def some_face(seed: int, truth: bool = False) -> PseudoLabel:
    random = np.random.default_rng(seed)
    photo, rendering = (random.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8) for _ in range(2))
    photo[..., 0] //= 8  # hardly any red: a swapped channel shows
    label, seen = (255 * random.integers(0, 2, (SIZE, SIZE), dtype=np.uint8) for _ in range(2))
    return PseudoLabel(photo, rendering, label, seen if truth else None)


def write_faces(folder: Path, names: list[str]) -> list[PseudoLabel]:
    faces = [some_face(k, truth=k == 0) for k in range(len(names))]
    with (folder / "train_landmarks.csv").open("w", newline="") as stream:
        for name, face in zip(names, faces, strict=True):
            photo = write_pseudo_label(folder, name, face)
            csv.writer(stream).writerow([photo.relative_to(folder).as_posix(), *POINTS.ravel()])
    return faces


def test_step_3_gets_pixel_by_pixel_what_step_2_saw(tmp_path):
    """No second crop, no loss, no swapped channels, whatever the photos are called."""
    names = ["1.jpg", "portrait of Ada.png", "people/2.jpg", "people/2.jpg#2"]
    written = write_faces(tmp_path, names)
    faces = PseudoLabelledFaces(tmp_path, "train")
    assert len(faces) == 4
    for k, face in enumerate(written):
        item = faces[k]
        np.testing.assert_array_equal(item.photo, face.photo)
        np.testing.assert_array_equal(item.rendering, face.rendering)
        np.testing.assert_array_equal(item.label, face.label)
        np.testing.assert_allclose(item.landmarks, POINTS, atol=1e-4)
    np.testing.assert_array_equal(faces[0].visible_face, written[0].visible_face)
    assert faces[1].visible_face is None

    view = frame_middle(collate([faces[k] for k in range(4)]), SIZE)
    torch.testing.assert_close(view.photo[0], torch.from_numpy(written[0].photo).permute(2, 0, 1) / 255)
    assert view.photo[:, 0].mean() < 0.2 < view.photo[:, 2].mean()
    assert set(view.label.unique().tolist()) == {0.0, 1.0}


def test_files_are_pictures_that_anybody_can_read(tmp_path):
    """The reference's masks had a shape that gave no file at all."""
    [face] = write_faces(tmp_path, ["7.jpg"])
    assert {path.name for path in tmp_path.glob("*.png")} == {
        "7_org.png",
        "7_raster.png",
        "7_mask.png",
        "7_visible_skin_mask.png",
    }
    assert cv2.imread(str(tmp_path / "7_mask.png"), cv2.IMREAD_UNCHANGED).shape == (SIZE, SIZE)
    bgr = cv2.imread(str(tmp_path / "7_org.png"), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(bgr[..., ::-1], face.photo)


def test_names_that_differ_have_files_that_differ():
    names = ["a.jpg", "a.png", "a.jpg#2", "b/a.jpg", "a.b.jpg", "A.JPG.png"]
    assert len({label_stem(name) for name in names}) == len(names)
    assert label_stem("b/a.jpg") == "b/a"


def test_what_is_missing_is_said(tmp_path):
    with pytest.raises(TrainingError, match="Run step 2 first"):
        PseudoLabelledFaces(tmp_path, "train")
    write_faces(tmp_path, ["7.jpg", "8.jpg"])
    (tmp_path / "7_mask.png").unlink()
    cv2.imwrite(str(tmp_path / "8_raster.png"), np.zeros((9, 9, 3), np.uint8))
    faces = PseudoLabelledFaces(tmp_path, "train")
    with pytest.raises(PhotoError, match=r"7_mask\.png"):
        faces[0]
    with pytest.raises(PhotoError, match="another size"):
        faces[1]
