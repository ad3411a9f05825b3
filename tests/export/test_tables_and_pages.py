"""Manifest, contact sheet and report."""

import csv
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from focusfit.export import contact_sheet, report
from focusfit.export.contact_sheet import ContactSheet
from focusfit.export.head_angles import head_angles
from focusfit.export.manifest import ManifestRow, manifest_table
from focusfit.export.photo_masks import face_pictures
from focusfit.export.report import Report
from focusfit.export.report_card import report_card


def row(photo="a.jpg", **changes):
    values = {"face": 1, "folder": "a", "status": "ok", "reason": "", "face_count": 1, "occluded": "yes"}
    return ManifestRow(photo, **(values | {"occluded_fraction": 0.25, "confidence": 0.8} | changes))


def test_manifest_survives_any_name_and_reason(tmp_path):
    nasty = 'comma, "quote"\nline \u202e 顔'
    with manifest_table(tmp_path) as table:
        table.add(vars(row(nasty)))
        table.add(vars(row("b.jpg", status="failed", folder="", reason=nasty, face=0, occluded_fraction=None)))
        unfinished = (tmp_path / "manifest.csv").read_text(encoding="utf-8")
    with (tmp_path / "manifest.csv").open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    assert list(first)[:5] == ["photo", "face", "folder", "status", "reason"]
    assert first["photo"] == second["reason"] == nasty
    assert first["occluded_fraction"] == "0.2500"
    assert second["occluded_fraction"] == ""
    assert "b.jpg" in unfinished, "rows must be on disk while the run goes on"


@pytest.mark.parametrize("faces", [0, 1, 5, contact_sheet.MOST_FACES + 7])
def test_contact_sheet_is_bounded(reconstruction, photo, tmp_path, faces):
    sheet, pictures = ContactSheet(), face_pictures(reconstruction, photo)
    for number in range(faces):
        sheet.add(f"face {number} " + "long" * 60, pictures)
    sheet.write(tmp_path / "sheet.png")
    picture = Image.open(tmp_path / "sheet.png")
    assert max(picture.size) < 6000
    assert np.asarray(picture).std() > 20
    assert picture.height == {0: 30, 1: 182, 5: 530}.get(faces, 32 * 174 + 30)


def write_report(path, reconstruction, photo, rows):
    pictures = face_pictures(reconstruction, photo)
    with Report(path, "title <&>", reconstruction.model) as page:
        for each in rows:
            page.add(each, report_card(each, reconstruction, pictures) if each.ok else None)
        page.finish()
    return path.read_text(encoding="utf-8")


class Sources(HTMLParser):
    """Everything that a browser would load, and all visible text."""

    def __init__(self, page):
        super().__init__()
        self.loads, self.text, self.elements = [], "", []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.loads += [value for name, value in attrs if name in ("src", "srcset", "data")]
        self.loads += [value for name, value in attrs if tag == "link" and name == "href"]

    def handle_data(self, data):
        self.text += data


def test_report_is_self_contained_and_escapes(reconstruction, photo, tmp_path):
    evil = '"><script>alert(1)</script>.jpg'
    page = write_report(tmp_path / "r.html", reconstruction, photo, [row(evil, folder=evil), row("b", status="failed")])
    parsed = Sources(page)
    assert parsed.loads
    assert all(source.startswith("data:image/") for source in parsed.loads)
    assert evil in parsed.text
    assert "<script>alert" not in page
    assert "title <&>" in parsed.text
    assert re.search(r"url\(|@import|fetch\(|XMLHttpRequest", page) is None
    assert "occluded: yes (25 % of the face is hidden)" in parsed.text


def test_report_holds_every_mesh_once(reconstruction, photo, tmp_path):
    page = write_report(tmp_path / "r.html", reconstruction, photo, [row(folder="a"), row(folder="b")])
    identifiers = [attrs["id"] for tag, attrs in Sources(page).elements if tag == "script" and "id" in attrs]
    assert identifiers == ["a-positions", "a-colours", "b-positions", "b-colours", "triangles"]


def test_interrupted_report_leaves_nothing(reconstruction, tmp_path):
    with pytest.raises(KeyboardInterrupt), Report(tmp_path / "r.html", "t", reconstruction.model):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_table_is_bounded(reconstruction, photo, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "MOST_LINES", 3)
    page = write_report(tmp_path / "r.html", reconstruction, photo, [row(f"{k}", status="failed") for k in range(9)])
    assert page.count("<tr>") == 4
    assert "6 more lines" in page


def test_head_angles(reconstruction):
    from dataclasses import replace

    import torch

    def angles(*vector):
        turned = reconstruction.coefficients.replace(rotation=torch.tensor([vector]))
        return head_angles(replace(reconstruction, coefficients=turned))

    assert angles(0.0, 0.5, 0.0) == pytest.approx((28.65, 0, 0), abs=0.01)
    assert angles(-0.5, 0.0, 0.0) == pytest.approx((0, 28.65, 0), abs=0.01)
    assert angles(0.0, 0.0, -0.5) == pytest.approx((0, 0, 28.65), abs=0.01)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs the chromium browser")
def test_meshes_turn_in_a_browser(reconstruction, photo, tmp_path):
    write_report(tmp_path / "r.html", reconstruction, photo, [row()])
    options = "--headless=new --no-sandbox --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader"
    options += " --disable-background-networking --window-size=1200,900 --dump-dom"
    for seconds in (4, 20, 60):  # a busy machine draws its first frame late
        command = ["chromium", *options.split(), f"--virtual-time-budget={1000 * seconds}"]
        command += [f"--user-data-dir={tmp_path}/profile{seconds}", f"file://{tmp_path}/r.html"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if 'data-drawn="yes"' in done.stdout:
            return
    pytest.fail(done.stderr[-2000:])
