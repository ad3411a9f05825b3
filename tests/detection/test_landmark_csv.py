from pathlib import Path

import numpy as np
import pytest

from focusfit.detection import MEAN_FACE_5, MEAN_FACE_68, LandmarkTable, Photo, load_detector
from focusfit.detection.landmark_csv import read_usable_rows
from focusfit.errors import FocusfitError, LandmarkError, PhotoError

POINTS_68 = MEAN_FACE_68[:, :2] * [1, -1] + 200
POINTS_5 = MEAN_FACE_5[:, :2] * [1, -1] + 300
BLANK = np.zeros((8, 8, 3), np.uint8)


def row(name, points, form="{:.4f}"):
    return ",".join([name, *(form.format(v) for v in points.ravel())])


def write(path, *lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_68_points_without_header(tmp_path):
    table = LandmarkTable(write(tmp_path / "lm.csv", row("a.jpg", POINTS_68)))
    (face,) = table.detect(Photo(BLANK, Path("somewhere/a.jpg")))
    np.testing.assert_allclose(face.landmarks["ibug68"].points, POINTS_68, atol=1e-4)
    assert (face.landmarks["ibug68"].confidence == 1).all()
    assert face.box == pytest.approx((*POINTS_68.min(0), *POINTS_68.max(0)), abs=1e-3)
    assert face.source == "csv"


def test_integers_header_spaces_blank_lines_and_folders(tmp_path):
    header = "name," + ",".join(f"x{k},y{k}" for k in range(68))
    lines = [header, "", row("photos/a.jpg", POINTS_68, " {:.0f}") + ",", row("b.png", POINTS_68)]
    table = LandmarkTable(write(tmp_path / "lm.csv", *lines))
    (face,) = table.detect(Photo(BLANK, tmp_path / "a.jpg"))
    np.testing.assert_array_equal(face.landmarks["ibug68"].points, POINTS_68.round())


def test_five_points_and_several_faces(tmp_path):
    table = LandmarkTable(write(tmp_path / "lm.csv", row("a.jpg", POINTS_5 * 0.5), row("a.jpg", POINTS_5)))
    large, small = table.detect(Photo(BLANK, Path("a.jpg")))
    np.testing.assert_allclose(large.landmarks["five"].points, POINTS_5, atol=1e-4)
    assert large.area > small.area


def found(table, photo):
    """Where the points of a photo's faces begin, from the table's left: rows are shifted by tens of pixels."""
    try:
        faces = table.detect(Photo(BLANK, Path(photo)))
    except PhotoError:
        return []
    return sorted(round(face.box[0] - POINTS_68[:, 0].min()) // 10 for face in faces)


def shifted(tmp_path, *names):
    """A table of these names; the points of row k are k tens of pixels to the right."""
    rows = [row(name, POINTS_68 + np.array([10 * k, 0])) for k, name in enumerate(names)]
    return LandmarkTable(write(tmp_path / "lm.csv", *rows))


def test_photos_of_one_name_in_several_folders_get_their_own_rows(tmp_path):
    names = ["p1/0001.jpg", "p2/0001.jpg", "p2\\0001.jpg", "0001.jpg", "set/p1/0001.jpg"]
    table = shifted(tmp_path, *names)
    assert found(table, "/photos/p1/0001.jpg") == [0]
    assert found(table, "/photos/p2/0001.jpg") == [1, 2]
    assert found(table, "/photos/p3/0001.jpg") == [3], "a row without folders means any photo of its name"
    assert found(table, "/photos/set/p1/0001.jpg") == [4]
    assert found(table, "/photos/xp1/0001.jpg") == [3], "folders are compared whole"


def test_a_photo_whose_folder_no_row_names_gets_nobody_else_s_face(tmp_path):
    assert found(shifted(tmp_path, "p1/0001.jpg", "p2/0001.jpg"), "/photos/p3/0001.jpg") == []
    assert found(shifted(tmp_path, "p1/0001.jpg", "p2/0002.jpg"), "/photos/p2/0001.jpg") == []
    for folder in ("p1", "p2"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "0001.jpg").touch()
    table = shifted(tmp_path, "p1/0001.jpg")
    assert (found(table, tmp_path / "p1/0001.jpg"), found(table, tmp_path / "p2/0001.jpg")) == ([0], [])
    assert found(shifted(tmp_path, f"{tmp_path}/p1/0001.jpg"), tmp_path / "p2/0001.jpg") == []


def test_a_table_from_another_machine(tmp_path):
    table = shifted(tmp_path, "C:\\set\\p1\\0001.jpg", "C:\\set\\p2\\0001.jpg", "/home/somebody/set/a.jpg")
    assert found(table, "/photos/p1/0001.jpg") == [0], "the folders that are alike decide"
    assert found(table, "/photos/p2/0001.jpg") == [1]
    assert found(table, "/photos/p3/0001.jpg") == []
    assert found(table, "/photos/a.jpg") == [2]
    photo = tmp_path / "set" / "a.jpg"
    photo.parent.mkdir()
    photo.touch()
    assert found(shifted(tmp_path, "../set/a.jpg"), photo) == [0]


def test_rows_that_were_read_already(tmp_path):
    path = write(tmp_path / "lm.csv", row("a.jpg", POINTS_68), "b.jpg,1,2,3")
    table = LandmarkTable(path, read_usable_rows(path)[0])
    assert found(table, "a.jpg") == [0]


def test_photo_without_a_row(tmp_path):
    table = LandmarkTable(write(tmp_path / "lm.csv", row("a.jpg", POINTS_68)))
    with pytest.raises(PhotoError, match=r"no row in the landmark table .*lm\.csv"):
        table.detect(Photo(BLANK, Path("b.jpg")))


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("b.jpg,1,2,3", "row 2 has 4 columns"),
        (row("b.jpg", POINTS_68).replace("200.0000", "oops", 1), "row 2, column .* 'oops', not a number"),
        (row("b.jpg", POINTS_5 * np.nan), "row 2, column 2 is 'nan', not a number"),
        (row("b.jpg", POINTS_68 * 0), "row 2 has all its points on one line"),
    ],
)
def test_wrong_rows(tmp_path, line, cause):
    path = write(tmp_path / "lm.csv", row("a.jpg", POINTS_68), line)
    with pytest.raises(LandmarkError, match=cause) as caught:
        LandmarkTable(path)
    assert caught.value.file == path
    assert "137 columns" in caught.value.remedy


def test_no_table_at_all(tmp_path):
    with pytest.raises(LandmarkError, match="cannot be read"):
        LandmarkTable(tmp_path / "absent.csv")
    with pytest.raises(LandmarkError, match="holds no row"):
        LandmarkTable(write(tmp_path / "empty.csv", "name,x,y"))
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x81" * 50)
    with pytest.raises(LandmarkError, match="cannot be read"):
        LandmarkTable(tmp_path / "binary.csv")


def test_detectors_by_name(tmp_path):
    table = write(tmp_path / "lm.csv", row("a.jpg", POINTS_68))
    assert load_detector("csv", table).name == "csv"
    with pytest.raises(FocusfitError, match="--landmarks"):
        load_detector("csv")
    with pytest.raises(FocusfitError, match="Known detectors: yunet-facemesh, yunet, insightface, csv"):
        load_detector("mtcnn")
    with pytest.raises(FocusfitError, match="no insightface model pack"):
        load_detector("insightface", tmp_path)
