"""Results on disk, our own and others'."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from PIL import Image

from focusfit.errors import FocusfitError
from focusfit.evaluation.mesh_file import read_mesh
from focusfit.evaluation.predictions import Predictions
from focusfit.export.mesh import write_obj
from tests.evaluation.scans import dome, make_scans, save_mask, write_predictions


@pytest.fixture
def own(tmp_path):
    return write_predictions(tmp_path / "pred")


def test_own_folders(own):
    predictions, scan = Predictions(own), make_scans()[1]
    mask = predictions.mask("0001.jpg")
    assert (mask.hard == scan.visible).all()
    assert (mask.region == scan.region).all()
    assert mask.soft == pytest.approx(scan.visible.astype(float))
    assert predictions.landmarks("0001.jpg") == pytest.approx(scan.points)
    assert predictions.shape("0001.jpg").mesh.vertices == pytest.approx(scan.vertices, abs=1e-4)
    assert predictions.coefficients("0001.jpg").identity.tolist() == [1, 1, 1]


def test_probabilities_come_from_occlusion_png(own):
    values = np.full((64, 64), 16384, np.uint16)
    Image.fromarray(values).save(own / "0001" / "occlusion.png")
    mask = Predictions(own).mask("0001.jpg")
    assert mask.soft[mask.region] == pytest.approx(0.75, abs=1e-4)
    assert not mask.soft[~mask.region].any()


def test_single_files_of_other_methods(tmp_path):
    scan = make_scans()[1]
    Image.fromarray((scan.visible * 204).astype(np.uint8)).convert("RGB").save(tmp_path / "a_mask.png")
    Image.fromarray((scan.visible * 52428).astype(np.uint16)).save(tmp_path / "b.png")
    save_mask(tmp_path / "b_face_region.png", scan.region)
    predictions = Predictions(tmp_path)
    one, other = predictions.mask("a.jpg"), predictions.mask("b.jpg")
    assert one.soft == pytest.approx(other.soft)
    assert one.soft.max() == pytest.approx(0.8)
    assert one.region.all()
    assert (other.region == scan.region).all()
    (tmp_path / "x").mkdir()
    vertices, triangles = dome(20)
    trimesh.Trimesh(vertices, triangles, process=False).export(tmp_path / "x" / "a.ply")
    np.save(tmp_path / "x" / "a.npy", vertices[:7])
    shape = predictions.shape("x/a.jpg")
    assert shape.mesh.vertices == pytest.approx(vertices, abs=1e-4)
    assert (shape.mesh.triangles == triangles).all()
    assert shape.landmarks7 == pytest.approx(vertices[:7])
    np.savez(tmp_path / "a.npz", identity=np.ones((1, 4)), expression=np.zeros(2))
    assert predictions.coefficients("a.jpg").identity.tolist() == [1, 1, 1, 1]


def test_nothing_there_is_none(tmp_path):
    predictions = Predictions(tmp_path)
    for read in (predictions.mask, predictions.landmarks, predictions.shape, predictions.coefficients):
        assert read("a.jpg") is None


def test_the_manifest_says_which_folder(own):
    (own / "manifest.csv").write_text(
        "photo,face,folder,status,reason\n"
        "/p/one/IMG_1.jpg,2,0005,ok,\n/p/one/IMG_1.jpg,1,0002,ok,\n/p/two/IMG_1.jpg,1,0003,ok,\n/p/no.jpg,0,,failed,x\n"
    )
    predictions = Predictions(own)
    assert predictions.face_folder("one/IMG_1.jpg") == own / "0002"
    assert predictions.face_folder("two/IMG_1.jpg") == own / "0003"
    assert predictions.face_folder("two/IMG_1.png") == own / "0003"  # when nothing else bears the name
    assert predictions.face_folder("one/IMG_1.png") == own / "0002"


def test_the_manifest_says_what_failed_whatever_lies_there(own):
    """Folders of earlier runs, and photos that differ in their extension alone, are no predictions of the photo."""
    (own / "manifest.csv").write_text(
        "photo,face,folder,status,reason\n/p/0001.jpg,0,,failed,no face was found\n/p/0002.jpg,1,,failed,x\n"
        "/p/0002.jpg,2,0005,ok,\n/p/twin.png,1,0003,ok,\n/p/twin.jpg,0,,failed,x\n"
    )
    predictions = Predictions(own)
    for photo in ("0001.jpg", "0002.jpg", "twin.jpg", "0004.jpg"):  # no face; failed fit; a twin; not in this run
        assert predictions.face_folder(photo) is None, photo
        for read in (predictions.mask, predictions.landmarks, predictions.shape, predictions.coefficients):
            assert read(photo) is None, photo
    assert predictions.face_folder("twin.png") == own / "0003"
    assert predictions.mask("twin.png") is not None


def test_a_manifest_that_lists_nothing_decides_nothing(own):
    (own / "manifest.csv").touch()
    assert Predictions(own).mask("0001.jpg") is not None


def test_a_name_without_folders_is_the_uppermost_photo_s(own):
    (own / "manifest.csv").write_text(
        "photo,face,folder,status,reason\n/p/deep/a.jpg,1,0001,ok,\n/p/a.jpg,1,0002,ok,\n"
    )
    assert Predictions(own).face_folder("a.jpg") == own / "0002"


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("mask.png", b"no picture", "no readable mask"),
        ("landmarks68.csv", b"x;y\n", "not a line 'x,y'"),
        ("landmarks68.csv", b"x,y\n1,2\n", "68 lines"),
        ("landmarks68.csv", b"x,y\n" + b"1,nan\n" * 68, "68 lines"),
        ("landmarks68.csv", b"x,y\n" + b"1,a\n" * 68, "no readable landmarks"),
        ("neutral.obj", b"v 1 2 3\n", "no faces"),
        ("neutral.obj", b"v 1 2 3\nf 1 2 3\n", "not there"),
        ("neutral.obj", b"v 1 2 nan\nf 1 1 1\n", "not finite"),
        ("neutral.obj", b"v 1 2\nv 1 2 3\nf 1 1 1\n", "no readable mesh"),
        ("landmarks7.txt", b"1 2 3\n", "not 7 lines"),
        ("coefficients.npz", b"", "no readable array 'identity'"),
    ],
)
def test_damaged_files_are_named(own, name, content, cause):
    (own / "0001" / name).write_bytes(content)
    predictions = Predictions(own)
    readers = (predictions.mask, predictions.landmarks, predictions.shape, predictions.coefficients)
    with pytest.raises(FocusfitError, match=cause) as caught:
        [read("0001.jpg") for read in readers]
    assert name in str(caught.value)


def test_masks_of_different_sizes_are_refused(own):
    save_mask(own / "0001" / "face_region.png", np.ones((10, 10)))
    with pytest.raises(FocusfitError, match="10 x 10 pixels large, what it is compared with 64 x 64"):
        Predictions(own).mask("0001.jpg")


def test_meshes_with_polygons_and_relative_indices(tmp_path):
    path = tmp_path / "a.obj"
    path.write_text("# square\nv 0 0 0 1 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvn 0 0 1\nf 1//1 2//1 3//1 4//1\nf -4 -3 -1\n")
    mesh = read_mesh(path)
    assert mesh.triangles.tolist() == [[0, 1, 2], [0, 2, 3], [0, 1, 3]]
    assert mesh.vertices.shape == (4, 3)


@pytest.mark.parametrize("content", [b"", b"ply", b"ply\nformat ascii 1.0\nelement vertex 3\n", bytes(range(256))])
def test_damaged_ply_files_are_named(tmp_path, content):
    (tmp_path / "a.ply").write_bytes(content)
    with pytest.raises(FocusfitError, match=r"a\.ply: no readable mesh"):
        read_mesh(tmp_path / "a.ply")


def test_our_own_meshes_come_back(tmp_path):
    vertices, triangles = dome(20)
    write_obj(tmp_path / "a.obj", vertices, triangles, np.zeros_like(vertices))
    mesh = read_mesh(tmp_path / "a.obj")
    theirs = trimesh.load_mesh(tmp_path / "a.obj", process=False)
    assert (mesh.triangles == theirs.faces).all()
    assert mesh.vertices == pytest.approx(theirs.vertices)
