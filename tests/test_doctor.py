"""The doctor names what is there, what is missing, and the remedy."""

from __future__ import annotations

import shutil
import sys

import pytest

from focusfit import doctor
from focusfit.assets import asset_path, cached_path, find_asset
from focusfit.cli.main import main
from focusfit.doctor import Status, examine
from focusfit.facemodel.bfm_file import FILE_NAMES, REQUEST_PAGE


def finding(subject: str) -> doctor.Finding:
    return next(f for f in reversed(examine()) if f.subject == subject)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """No Basel model in the working folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FOCUSFIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_ready_where_everything_is_there(open_model, detector_files, capsys):
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert text.rstrip().splitlines()[-1].startswith("Ready")
    assert "MISSING" not in text
    for word in ("torch", "cpu", open_model.name, "YuNet", "mobilefacenet", "cache"):
        assert word in text


def test_not_ready_without_the_detector_s_files(empty_cache, capsys):
    assert main(["doctor"]) == 1
    text = capsys.readouterr().out
    assert "yunet is absent" in text
    assert "focusfit assets fetch" in text
    assert "Not ready: " in text
    assert "detector" in text.rstrip().splitlines()[-1]


def test_a_damaged_detector_file_is_noticed(detector_files, empty_cache, monkeypatch):
    monkeypatch.delenv("FOCUSFIT_CACHE")
    originals = {name: asset_path(name) for name in doctor.DETECTOR_FILES}
    monkeypatch.setenv("FOCUSFIT_CACHE", str(empty_cache))
    for name, original in originals.items():
        target = cached_path(find_asset(name))
        target.parent.mkdir(parents=True)
        shutil.copy(original, target)
    assert finding("detector").status is Status.GOOD
    target.write_bytes(target.read_bytes()[:-1])
    assert finding("detector").status is Status.MISSING
    assert "damaged" in finding("detector").says


def test_says_exactly_which_basel_file_goes_where(tmp_path):
    absent = finding("Basel model")
    assert absent.status is Status.NOTE
    for needed in (*FILE_NAMES, REQUEST_PAGE, str(tmp_path / "basel_3DMM")):
        assert needed in absent.remedy


def test_a_basel_file_is_looked_into(tmp_path, basel_face12):
    folder = tmp_path / "basel_3DMM"
    folder.mkdir()
    (folder / FILE_NAMES[1]).symlink_to(basel_face12)
    assert finding("Basel model").status is Status.GOOD
    assert "28588 vertices" in finding("Basel model").says
    (folder / FILE_NAMES[1]).unlink()
    (folder / FILE_NAMES[1]).write_text("an error page instead of the file")
    wrong = finding("Basel model")
    assert wrong.status is Status.NOTE
    assert "no HDF5 file" in wrong.says
    assert REQUEST_PAGE in wrong.remedy


def test_missing_packages_and_libraries_have_a_remedy(monkeypatch):
    monkeypatch.setattr(doctor.metadata, "requires", lambda _: ["numpy>=2", "no-such-package>=1,<2"])
    missing = finding("packages")
    assert missing.status is Status.MISSING
    assert missing.remedy == "Run `pip install 'no-such-package>=1,<2'`."
    monkeypatch.setitem(sys.modules, "cv2", None)  # what import finds where libGL is absent: an ImportError
    assert finding("OpenCV").status is Status.MISSING
    assert "apt-get install libgl1" in finding("OpenCV").remedy


def test_a_cache_that_cannot_be_written_is_noted(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("FOCUSFIT_CACHE", str(tmp_path / "file" / "cache"))
    assert finding("cache").status is Status.NOTE
    assert "FOCUSFIT_CACHE" in finding("cache").remedy
