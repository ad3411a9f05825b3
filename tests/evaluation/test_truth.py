"""Layouts of ground truth, and what is said about broken ones."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PIL import Image

from focusfit.errors import FocusfitError
from focusfit.evaluation.celebamask import LABELS, convert_label_maps, visible_skin
from focusfit.evaluation.mask_file import is_white, read_mask
from focusfit.evaluation.shape_protocol import NOW_PROTOCOL, SCAN_PROTOCOL
from focusfit.evaluation.truth import read_truth
from focusfit.evaluation.truth.now import read_picked_points
from focusfit.evaluation.truth.visible_skin import read_visible_skin
from focusfit.export.mesh import write_obj
from tests.evaluation.scans import dome, save_mask, write_truth

PICKED = """<!DOCTYPE PickedPoints>
<PickedPoints>
 <DocumentData><DateTime time="12:00:00" date="2018-04-24"/></DocumentData>
"""


def picked(points) -> str:
    lines = [f' <point y="{y}" x="{x}" active="1" z="{z}" name="{k}"/>' for k, (x, y, z) in enumerate(points)]
    return PICKED + "\n".join(lines) + "\n</PickedPoints>\n"


def test_rendered_scans(tmp_path):
    photos = read_truth(write_truth(tmp_path / "truth"))
    assert [photo.name for photo in photos] == [f"000{k}.jpg" for k in range(6)]
    assert photos[0].groups == ("yaw_lt40", "clean", "clean,yaw_lt40", "occluder:none")
    assert photos[2].groups == ("yaw_ge40", "occluded", "occluded,yaw_ge40", "occluder:mask")
    assert [photo.occluded for photo in photos] == [False, True, True, False, True, False]
    shape = photos[1].shape()
    assert shape.points.shape == (294, 3)
    assert shape.protocol is SCAN_PROTOCOL
    assert photos[1].landmarks.shape == (68, 2)


def test_annotated_photos(tmp_path):
    header = ["file", "yaw_deg", *(f"{axis}{k}" for k in range(68) for axis in "xy")]
    with (tmp_path / "landmarks68.csv").open("w", newline="") as lines:
        csv.writer(lines).writerows([header, ["a.jpg", "-41.5", *range(136)], ["b.jpg", "", *range(136)]])
    (tmp_path / "masks").mkdir()
    save_mask(tmp_path / "masks" / "b.png", np.ones((4, 4)))
    one, other = read_truth(tmp_path)
    assert (one.groups, other.groups) == (("yaw_ge40",), ())
    assert one.landmarks[1].tolist() == [2, 3]
    assert (one.cover, other.cover.name) == (None, "b.png")


def test_the_reference_s_layout(tmp_path):
    """Masks beside photos, tables above them; the photo's own folder or the one above may be named."""
    folder = tmp_path / "root" / "Dataset"
    folder.mkdir(parents=True)
    for name in ("1", "2.5", "x/1"):
        (folder / name).parent.mkdir(exist_ok=True)
        save_mask(folder / f"{name}_visible_skin_mask.png", np.ones((4, 4)))
    Image.new("RGB", (4, 4)).save(folder / "2.5.PNG")
    row = ["1.jpg", *range(1, 137)]
    (tmp_path / "root" / "all_landmarks.csv").write_text(",".join(map(str, row)) + "\n")
    for named in (folder, tmp_path / "root"):
        photos = {photo.name: photo for photo in read_truth(named)}
        prefix = "" if named == folder else "Dataset/"
        assert set(photos) == {f"{prefix}1.jpg", f"{prefix}x/1.jpg", "2.5.PNG"}
        assert photos[f"{prefix}1.jpg"].landmarks[0].tolist() == [1, 2]
        assert photos["2.5.PNG"].landmarks is None
        assert photos["2.5.PNG"].visible.name == "2.5_visible_skin_mask.png"


def test_photos_of_one_name_have_their_own_points(tmp_path):
    """Also those of a later table; and a faulty row is named, unless it may be skipped."""
    for name in ("p1/1", "p2/1", "p3/1"):
        (tmp_path / "Dataset" / name).parent.mkdir(parents=True)
        save_mask(tmp_path / "Dataset" / f"{name}_visible_skin_mask.png", np.ones((4, 4)))
        Image.new("RGB", (4, 4)).save(tmp_path / "Dataset" / f"{name}.png")
    rows = {
        name: ",".join([f"{name}.png", *(str(first + k) for k in range(136))])
        for name, first in (("p1/1", 100), ("p2/1", 200))
    }
    (tmp_path / "all_landmarks.csv").write_text(rows["p1/1"] + "\n")
    (tmp_path / "train_landmarks.csv").write_text(rows["p2/1"] + "\n")
    points = [photo.landmarks for photo in read_truth(tmp_path)]
    assert [None if each is None else each[0, 0] for each in points] == [100, 200, None]
    (tmp_path / "train_landmarks.csv").write_text("p3/1.png,1,2\n" + rows["p2/1"] + "\n")
    with pytest.raises(FocusfitError, match="row 1 has 3 columns"):
        read_truth(tmp_path)
    assert read_visible_skin(tmp_path, skip_faulty_rows=True)[1].landmarks[0, 0] == 200


def write_now(folder, person="FaMoS_1"):
    vertices, triangles = dome(20)
    seven = vertices[[0, 40, 80, 120, 160, 200, 240]]
    for name in ("scans", "scans_lmks_onlypp"):
        (folder / name / person).mkdir(parents=True)
    write_obj(folder / "scans" / person / "scan.obj", vertices, triangles)
    (folder / "scans_lmks_onlypp" / person / "scan.pp").write_text(picked(seven.tolist()))
    (folder / "imagepathsvalidation.txt").write_text(
        f"iphone/{person}/multiview_neutral/IMG_1.jpg\n{person}/multiview_occlusions/IMG_1.jpg\n\n"
    )
    return seven


def test_now(tmp_path):
    seven = write_now(tmp_path)
    photos = read_truth(tmp_path)
    assert [photo.name for photo in photos] == [f"FaMoS_1/multiview_{k}/IMG_1.jpg" for k in ("neutral", "occlusions")]
    assert [photo.groups for photo in photos] == [("multiview_neutral",), ("multiview_occlusions",)]
    assert [photo.person for photo in photos] == ["FaMoS_1"] * 2
    shape = photos[0].shape()
    assert shape is photos[1].shape()  # the scan of a person is read once
    assert shape.landmarks7 == pytest.approx(seven)
    assert shape.protocol is NOW_PROTOCOL


@pytest.mark.parametrize("line", ["IMG_1.jpg", "a/IMG_1.jpg", "/a/IMG_1.jpg", "a/../IMG_1.jpg"])
def test_now_lists_that_name_no_person_and_challenge(tmp_path, line):
    (tmp_path / "imagepathsvalidation.txt").write_text(line + "\n")
    with pytest.raises(FocusfitError, match="is not PERSON/CHALLENGE/PHOTO"):
        read_truth(tmp_path)


def test_people_beside_another_layout_and_alone(tmp_path):
    truth = write_truth(tmp_path / "truth")
    (truth / "people.csv").write_text("file,person\n0000.jpg,anna\n0003.jpg,bert\n")
    assert [photo.person for photo in read_truth(truth)] == ["anna", None, None, "bert", None, None]
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "people.csv").write_text("file,person\na.jpg,anna\n")
    assert read_truth(tmp_path / "alone")[0].person == "anna"


def test_rows_of_separators_are_none(tmp_path):
    (tmp_path / "people.csv").write_text("file,person\n,\na.jpg,anna\n , \n\nb.jpg,bert\n,\n")
    assert [photo.name for photo in read_truth(tmp_path)] == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [("a.jpg,anna\n,\n\n ,bert\n", "line 5 names no file"), (",\n", "lists no photo"), ("a.jpg\n", "line 2 has no")],
)
def test_people_of_which_a_row_says_too_little(tmp_path, rows, reason):
    (tmp_path / "people.csv").write_text("file,person\n" + rows)
    with pytest.raises(FocusfitError, match=reason):
        read_truth(tmp_path)


def break_index(folder):
    (folder / "index.csv").write_text("file,occluder\na.jpg,none\n")
    return "no column 'yaw_rad'"


def break_number(folder):
    (folder / "index.csv").write_text("file,occluder,yaw_rad\na.jpg,none,left\n")
    return "'left' in column 'yaw_rad' is not a number"


def break_rows(folder):
    (folder / "index.csv").write_text("file,occluder,yaw_rad\n")
    return "lists no photo"


def break_npz(folder):
    (folder / "0001.npz").write_bytes(b"no zip")
    return "no readable array 'landmarks68_px'"


def break_points(folder):
    np.savez(folder / "0001.npz", landmarks68_px=np.zeros((5, 2)))
    return "shape (5, 2) instead of (68, 2)"


def break_pickle(folder):
    np.savez(folder / "0001.npz", landmarks68_px=np.array([{}], object))
    return "no readable array"


@pytest.mark.parametrize("damage", [break_index, break_number, break_rows, break_npz, break_points, break_pickle])
def test_damaged_truth_is_named(tmp_path, damage):
    folder = write_truth(tmp_path / "truth")
    cause = damage(folder)
    with pytest.raises(FocusfitError) as caught:
        read_truth(folder)
    assert cause in str(caught.value)
    assert str(folder) in str(caught.value)


def test_shapes_that_do_not_fit_the_topology(tmp_path):
    folder = write_truth(tmp_path / "truth")
    np.savez(folder / "topology.npz", scored_vertices=np.ones(3))
    with pytest.raises(FocusfitError, match="do not fit"):
        read_truth(folder)[0].shape()


def test_unknown_layouts_and_absent_folders(tmp_path):
    with pytest.raises(FocusfitError, match="is not a folder"):
        read_truth(tmp_path / "absent")
    with pytest.raises(FocusfitError, match="Known are: index"):
        read_truth(tmp_path)


def test_picked_points(tmp_path):
    path = tmp_path / "a.pp"
    path.write_text(picked([[k, 2 * k, -k] for k in range(7)]))
    assert read_picked_points(path).tolist() == [[k, 2 * k, -k] for k in range(7)]
    path.write_text(picked([[1, 2, 3]] * 6))
    with pytest.raises(FocusfitError, match="instead of"):
        read_picked_points(path)


def test_label_maps_become_masks_in_the_photo_s_size(tmp_path):
    for name in ("labels", "photos"):
        (tmp_path / name).mkdir()
    labels = np.zeros((4, 4), np.uint8)
    labels[0], labels[1], labels[2] = [1, 2, 3, 4], [8, 10, 11, 12], [13, 14, 15, 17]
    Image.fromarray(labels).save(tmp_path / "labels" / "7.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "photos" / "7.jpg")
    [path] = convert_label_maps(tmp_path / "labels", tmp_path / "photos", tmp_path / "out")
    mask = is_white(read_mask(path))
    assert path.name == "7_visible_skin_mask.png"
    expected = np.zeros((4, 4), bool)
    expected[0], expected[1] = (
        [True, True, False, True],
        True,
    )  # glasses are no skin; hair, hat, jewellery, neck neither
    assert (mask == expected.repeat(2, 0).repeat(2, 1)).all()
    assert set(np.unique(read_mask(path))) == {0, 1}
    assert len(LABELS) == 19


def test_label_maps_of_other_classes_or_without_photos_are_refused(tmp_path):
    with pytest.raises(FocusfitError, match="no label map"):
        convert_label_maps(tmp_path, tmp_path, tmp_path)
    Image.fromarray(np.full((2, 2), 19, np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "photos").mkdir()
    with pytest.raises(FocusfitError, match="no photo of that name"):
        convert_label_maps(tmp_path, tmp_path / "photos", tmp_path / "out")
    Image.new("RGB", (2, 2)).save(tmp_path / "photos" / "a.jpg")
    with pytest.raises(FocusfitError, match="class 19"):
        convert_label_maps(tmp_path, tmp_path / "photos", tmp_path / "out")


def test_visible_skin_is_white_or_black():
    assert set(visible_skin(np.arange(19)).tolist()) == {0, 255}
