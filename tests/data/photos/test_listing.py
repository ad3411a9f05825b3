"""Tables of training photos in the reference's layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from focusfit.data.photos.listing import find_table, list_faces, photos_below, write_problems
from focusfit.detection.mean_face import MEAN_FACE_68
from focusfit.errors import LandmarkError, PhotoError

POINTS = MEAN_FACE_68[:, :2] * [0.4, -0.4] + [50, 40]


def write_photos(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (100, 100)).save(folder / name)


def write_table(path: Path, *names: str, points=POINTS) -> None:
    path.write_text("".join(f"{name},{','.join(map(str, np.ravel(points)))}\n" for name in names))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_photos(tmp_path / "Dataset", "1.jpg", "portrait of Ada.png", "people/2.jpg", "people/3.jpg")
    return tmp_path


def names(listed) -> list[str]:
    return [face.name for face in listed.faces]


@pytest.mark.parametrize("given", ["", "Dataset", "Dataset/", "people/../Dataset"])
def test_the_photo_folder_may_be_given_with_or_without_slash_or_its_parent(root, given):
    (root / "people").mkdir()
    write_table(root / "train_landmarks.csv", "1.jpg", "people/2.jpg")
    write_table(root / "val_landmarks.csv", "people/3.jpg")
    img_path = Path(f"{root}/{given}")
    assert names(list_faces(img_path, "train")) == ["1.jpg", "people/2.jpg"]
    assert names(list_faces(img_path, "val")) == ["people/3.jpg"]
    assert all(face.path.is_file() for face in list_faces(img_path, "train").faces)


def test_points_may_be_decimals_and_names_anything(root):
    write_table(root / "all_landmarks.csv", "portrait of Ada.png", "/people/2.jpg", points=POINTS + 0.25)
    listed = list_faces(root, "all")
    assert names(listed) == ["portrait of Ada.png", "people/2.jpg"]
    np.testing.assert_allclose(listed.faces[0].landmarks, POINTS + 0.25)


def test_bad_rows_are_left_out_with_their_reason(root):
    write_table(root / "train_landmarks.csv", "1.jpg", "gone.jpg")
    with (root / "train_landmarks.csv").open("a") as stream:
        stream.write("people/2.jpg," + ",".join(["0"] * 136) + "\n")  # a detector that found nothing
        stream.write("people/3.jpg,1,2,3\n")
    write_table(root / "val_landmarks.csv", "1.jpg")
    listed = list_faces(root, "train")
    assert names(listed) == ["1.jpg"]
    reasons = {problem.name: problem.reason for problem in listed.problems}
    assert "does not exist" in reasons["gone.jpg"]
    assert "one line" in reasons["people/2.jpg"]
    assert "4 columns" in reasons["people/3.jpg"]
    write_problems(listed.problems, root / "run" / "skipped.csv")
    assert len((root / "run" / "skipped.csv").read_text().splitlines()) == 4


def test_two_faces_of_one_photo_have_names_of_their_own(root):
    write_table(root / "all_landmarks.csv", "1.jpg", "1.jpg")
    assert names(list_faces(root, "all")) == ["1.jpg", "1.jpg#2"]


def test_without_a_validation_table_some_photos_of_the_training_table_validate(root):
    write_table(root / "train_landmarks.csv", "1.jpg", "portrait of Ada.png", "people/2.jpg", "people/3.jpg")
    train, val = names(list_faces(root, "train")), names(list_faces(root, "val"))
    assert len(val) == 1
    assert len(train) == 3
    assert not set(train) & set(val)
    assert (train, val) == (names(list_faces(root, "train")), names(list_faces(root, "val")))


def test_splits_that_have_no_table_follow_from_the_others(root):
    write_table(root / "all_landmarks.csv", "1.jpg", "portrait of Ada.png", "people/2.jpg")
    write_table(root / "val_landmarks.csv", "people/2.jpg")
    assert names(list_faces(root, "train")) == ["1.jpg", "portrait of Ada.png"]
    (root / "all_landmarks.csv").rename(root / "train_landmarks.csv")
    assert names(list_faces(root, "all")) == ["1.jpg", "portrait of Ada.png", "people/2.jpg"]


def test_what_is_missing_is_said(root):
    with pytest.raises(LandmarkError, match=r"no train_landmarks\.csv in"):
        list_faces(root, "train")
    assert find_table(root, "train") is None
    with pytest.raises(PhotoError, match="not a folder"):
        list_faces(root / "nowhere", "train")
    write_table(root / "train_landmarks.csv", "gone.jpg")
    with pytest.raises(LandmarkError, match=r"no row can be used.*does not exist"):
        list_faces(root, "train")


def test_pictures_of_results_are_no_photos(root):
    place = root / "Dataset"
    before = photos_below(place)
    for name in ("saved/UNet_trainset", "out/1", "face"):
        (place / name).mkdir(parents=True)
    write_photos(place, "saved/UNet_trainset/1_org.png", "out/1/overlay.png", "out/contact_sheet.png", "face/mask.png")
    (place / "saved" / "config.yaml").write_text("preset: paper\n")
    (place / "out" / "manifest.csv").write_text("photo,face\n")
    (place / "face" / "coefficients.json").write_text("{}")
    assert photos_below(place) == before
    (place / "saved" / "config.yaml").write_text("somebody: else\n")
    assert len(photos_below(place)) == len(before) + 1


def test_photos_of_subfolders_are_found_and_masks_are_no_photos(root):
    write_photos(root / "Dataset", "1_visible_skin_mask.png", "people/2_face_region.png")
    found = [path.relative_to(root / "Dataset").as_posix() for path in photos_below(root / "Dataset")]
    assert sorted(found) == ["1.jpg", "people/2.jpg", "people/3.jpg", "portrait of Ada.png"]
