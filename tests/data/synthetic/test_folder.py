import json
from dataclasses import replace

import numpy as np
import pytest

from focusfit.cli.main import main
from focusfit.data.synthetic import SyntheticConfig
from focusfit.data.synthetic.folder import Synthesis, synthesize
from focusfit.data.synthetic.folder.tables import split_of
from focusfit.detection.landmark_csv import read_landmark_rows
from focusfit.errors import FocusfitError
from focusfit.evaluation.truth import read_truth

CONFIG = SyntheticConfig(size=64, seed=5, photos_per_person=2)
COUNT = 8


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("synthetic")
    done = synthesize(CONFIG, COUNT, out, workers=1)
    assert (done.photos, done.made) == (COUNT, COUNT)
    return out


def contents(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_files_of_the_references_layout(folder):
    names = {path.name for path in (folder / "Dataset").iterdir()}
    for index in range(COUNT):
        endings = (".jpg", ".npz", "_visible_skin_mask.png", "_face_region.png")
        assert {f"{index:06d}{ending}" for ending in endings} <= names
    for table in ("train", "val", "test", "all"):
        rows = read_landmark_rows(folder / f"{table}_landmarks.csv")
        assert all(row.landmarks.points.shape == (68, 2) for row in rows)
    assert len((folder / "all_landmarks.csv").read_text().splitlines()[0].split(",")) == 137
    assert not [path for path in folder.rglob("*") if "partial" in path.name]
    assert (folder / "contact_sheet.jpg").stat().st_size > 1000


def test_people_are_in_one_table_only(folder):
    tables = {name: read_landmark_rows(folder / f"{name}_landmarks.csv") for name in ("train", "val", "test")}
    people = {name: {int(row.name[:6]) // 2 for row in rows} for name, rows in tables.items()}
    assert people == {"train": {0, 3}, "val": {1}, "test": {2}}
    assert [split_of(number) for number in (10, 11, 12, 13)] == ["train", "val", "test", "train"]


def test_evaluation_reads_everything(folder):
    photos = read_truth(folder / "Dataset")
    assert len(photos) == COUNT
    for photo in photos:
        assert photo.landmarks is not None
        assert photo.visible is not None
        assert photo.face is not None
        assert photo.coefficients is not None
        assert photo.person is not None
        shape = photo.shape()
        nose_to_eyes = np.linalg.norm(shape.landmarks7[4] - shape.landmarks7[[0, 3]].mean(0))
        assert 25 < nose_to_eyes < 70
        assert len(shape.points) > 3000
    assert {photo.occluded for photo in photos} == {True, False}


def test_processes_change_nothing_and_interrupted_runs_continue(folder, tmp_path):
    synthesize(CONFIG, 5, tmp_path, workers=1)
    (tmp_path / "Dataset" / "000003.jpg").unlink()
    (tmp_path / "Dataset" / "000004.jpg").unlink()
    (tmp_path / "Dataset" / "000004_face_region.png").unlink()
    (tmp_path / "Dataset" / "000004.jpg.partial").write_bytes(b"cut off")
    done = synthesize(CONFIG, COUNT, tmp_path, workers=2)
    assert done.made == 5
    assert contents(tmp_path) == contents(folder)


def test_a_folder_is_only_continued_with_its_own_settings(folder):
    with pytest.raises(FocusfitError, match="another seed"):
        synthesize(SyntheticConfig(size=64, seed=6, photos_per_person=2), COUNT, folder)
    before = (folder / "synthesis.json").read_text()
    assert json.loads(before)["config"]["seed"] == 5


def test_a_folder_of_an_older_version_is_continued_where_what_is_new_is_at_its_default(folder, tmp_path):
    synthesize(CONFIG, 1, tmp_path, workers=1)
    file = tmp_path / "synthesis.json"
    settings = json.loads(file.read_text())
    del settings["config"]["exposure"]
    file.write_text(json.dumps(settings))
    synthesize(CONFIG, 1, tmp_path, workers=1)
    with pytest.raises(FocusfitError, match="another exposure"):
        synthesize(replace(CONFIG, exposure=0.5), 1, tmp_path, workers=1)


def test_damaged_settings_are_named(tmp_path):
    (tmp_path / "synthesis.json").write_text("{")
    with pytest.raises(FocusfitError, match=r"synthesis\.json"):
        synthesize(CONFIG, 1, tmp_path, workers=1)


def test_command(tmp_path, capsys):
    assert main(["synthesize", "--count", "2", "--out", str(tmp_path / "a"), "--size", "48", "--people", "1"]) == 0
    assert "2 of 2 photos" in capsys.readouterr().out
    assert (tmp_path / "a" / "Dataset" / "people.csv").read_text().count("p000000") == 2
    assert main(["synthesize", "--count", "0", "--out", str(tmp_path / "b")]) == 2
    assert main(["synthesize", "--count", "2", "--out", str(tmp_path / "b"), "--people", "3"]) == 2


@pytest.mark.parametrize(
    ("count", "people", "nearest"), [(1000, 999, "500 and 1000"), (10, 4, "2 and 5"), (7, 2, "1 and 7")]
)
def test_people_that_cannot_be_on_equally_many_photos(tmp_path, capsys, count, people, nearest):
    words = ["synthesize", "--count", str(count), "--people", str(people), "--out", str(tmp_path / "out")]
    assert main(words) == 2
    assert f"The nearest --people that divide {count} are {nearest}." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("count", "people"), [(1000, 250), (2000, 500), (4, 1), (6, None)])
def test_a_folder_grows_with_as_many_photos_per_person(monkeypatch, count, people):
    made = []
    monkeypatch.setattr(
        "focusfit.data.synthetic.folder.synthesize", lambda config, *_: made.append(config) or Synthesis(count, 0, 1.0)
    )
    words = ["synthesize", "--count", str(count), "--out", "none"]
    assert main([*words, *(() if people is None else ("--people", str(people)))]) == 0
    assert made == [SyntheticConfig(photos_per_person=1 if people is None else 4)]
