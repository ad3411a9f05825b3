"""Crops that are cut once."""

from __future__ import annotations

import json
import pickle
import resource
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from focusfit.data.face_batch import canvas_margin
from focusfit.data.photos import PhotoFaces, build_crop_cache, crop_cache
from focusfit.data.photos.listing import ListedFace
from focusfit.detection.crop import crop_for_landmarks
from focusfit.detection.mean_face import MEAN_FACE_68

SIZE = 48
POINTS = MEAN_FACE_68[:, :2] * [1.1, -1.1] + [225, 110]


@pytest.fixture
def faces(tmp_path: Path, astronaut) -> list[ListedFace]:
    listed = []
    for k in range(5):
        path = tmp_path / "Dataset" / f"{k}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.roll(astronaut, 3 * k, axis=1)).save(path)
        listed.append(ListedFace(path.name, path, POINTS + np.array([3 * k, 0])))
    return listed


@pytest.fixture
def decoded(monkeypatch) -> list[str]:
    """Names of the photos that were decoded since."""
    seen: list[str] = []
    plain = crop_cache.read_photo
    monkeypatch.setattr(crop_cache, "read_photo", lambda path: (seen.append(Path(path).name), plain(path))[1])
    return seen


def test_every_photo_is_decoded_once_however_often_it_is_used(faces, tmp_path, decoded):
    for _run in range(3):
        photos = PhotoFaces(build_crop_cache(faces, SIZE, tmp_path / "crops"))
        for _ in range(2):
            assert [photos[k].name for k in range(len(photos))] == [face.name for face in faces]
    assert sorted(decoded) == [face.name for face in faces]


def test_the_crop_is_the_fitter_s_with_a_margin(faces, tmp_path, astronaut):
    item = PhotoFaces(build_crop_cache(faces, SIZE, tmp_path / "crops"))[0]
    crop, margin = crop_for_landmarks(POINTS, SIZE), canvas_margin(SIZE)
    middle = item.photo[margin : margin + SIZE, margin : margin + SIZE]
    assert np.abs(middle / 255 - crop.warp(astronaut)).mean() < 0.01
    np.testing.assert_allclose(item.landmarks, crop.to_crop(POINTS) + margin, atol=1e-3)


def test_a_changed_photo_or_landmark_gets_a_new_crop_and_others_keep_theirs(faces, tmp_path, decoded):
    before = PhotoFaces(build_crop_cache(faces, SIZE, tmp_path / "crops"))
    old = [before[k].photo for k in range(5)]
    decoded.clear()
    Image.new("RGB", (512, 512), (200, 10, 10)).save(faces[1].path)
    moved = [*faces[:4], ListedFace(faces[4].name, faces[4].path, faces[4].landmarks + 20)]
    after = PhotoFaces(build_crop_cache(moved, SIZE, tmp_path / "crops"))
    assert sorted(decoded) == ["1.png", "4.png"]
    same = [np.array_equal(old[k], after[k].photo) for k in range(5)]
    assert same == [True, False, True, True, False]
    assert after[1].photo[..., 0].min() > 190


def test_renaming_a_photo_keeps_its_crop_and_another_size_does_not(faces, tmp_path, decoded):
    build_crop_cache(faces, SIZE, tmp_path / "crops")
    decoded.clear()
    renamed = faces[0].path.rename(tmp_path / "Dataset" / "other.png")
    cache = build_crop_cache([ListedFace("other.png", renamed, faces[0].landmarks)], SIZE, tmp_path / "crops")
    assert cache.faces[0].name == "other.png"
    assert not decoded
    build_crop_cache(faces[1:2], 2 * SIZE, tmp_path / "crops")
    assert decoded == ["1.png"]


def test_bad_photos_are_rows_with_reasons(faces, tmp_path):
    faces[1].path.write_bytes(b"no picture")
    faces[2].path.unlink()
    cache = build_crop_cache(faces, SIZE, tmp_path / "crops")
    assert [face.name for face in cache.faces] == ["0.png", "3.png", "4.png"]
    reasons = {problem.name: problem.reason for problem in cache.problems}
    assert "not an image" in reasons["1.png"]
    assert "cannot be read" in reasons["2.png"]


def test_a_damaged_or_foreign_shard_is_cut_again(faces, tmp_path, decoded, monkeypatch):
    folder = tmp_path / "crops"
    monkeypatch.setattr(crop_cache, "SHARD", 2)
    build_crop_cache(faces, SIZE, folder)
    shards = sorted(folder.glob("*.npy"))
    assert len(shards) == 3
    shards[0].write_bytes(shards[0].read_bytes()[:-10])  # a copy that was cut off
    description = shards[1].with_suffix(".json")
    description.write_text(json.dumps(json.loads(description.read_text()) | {"version": 0}))
    (folder / "note.json").write_text("{")
    decoded.clear()
    cache = build_crop_cache(faces, SIZE, folder)
    photos = PhotoFaces(cache)
    assert len(photos) == 5
    assert all(photos[k].photo.std() > 10 for k in range(5))
    assert len(decoded) in (3, 4)  # two shards, one of which may be the single photo's


def test_worker_processes_map_the_files_themselves(faces, tmp_path):
    photos = PhotoFaces(build_crop_cache(faces, SIZE, tmp_path / "crops"))
    photos[0]
    sent = pickle.dumps(photos)
    assert len(sent) < 20_000
    np.testing.assert_array_equal(pickle.loads(sent)[3].photo, photos[3].photo)


def test_true_masks_beside_photos_are_read_for_validation_alone(faces, tmp_path):
    mask = np.zeros((512, 512), np.uint8)
    mask[:150] = 255
    Image.fromarray(mask).save(tmp_path / "Dataset" / "0_visible_skin_mask.png")
    cache = build_crop_cache(faces, SIZE, tmp_path / "crops")
    assert PhotoFaces(cache)[0].visible_face is None
    photos = PhotoFaces(cache, with_truth=True)
    assert photos[1].visible_face is None
    item = photos[0]
    edge = cache.crops[0].canvas.to_crop(np.array([0, 149.5]))[1]
    assert item.visible_face.shape == item.photo.shape[:2]
    assert abs((item.visible_face[:, 20] > 127).sum() - edge) <= 1
    assert item.face_region is None


def test_memory_does_not_grow_with_the_photos(faces, tmp_path, monkeypatch):
    """A shard's crops are what is in memory while the cache is made, and none of them afterwards."""
    monkeypatch.setattr(crop_cache, "SHARD", 8)
    listed = [ListedFace(f"{k}", faces[k % 5].path, faces[k % 5].landmarks + 0.01 * k) for k in range(200)]
    build_crop_cache(listed[:16], 224, tmp_path / "crops")
    start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    photos = PhotoFaces(build_crop_cache(listed, 224, tmp_path / "crops"))
    assert len(photos) == 200
    stored = sum(path.stat().st_size for path in (tmp_path / "crops").glob("*.npy"))
    grown = 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start)
    assert stored > 40e6
    assert grown < 0.5 * stored
