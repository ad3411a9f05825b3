import os
from pathlib import Path

import pytest

from focusfit.detection import list_photos


@pytest.fixture
def folder(tmp_path):
    for name in ("b.JPG", "a.png", "c.txt", "d.webp", "e.jpeg.part", "f.TiF"):
        (tmp_path / name).touch()
    (tmp_path / "sub.jpg").mkdir()
    (tmp_path / "sub.jpg" / "inner.bmp").touch()
    (tmp_path / "link.png").symlink_to(tmp_path / "gone.png")
    return tmp_path


def names(paths):
    return [path.name for path in paths]


def test_folder(folder):
    assert names(list_photos([folder])) == ["a.png", "b.JPG", "d.webp", "f.TiF", "link.png", "sub.jpg"]


def test_true_masks_of_a_folder_are_no_photos(tmp_path):
    for name in ("a.jpg", "a_visible_skin_mask.png", "a_face_region.png"):
        (tmp_path / name).touch()
    assert names(list_photos([tmp_path])) == ["a.jpg"]
    assert names(list_photos([f"{tmp_path}/*"])) == ["a.jpg"]
    assert names(list_photos([tmp_path / "a_face_region.png"])) == ["a_face_region.png"]


def test_file_is_taken_whatever_it_is(folder):
    assert names(list_photos([folder / "c.txt", folder / "missing.jpg"])) == ["c.txt", "missing.jpg"]


def test_patterns(folder):
    assert names(list_photos([f"{folder}/*"])) == ["a.png", "b.JPG", "d.webp", "f.TiF", "link.png"]
    assert names(list_photos([f"{folder}/*.txt"])) == ["c.txt"]
    assert "inner.bmp" in names(list_photos([f"{folder}/**/*"]))
    assert names(list_photos([f"{folder}/*.heic"])) == ["*.heic"], "a pattern without a match fails as itself"


def test_name_with_brackets_is_a_name(tmp_path):
    path = tmp_path / "me [1].jpg"
    path.touch()
    assert list_photos([path]) == [path]


def test_each_photo_once_in_the_order_given(folder, monkeypatch):
    monkeypatch.chdir(folder)
    given = ["d.webp", folder, str(folder / "a.png"), "b.JPG"]
    assert names(list_photos(given)) == ["d.webp", "a.png", "b.JPG", "f.TiF", "link.png", "sub.jpg"]


def test_a_name_that_begins_like_a_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "a.jpg").touch()
    assert list_photos(["~/a.jpg"]) == [tmp_path / "home" / "a.jpg"]
    assert list_photos(["~nobody is called that.jpg"]) == [Path("~nobody is called that.jpg")]
    (tmp_path / "~").mkdir()
    (tmp_path / "~" / "a.jpg").touch()
    assert list_photos(["~/a.jpg"]) == [Path("~/a.jpg")], "what is there as it was typed is meant"


def test_folders_that_may_not_be_read_end_nothing(folder, monkeypatch):
    """As for anybody but root; reading the photo says what is wrong."""

    def locked(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    for call in ("stat", "lstat", "listdir", "scandir"):
        monkeypatch.setattr(os, call, locked)
    for given in (folder, folder / "a.png", f"{folder}/*.png"):
        assert list_photos([given]) == [Path(given)]
    monkeypatch.undo()
    monkeypatch.setattr(os, "listdir", locked)  # may be entered, not listed
    monkeypatch.setattr(os, "scandir", locked)
    assert list_photos([folder, folder / "a.png"]) == [folder, folder / "a.png"]
