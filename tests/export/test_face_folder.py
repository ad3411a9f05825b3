"""The folder contract, read back with other libraries."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh
from PIL import Image
from scipy.spatial.transform import Rotation

from focusfit.detection.photo import Photo
from focusfit.errors import FocusfitError
from focusfit.export import face_folder, read_coefficients, write_face
from focusfit.export.face_folder import FILES, NOW_LANDMARKS
from focusfit.export.half_written import PARTIAL, REPLACED, partial_path


@pytest.fixture(scope="module")
def folder(reconstruction, photo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out") / "face"
    write_face(reconstruction, photo, folder)
    return folder


def pixels(path):
    return np.asarray(Image.open(path))


def test_holds_exactly_the_contract(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert [path.name for path in folder.parent.iterdir()] == ["face"]


def test_masks_have_the_photos_size_and_lie_where_the_crop_says(folder, reconstruction, photo):
    mask, region, occlusion = (pixels(folder / f"{name}.png") for name in ("mask", "face_region", "occlusion"))
    assert mask.shape == region.shape == occlusion.shape == photo.rgb.shape[:2]
    assert mask.dtype == region.dtype == np.uint8
    assert occlusion.dtype == np.uint16
    assert set(np.unique(mask)) == set(np.unique(region)) == {0, 255}
    assert not (mask > region).any()
    assert not occlusion[region == 0].any()
    for x, y in ((55, 60), (30, 40), (55, 90), (5, 5), (55, 20)):
        px, py = np.rint(reconstruction.crop.to_photo(np.array([x, y]))).astype(int)
        assert (region[py, px] == 255) == reconstruction.region[y, x]
        assert (mask[py, px] == 255) == (reconstruction.mask_probability[y, x] > 0.5)
        if reconstruction.region[y, x]:
            assert occlusion[py, px] / 65535 == pytest.approx(1 - reconstruction.mask_probability[y, x], abs=0.01)


def test_the_regions_edge_does_not_look_occluded(folder):
    region, occlusion = pixels(folder / "face_region.png"), pixels(folder / "occlusion.png")
    upper = np.arange(len(region))[:, None] < 130
    assert occlusion[(region > 0) & upper].max() / 65535 < 0.06


def test_meshes(folder, reconstruction):
    posed, neutral = (trimesh.load(folder / f"{name}.obj", process=False) for name in ("mesh", "neutral"))
    turned = Rotation.from_rotvec(reconstruction.coefficients.rotation[0].numpy()).apply(reconstruction.vertices)
    np.testing.assert_allclose(posed.vertices, turned, atol=1e-3)
    np.testing.assert_allclose(neutral.vertices, reconstruction.neutral, atol=1e-3)
    np.testing.assert_array_equal(posed.faces, reconstruction.model.triangles)
    np.testing.assert_allclose(posed.visual.vertex_colors[:, :3], 255 * reconstruction.albedo, atol=0.6)


def test_posed_mesh_projects_onto_the_photo_as_documented(folder, reconstruction):
    stored = json.loads((folder / "coefficients.json").read_text())
    posed = trimesh.load(folder / "mesh.obj", process=False).vertices * (1, -1, -1)
    camera = stored["camera"]
    placed = posed + stored["coefficients"]["translation"]["value"] + np.array([0, 0, camera["distance_mm"]])
    pixel = camera["focal_px"] * placed[:, :2] / placed[:, 2:] + camera["centre_px"]
    fit = reconstruction
    truth = fit.camera.project_coefficients(torch.from_numpy(fit.vertices)[None], fit.coefficients)[0]
    np.testing.assert_allclose(pixel, truth, atol=1e-2)


def test_landmark_files(folder, reconstruction):
    seven = np.loadtxt(folder / "landmarks7.txt")
    np.testing.assert_allclose(seven, reconstruction.neutral[[3 * k for k in NOW_LANDMARKS]], atol=1e-4)
    lines = (folder / "landmarks68.csv").read_text().splitlines()
    assert lines[0] == "x,y"
    assert len(lines) == 69
    np.testing.assert_allclose(np.loadtxt(lines[1:], delimiter=","), reconstruction.landmarks68, atol=1e-3)


def test_pictures(folder, reconstruction):
    overlay, rendered = pixels(folder / "overlay.png"), pixels(folder / "rendered.png")
    side = round(reconstruction.crop.size / reconstruction.crop.scale)
    assert overlay.shape == (side, side, 3)
    assert rendered.shape == (side, side, 4)
    assert rendered[side // 2, side // 2].tolist() == [204, 153, 128, 255]
    assert rendered[0, 0, 3] == 0
    assert np.abs(overlay[60, side // 2].astype(int) - [204, 153, 128]).max() < 12


def test_coefficients_come_back(folder, reconstruction):
    exact = read_coefficients(folder)
    assert torch.equal(exact.pack(), reconstruction.coefficients.pack())
    assert exact.light.shape == (1, 3, 9)
    torch.testing.assert_close(read_coefficients(folder / "coefficients.json").pack(), exact.pack(), rtol=1e-6, atol=0)
    with np.load(folder / "coefficients.npz", allow_pickle=False) as stored:
        assert stored["identity_deviation"].tolist() == [0.25] * 6
        assert json.loads(str(stored["description"]))["model"]["sha256"] == "ab" * 32


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"schema_version": 1}', b'{"coefficients": 3}', b"PK\x03\x04junk", b"\x80\x04pickle."]
)
@pytest.mark.parametrize("name", ["a.json", "a.npz"])
def test_foreign_coefficient_files_are_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FocusfitError, match="no readable coefficients"):
        read_coefficients(tmp_path / name)


def test_another_schema_version_is_refused(folder, tmp_path):
    text = (folder / "coefficients.json").read_text().replace('"schema_version": 1', '"schema_version": 2')
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(FocusfitError, match="schema version 2"):
        read_coefficients(tmp_path / "a.json")


def test_nothing_bears_the_final_name_before_it_is_complete(reconstruction, photo, tmp_path, monkeypatch):
    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(face_folder, "write_coefficients", full_disk)
    with pytest.raises(FocusfitError, match="No space left"):
        write_face(reconstruction, photo, tmp_path / "face")
    assert list(tmp_path.iterdir()) == []


def test_replaces_an_older_result_but_nothing_else(reconstruction, photo, tmp_path):
    write_face(reconstruction, photo, tmp_path / "face")
    (tmp_path / "face" / "stale.txt").touch()
    write_face(reconstruction, photo, tmp_path / "face")
    assert sorted(path.name for path in (tmp_path / "face").iterdir()) == sorted(FILES)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    with pytest.raises(FocusfitError, match="not a reconstruction"):
        write_face(reconstruction, photo, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.tex").exists()


def test_replaces_an_older_result_though_a_killed_run_left_one_aside(reconstruction, photo, tmp_path):
    write_face(reconstruction, photo, tmp_path / "face")
    left = tmp_path / f".face{REPLACED}"
    left.mkdir()
    (left / "mesh.obj").touch()
    write_face(reconstruction, photo, tmp_path / "face")
    assert [path.name for path in tmp_path.iterdir()] == ["face"]


def test_an_older_result_stays_where_it_cannot_be_replaced(reconstruction, photo, tmp_path, monkeypatch):
    write_face(reconstruction, photo, tmp_path / "face")
    rename = Path.rename

    def refuse(self, target):
        if self.name.endswith(PARTIAL):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(FocusfitError, match="Input/output error"):
        write_face(reconstruction, photo, tmp_path / "face")
    assert [path.name for path in tmp_path.iterdir()] == ["face"]
    assert sorted(path.name for path in (tmp_path / "face").iterdir()) == sorted(FILES)


def test_long_names_have_their_own_partial_folders(tmp_path):
    for letter in ("a", "é"):
        longest = 255 // len(letter.encode())
        names = [tmp_path / f"{letter * (longest - 2)}~{k}" for k in (1, 2)]
        partials = {partial_path(name).name for name in names}
        assert len(partials) == 2
        assert all(len(name.encode()) <= 255 for name in partials)


def test_writing_is_thread_safe_and_repeatable(reconstruction, photo, tmp_path):
    threads = [threading.Thread(target=write_face, args=(reconstruction, photo, tmp_path / f"f{k}")) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in FILES:
        assert len({(tmp_path / f"f{k}" / name).read_bytes() for k in range(4)}) == 1


def test_a_crop_beyond_the_photo(reconstruction, tmp_path):
    tiny = Photo(np.full((7, 9, 3), 120, np.uint8))
    write_face(reconstruction, tiny, tmp_path / "face")
    assert pixels(tmp_path / "face" / "mask.png").shape == (7, 9)
    assert not pixels(tmp_path / "face" / "face_region.png").any()
