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
