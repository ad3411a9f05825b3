"""`focusfit gallery` from photos to one picture."""

from __future__ import annotations

import io
import os

import pytest
from PIL import Image

from focusfit.cli.gallery import gallery
from focusfit.cli.main import main


@pytest.fixture
def photos(astronaut_file, tmp_path, detector_files):
    """Two photos, of which one has no face."""
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.new("RGB", (120, 90), "steelblue").save(folder / "a_wall.png")
    (folder / "b.png").write_bytes(astronaut_file.read_bytes())
    return folder


def test_a_picture_of_what_was_found_and_a_line_for_what_was_not(photos, capsys):
    out = photos / "gallery.png"
    assert main(["gallery", str(photos), "--out", str(out), "--turn", "-40"]) == 1
    said = capsys.readouterr().out
    assert f"{photos / 'a_wall.png'}: no face was found" in said
    assert "1 faces of 2 photos" in said
    with Image.open(out) as picture:
        assert 1000 < picture.width <= 1600

    b = photos / "b.png"
    before = out.stat().st_mtime_ns
    assert main(["gallery", str(b), str(out), "--out", str(out), "--faces", "1"]) == 0
    assert "1 faces of 1 photos" in capsys.readouterr().out, "a picture is not put into itself"
    assert out.stat().st_mtime_ns > before


def test_names_that_are_no_unicode_are_escaped(photos, capsys):
    (photos / "a_wall.png").rename(os.fsdecode(os.fsencode(photos) + b"/latin\xe9.png"))
    assert main(["gallery", str(photos), "--out", os.fsdecode(os.fsencode(photos) + b"/\xe9.png")]) == 1
    said = capsys.readouterr().out
    assert f"{photos}/latin\\xe9.png: no face was found" in said
    assert f"{photos}/\\xe9.png" in said.splitlines()


def test_the_picture_is_there_before_anything_is_said(photos, monkeypatch):
    class Closed(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Closed())
    with pytest.raises(BrokenPipeError):
        gallery((str(photos),), photos / "gallery.png")
    assert (photos / "gallery.png").exists()


def test_other_networks_or_none_give_another_picture(astronaut_file, tmp_path, detector_files):
    shipped, none = tmp_path / "shipped.png", tmp_path / "none.png"
    assert main(["gallery", str(astronaut_file), "--out", str(shipped)]) == 0
    assert main(["gallery", str(astronaut_file), "--out", str(none), "--networks", "none"]) == 0
    assert shipped.read_bytes() != none.read_bytes()
    assert main(["gallery", str(astronaut_file), "--networks", str(tmp_path / "nowhere"), "--out", str(none)]) == 2


def test_without_any_face_there_is_no_picture(photos, capsys):
    out = photos / "none" / "gallery.png"
    assert main(["gallery", str(photos / "a_wall.png"), "--out", str(out)]) == 1
    assert not out.parent.exists()
    assert "0 faces of 1 photos" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--faces", "0"], "--faces is 0"),
        (["--faces", "61"], "--faces is 61"),
        (["--turn", "91"], "--turn is 91"),
        (["--workers", "0"], "--workers is 0"),
        (["--out", "gallery.jpg"], "Name a .png"),
        (["--device", "nonsense"], "--device 'nonsense' cannot be used"),
    ],
)
def test_wrong_arguments_end_with_2_and_a_remedy(arguments, reason, tmp_path, capsys):
    assert main(["gallery", str(tmp_path), *arguments]) == 2
    assert reason in capsys.readouterr().err


def test_a_folder_without_photos_ends_with_2(tmp_path, capsys):
    assert main(["gallery", str(tmp_path), "--out", str(tmp_path / "gallery.png")]) == 2
    assert "no photo was found" in capsys.readouterr().err
