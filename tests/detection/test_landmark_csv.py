from pathlib import Path

import numpy as np
import pytest

from focusfit.detection import MEAN_FACE_5, MEAN_FACE_68, LandmarkTable, Photo, load_detector
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
