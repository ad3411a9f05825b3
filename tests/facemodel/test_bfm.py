"""Files of the Basel layout: read right, cropped to the face, and refused with a reason where they are wrong."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from focusfit.errors import FaceModelError, FocusfitError, LandmarkError
from focusfit.facemodel.bfm import read_bfm
from focusfit.facemodel.bfm_file import FILE_NAMES, REQUEST_PAGE, find_bfm
from focusfit.facemodel.bfm_landmarks import BFM2017_IBUG68
from focusfit.facemodel.front_crop import face_normals
from focusfit.facemodel.morphable import MorphableModel
from tests.facemodel.basel_like import SMALL, write_basel_like


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FOCUSFIT_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def whole(basel_full) -> MorphableModel:
    return read_bfm(basel_full, crop=False, identity=6, expression=4, albedo=5)


@pytest.fixture(scope="module")
def face(basel_full, tmp_path_factory) -> MorphableModel:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOCUSFIT_CACHE", str(tmp_path_factory.mktemp("cache")))
        return read_bfm(basel_full)


@pytest.fixture(scope="module")
def small(open_model, tmp_path_factory) -> Path:
    return write_basel_like(tmp_path_factory.mktemp("small") / "small.h5", SMALL, open_model)


@pytest.fixture
def changed(small, tmp_path):
    """A copy of the small file after ``change(h5)``."""

    def make(change) -> Path:
        path = tmp_path / "changed.h5"
        shutil.copy(small, path)
        with h5py.File(path, "r+") as h5:
            change(h5)
        return path

    return make


def overwrite(key, function):
    def change(h5):
        values = function(h5[key][...])
        del h5[key]
        if values is not None:
            h5[key] = values

    return change


def landmark_points(model) -> torch.Tensor:
    return model.landmarks["ibug68"].of(model.shape_mean)


@pytest.mark.parametrize(
    ("name", "vertices", "triangles"), [("basel_full", 53149, 105694), ("basel_face12", 28588, 56572)]
)
def test_published_sizes_are_read_whole(name, vertices, triangles, request):
    path = request.getfixturevalue(name)
    with h5py.File(path) as h5:
        assert h5["shape/model/pcaBasis"].shape == (3 * vertices, 199)
        assert h5["expression/model/pcaBasis"].shape == (3 * vertices, 100)
        assert h5["color/model/pcaBasis"].shape == (3 * vertices, 199)
        assert h5["shape/representer/cells"].shape == (3, triangles)
    model = read_bfm(path, crop=False, identity=7, expression=5, albedo=3)
    assert model.name == {53149: "bfm2017", 28588: "bfm2017-face12"}[vertices]
    assert model.identity_basis.shape == (vertices, 3, 7)
    assert model.expression_basis.shape == (vertices, 3, 5)
    assert model.albedo_basis.shape == (vertices, 3, 3)
    assert model.triangles.shape == (triangles, 3)
    assert model.shape_mean.dtype == model.identity_basis.dtype == torch.float32


def test_geometry_and_albedo_follow_the_published_formula(basel_full, whole):
    a, d, b = torch.randn(1, 6), torch.randn(1, 4), torch.randn(1, 5)

    def part(h5, group, coefficients):
        count = coefficients.shape[1]
        scaled = coefficients[0].double().numpy() * np.sqrt(h5[f"{group}/model/pcaVariance"][:count])
        return h5[f"{group}/model/mean"][:].astype(float), h5[f"{group}/model/pcaBasis"][:, :count] @ scaled

    with h5py.File(basel_full) as h5:
        shape, expression, colour = (part(h5, *p) for p in (("shape", a), ("expression", d), ("color", b)))
    ours = whole.vertices(a, d)[0].double().numpy()
    posed, neutral = sum(shape) + sum(expression), sum(shape)
    shift = (ours - posed.reshape(-1, 3)).mean(0)
    assert shift[0] == pytest.approx(0, abs=1e-3)
    np.testing.assert_allclose(ours - shift, posed.reshape(-1, 3), atol=2e-3)
    np.testing.assert_allclose(whole.vertices(a)[0].numpy() - shift, neutral.reshape(-1, 3), atol=2e-3)
    np.testing.assert_allclose(whole.albedo(b)[0].numpy(), sum(colour).reshape(-1, 3), atol=1e-5)
    assert np.abs(posed - neutral).max() > 1  # so that the two differ at all


def test_known_landmark_numbers_are_used_and_survive_the_crop(whole, face, open_model):
    assert whole.landmarks["ibug68"].vertices[:, 0].tolist() == BFM2017_IBUG68.tolist()
    torch.testing.assert_close(landmark_points(face), landmark_points(whole))
    offset = landmark_points(face) - landmark_points(open_model)
    assert (offset - offset.mean(0)).norm(dim=1).max() < 5


def test_crop_keeps_the_visible_face_only(whole, face):
    assert 0.3 < face.vertex_count / whole.vertex_count < 0.8
    tip = landmark_points(face)[30]
    assert (face.shape_mean - tip)[:, :2].norm(dim=1).max() < 125  # mm in the front view
    assert whole.shape_mean[:, 2].min() < face.shape_mean[:, 2].min() - 30
    assert face.triangles.unique().tolist() == list(range(face.vertex_count))
    assert face.shape_mean.mean(0).abs().max() < 2
    distance, _ = cKDTree(whole.shape_mean.numpy()).query(face.shape_mean.numpy())
    assert distance.max() < 1e-3
    assert face.mirror is not None
    assert {"eyes", "brows", "nose", "lips", "jaw"} <= set(face.regions)
    assert all(mask.shape == (face.vertex_count,) and mask.any() for mask in face.regions.values())


def test_regions_lie_where_their_names_say(face):
    points = landmark_points(face)
    centres = {name: face.shape_mean[mask].mean(0) for name, mask in face.regions.items()}
    assert (centres["lips"] - points[48:60].mean(0)).norm() < 6
    assert (centres["nose"] - points[27:36].mean(0)).norm() < 12
    jaw = face.regions["jaw"]
    assert jaw[face.landmarks["ibug68"].vertices[:17, 0]].all()
    assert not jaw[face.landmarks["ibug68"].vertices[17:, 0]].any()
    assert abs(centres["eyes"][1] - points[36:48, 1].mean()) < 3
    assert centres["brows"][1] > centres["eyes"][1] > centres["nose"][1] > centres["lips"][1]


def test_triangles_face_outward_however_the_file_turns_them(small, changed):
    model = read_bfm(small)
    turned = read_bfm(changed(overwrite("shape/representer/cells", lambda cells: cells[::-1])))
    for each in (model, turned):
        normals = face_normals(each.shape_mean.double().numpy(), each.triangles.numpy())
        assert (normals[:, 2] > 0).mean() > 0.9


def test_mirror_pairs_the_two_sides(face):
    mirrored = face.shape_mean[face.mirror] * torch.tensor([-1.0, 1, 1])
    assert (mirrored - face.shape_mean).norm(dim=1).median() < 1


def test_crop_is_cached_and_a_damaged_cache_is_made_anew(small, tmp_path, monkeypatch):
    first = read_bfm(small)
    [stored] = (tmp_path / "cache").rglob("*.npz")
    monkeypatch.setattr("focusfit.facemodel.bfm.front_crop", lambda *_: pytest.fail("was not taken from the cache"))
    torch.testing.assert_close(read_bfm(small).shape_mean, first.shape_mean)
    monkeypatch.undo()
    monkeypatch.setenv("FOCUSFIT_CACHE", str(tmp_path / "cache"))
    good = stored.read_bytes()
    for damaged in (b"", b"nonsense", good[: len(good) // 2]):
        stored.write_bytes(damaged)
        torch.testing.assert_close(read_bfm(small).shape_mean, first.shape_mean)
    np.savez(stored, vertices=np.array([0, 10**7]), triangles=np.array([[0, 1, 1]]))
    torch.testing.assert_close(read_bfm(small).shape_mean, first.shape_mean)


def test_face12_landmarks_come_from_shared_numbers_and_named_points(basel_face12, open_model):
    model = read_bfm(basel_face12, crop=False, identity=1, expression=1, albedo=1)
    assert model.landmarks["ibug68"].vertices[27:, 0].tolist() == BFM2017_IBUG68[27:].tolist()
    offset = landmark_points(model)[:27] - landmark_points(open_model)[:27]
    assert (offset - offset.mean(0)).norm(dim=1).mean() < 2.5


def test_named_points_alone_place_the_landmarks(small, open_model):
    offset = landmark_points(read_bfm(small)) - landmark_points(open_model)
    assert (offset - offset.mean(0)).norm(dim=1).mean() < 5


@pytest.mark.parametrize("header", [False, True])
@pytest.mark.parametrize("kind", ["index.csv", "index.txt", "points.csv"])
def test_a_table_beside_the_file_wins(changed, kind, header, small):
    index = np.argsort(np.linalg.norm(known_points(small)[:, None] - mean_of(small), axis=-1), axis=1)[:, 1]
    path = changed(lambda h5: h5.__delitem__("metadata"))
    rows = index[:, None] if kind.startswith("index") else mean_of(path)[index]
    lines = ["vertex" if len(rows[0]) == 1 else "x,y,z"] * header + [",".join(map(str, row)) for row in rows.tolist()]
    path.with_name(f"changed.landmarks68{Path(kind).suffix}").write_text("\n".join(lines) + "\n")
    model = read_bfm(path, crop=False)
    assert model.landmarks["ibug68"].vertices[:, 0].tolist() == index.tolist()


def mean_of(path) -> np.ndarray:
    with h5py.File(path) as h5:
        return h5["shape/model/mean"][:].reshape(-1, 3).astype(float)


def known_points(path) -> np.ndarray:
    model = read_bfm(path, crop=False)
    return mean_of(path)[model.landmarks["ibug68"].vertices[:, 0].numpy()]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1\n2\n3\n", "3 rows"),
        ("1\n" * 67 + "x\n", "no number"),
        ("1\n" * 67 + "4800000\n", "outside"),
        ("1\n" * 67 + "-1\n", "outside"),
        ("1.5\n" * 68, "outside"),
        ("nan\n" * 68, "finite"),
        ("1\n" * 68, "do not lie like a face's"),
    ],
)
def test_a_wrong_landmark_table_is_refused(small, tmp_path, text, reason):
    table = tmp_path / "table.csv"
    table.write_text(text)
    with pytest.raises(LandmarkError, match=reason) as caught:
        read_bfm(small, landmarks=table)
    assert caught.value.file == table
    assert "68 lines" in caught.value.remedy


def test_colours_stored_to_255_are_scaled(small, changed):
    def times255(h5):
        overwrite("color/model/mean", lambda values: values * 255)(h5)
        overwrite("color/model/pcaVariance", lambda values: values * 255**2)(h5)

    plain, scaled = read_bfm(small), read_bfm(changed(times255))
    torch.testing.assert_close(plain.albedo_mean, scaled.albedo_mean)
    torch.testing.assert_close(plain.albedo_basis, scaled.albedo_basis, rtol=1e-4, atol=1e-6)


def test_named_points_may_be_stored_in_other_ways(small, changed):
    def as_numbers(h5):
        stored = json.loads(h5["metadata/landmarks/json"][0])
        del h5["metadata/landmarks/json"]
        text = json.dumps({p["id"]: p["coordinates"] for p in stored})
        h5["metadata/landmarks/json"] = np.frombuffer(text.encode(), np.uint8)

    torch.testing.assert_close(landmark_points(read_bfm(small)), landmark_points(read_bfm(changed(as_numbers))))


def no_named_points(h5):
    del h5["metadata"]


def only_the_color_group(h5):
    del h5["shape"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (only_the_color_group, "lacks 'shape/model/mean'"),
        (no_named_points, "where the facial landmarks are"),
        (overwrite("expression/model/pcaBasis", lambda _: None), "lacks 'expression/model/pcaBasis'"),
        (overwrite("expression/model/pcaBasis", lambda v: v[:-3]), "has the shape"),
        (overwrite("shape/model/pcaBasis", lambda v: v[:, :20]), "has the shape"),
        (overwrite("shape/model/mean", lambda v: v[:-1]), "three for each vertex"),
        (overwrite("color/model/mean", lambda v: v[:-3]), "numbers instead of"),
        (overwrite("shape/model/mean", lambda v: np.where(np.arange(v.size) == 7, np.nan, v)), "not finite"),
        (overwrite("shape/model/pcaBasis", lambda v: np.full_like(v, np.inf)), "not finite"),
        (overwrite("shape/model/pcaVariance", lambda v: 0 * v), "without variance"),
        (overwrite("color/model/pcaVariance", lambda v: v - 10), "without variance"),
        (overwrite("shape/representer/cells", lambda v: v + 4000), "names vertices outside"),
        (overwrite("shape/representer/cells", lambda v: v[:2]), "instead of (3, F)"),
        (overwrite("metadata/landmarks/json", lambda _: np.array([b"{nonsense"])), "no list of named points"),
        (overwrite("shape/model/mean", lambda v: v / 1000), "face"),
        (overwrite("shape/model/mean", lambda v: v.astype("S8")), "no numbers"),
    ],
)
def test_a_wrong_file_is_refused_with_cause_and_remedy(changed, change, reason):
    path = changed(change)
    with pytest.raises(FaceModelError) as caught:
        read_bfm(path)
    assert reason in caught.value.cause
    assert caught.value.file == path
    assert caught.value.remedy


def test_missing_and_foreign_files_say_where_the_right_one_is_requested(tmp_path, small):
    text = tmp_path / "text.h5"
    text.write_text("not an h5 file")
    foreign = tmp_path / "foreign.h5"
    with h5py.File(foreign, "w") as h5:
        h5["weights/kernel"] = np.zeros(3)
    for path, reason in ((tmp_path / "absent.h5", "no such file"), (text, "no HDF5"), (foreign, "'weights'")):
        with pytest.raises(FaceModelError, match=reason) as caught:
            read_bfm(path)
        assert REQUEST_PAGE in caught.value.remedy
        assert FILE_NAMES[0] in caught.value.remedy


@pytest.mark.parametrize("share", [0.001, 0.3, 0.7, 0.99])
def test_a_file_cut_short_is_refused(small, tmp_path, share):
    whole = small.read_bytes()
    path = tmp_path / "cut.h5"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(FaceModelError, match=r"cut short|no HDF5"):
        read_bfm(path)


def test_bytes_gone_wrong_never_give_anything_but_our_errors(small, tmp_path):
    random = np.random.default_rng(0)
    whole = bytearray(small.read_bytes())
    path = tmp_path / "damaged.h5"
    for _ in range(12):
        damaged = bytearray(whole)
        for at in random.integers(0, 4096, 20):
            damaged[at] = random.integers(256)
        path.write_bytes(damaged)
        with suppress(FocusfitError):  # any other error would end the test
            read_bfm(path, identity=2, expression=2, albedo=2)


def test_the_user_s_file_is_found_by_name_first(tmp_path):
    assert find_bfm(tmp_path) is None
    (tmp_path / "a.h5").touch()
    assert find_bfm(tmp_path).name == "a.h5"
    (tmp_path / FILE_NAMES[1]).touch()
    assert find_bfm(tmp_path).name == FILE_NAMES[1]
