"""A folder of everything that photo folders hold in real life: one reasoned row each, every good face written."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from focusfit.export.face_folder import FILES
from focusfit.export.naming import printable

GOOD = ""
"""Instead of a reason: the photo must give a face."""


@pytest.fixture(scope="session")
def hostile(tmp_path_factory):
    """The folder, and for every input the reason that its row must give."""
    folder = tmp_path_factory.mktemp("hostile")
    expected = {**make_readable(folder), **make_unreadable(folder)}
    return folder, expected


def face(width=256):
    """The astronaut's head, RGB uint8."""
    return cv2.resize(data.astronaut()[0:260, 90:350], (width, width), interpolation=cv2.INTER_AREA)


def make_readable(folder):
    image = Image.fromarray(face())
    image.convert("CMYK").save(folder / "cmyk.jpg")
    image.convert("L").save(folder / "grey.jpg")
    image.convert("RGBA").save(folder / "alpha.png")
    image.quantize(64).save(folder / "palette.png")
    image.convert("LA").save(folder / "grey_alpha.png")
    cv2.imwrite(str(folder / "sixteen_bit.png"), face()[..., ::-1].astype(np.uint16) * 257)
    Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257).save(folder / "sixteen_bit_grey.tif")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    image.transpose(Image.Transpose.ROTATE_90).save(folder / "exif_rotated.jpg", exif=exif)
    image.save(folder / "animated.gif", save_all=True, append_images=[image.rotate(90)])
    image.save(folder / "UPPER.JPG", "JPEG")
    image.save(folder / "顔 写真 é.webp")
    image.save(folder / "twin.jpg")
    image.save(folder / "twin.png")
    image.save(folder / "manifest.csv.png")
    image.save(folder / "<img src=x onerror=alert(1)>.png")
    image.save(folder / "text inside.bmp")
    image.save(folder / "two\nlines.png")
    image.save(os.fsdecode(os.fsencode(folder) + b"/latin\xe9.png"), "PNG")
    Image.fromarray(np.tile(face(96), (5, 8, 1))).save(folder / "forty_faces.png")
    return {path.name: GOOD for path in folder.iterdir()}


def make_unreadable(folder):
    noise = np.random.default_rng(0).integers(0, 255, (90, 120, 3)).astype(np.uint8)
    whole = (folder / "twin.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 3])
    (folder / "truncated.png").write_bytes((folder / "twin.png").read_bytes()[:9000])
    (folder / "text.jpg").write_text("This is a letter.\n")
    (folder / "empty.png").touch()
    (folder / "noise.webp").write_bytes(noise.tobytes())
    (folder / "directory.jpg").mkdir()
    (folder / "broken_link.jpg").symlink_to(folder / "gone.jpg")
    (folder / "circle.jpg").symlink_to(folder / "circle.jpg")
    os.mkfifo(folder / "pipe.jpg")
    Image.new("RGB", (1, 1), "pink").save(folder / "one_pixel.png")
    Image.new("RGB", (3000, 1), "pink").save(folder / "line.png")
    Image.new("RGB", (200, 200)).save(folder / "black.png")
    Image.fromarray(noise).save(folder / "no_face.tiff")
    Image.new("1", (20_000, 20_000)).save(folder / "enormous.png")
    no_face = "no face"
    reasons = {
        "truncated.jpg": "damaged or cut off",
        "truncated.png": "damaged or cut off",
        "text.jpg": "not an image",
        "empty.png": "",
        "noise.webp": "not an image",
        "directory.jpg": "folder",
        "broken_link.jpg": "broken link",
        "circle.jpg": "link",
        "pipe.jpg": "not a regular file",
        "one_pixel.png": no_face,
        "line.png": no_face,
        "black.png": no_face,
        "no_face.tiff": no_face,
        "enormous.png": "more pixels than",
    }
    if os.geteuid() != 0:  # root may read everything
        (folder / "locked.jpg").write_bytes(whole)
        (folder / "locked.jpg").chmod(0)
        reasons["locked.jpg"] = "may not be read"
    return {name: f"!{reason}" for name, reason in reasons.items()}


@pytest.fixture(scope="session")
def run(hostile, tmp_path_factory):
    """One run over the whole folder (its gif named apart: folders do not mean those)."""
    folder, expected = hostile
    out = tmp_path_factory.mktemp("hostile_out") / "out"
    done = focusfit("reconstruct", folder, folder / "animated.gif", "--out", out, "--size", "112")
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return out, rows, done, {printable(name): reason for name, reason in expected.items()}


def focusfit(*words):
    command = [sys.executable, "-m", "focusfit", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_exit_code_and_no_traceback(run):
    _, _, done, _ = run
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_every_input_has_its_row_and_reason(run):
    _, rows, _, expected = run
    by_photo = {}
    for row in rows:
        by_photo.setdefault(Path(row["photo"]).name, []).append(row)
    assert by_photo.keys() == expected.keys()
    for name, reason in expected.items():
        if reason == GOOD:
            assert {row["status"] for row in by_photo[name]} == {"ok"}, (name, by_photo[name])
        else:
            [row] = by_photo[name]
            assert row["status"] == "failed"
            assert row["reason"], name
            assert reason[1:] in row["reason"], row
            assert row["face"] == "0"
            assert row["folder"] == ""


def test_every_face_of_a_crowd(run):
    _, rows, _, _ = run
    crowd = [row for row in rows if row["photo"].endswith("forty_faces.png")]
    assert [int(row["face"]) for row in crowd] == list(range(1, 41))


def test_all_folders_are_complete_and_apart(run):
    out, rows, _, _ = run
    folders = [row["folder"] for row in rows if row["status"] == "ok"]
    assert len(set(folders)) == len(folders)
    assert {"twin.jpg", "twin.png", "forty_faces", "forty_faces.face40", "顔 写真 é"} <= set(folders)
    for folder in folders:
        assert {path.name for path in (out / folder).iterdir()} == set(FILES)
    run_files = {"manifest.csv", "timings.csv", "contact_sheet.png", "report.html"}
    assert {path.name for path in out.iterdir()} == set(folders) | run_files


def test_masks_fit_their_upright_photos(run):
    out, rows, _, _ = run
    sizes = {
        Path(row["photo"]).name: Image.open(out / row["folder"] / "mask.png").size for row in rows if row["folder"]
    }
    assert sizes["exif_rotated.jpg"] == (256, 256)
    assert sizes["forty_faces.png"] == (768, 480)
    upright = [
        np.asarray(Image.open(out / row["folder"] / "face_region.png")) > 0
        for row in rows
        if Path(row["photo"]).name in ("exif_rotated.jpg", "alpha.png")
    ]
    assert (upright[0] & upright[1]).sum() / (upright[0] | upright[1]).sum() > 0.8


def test_the_report_shows_names_as_text(run):
    out, _, _, _ = run
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;.png" in page
    assert "顔 写真 é" in page
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize(
    "words",
    [
        ("{empty}", "--out", "{out}"),
        ("{photo}", "--out", "{photo}"),
        ("{photo}", "--out", "{out}", "--faces", "none"),
        ("{photo}", "--out", "{out}", "--size", "9"),
        ("{photo}", "--out", "{out}", "--workers", "0"),
        ("{photo}", "--out", "{out}", "--device", "abacus"),
        ("{photo}", "--out", "{out}", "--model", "{photo}"),
        ("{photo}", "--out", "{out}", "--landmarks", "{photo}"),
        ("{photo}",),
    ],
)
def test_nothing_can_be_run(hostile, tmp_path, words, capsys):
    from focusfit.cli.main import main

    (tmp_path / "empty").mkdir()
    places = {"photo": hostile[0] / "twin.jpg", "out": tmp_path / "out", "empty": tmp_path / "empty"}
    assert main(["reconstruct", *(word.format(**places) for word in words)]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not (tmp_path / "out" / "manifest.csv").exists()


def contents(out):
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "timings.csv"
    }


def test_two_runs_give_the_same_files(hostile, tmp_path):
    from focusfit.cli.main import main

    folder = hostile[0]
    names = ("grey.jpg", "text.jpg", "twin.jpg", "twin.png", "exif_rotated.jpg")
    photos = [str(folder / name) for name in names]
    for name, workers in (("a", 1), ("b", 3)):
        arguments = [*photos, "--out", str(tmp_path / name), "--size", "112", "--workers", str(workers)]
        assert main(["reconstruct", *arguments]) == 1
    first, second = contents(tmp_path / "a"), contents(tmp_path / "b")
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert len(first) == 4 * len(FILES) + 3


def test_a_good_photo_gives_zero(hostile, tmp_path):
    from focusfit.cli.main import main

    arguments = [str(hostile[0] / "forty_faces.png"), "--out", str(tmp_path), "--faces", "2", "--size", "112"]
    assert main(["reconstruct", *arguments]) == 0
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"forty_faces", "forty_faces.face2"}
