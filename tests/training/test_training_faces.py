"""Where a step's faces come from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from focusfit.data.face_batch import canvas_margin, collate
from focusfit.data.photos.listing import has_table
from focusfit.errors import TrainingError
from focusfit.networks.encoder import EncoderConfig
from focusfit.training.presets import PRESETS
from focusfit.training.run_folder import RunFolder
from focusfit.training.training_faces import DETECTED_TABLE, FaceSource, gather_faces, occluded_item
from tests.training.photo_folder import write_photo_folder

SIZE = 48


class Draw(int):
    seed, epoch = 3, 1


@pytest.fixture(scope="module")
def folder(open_model, tmp_path_factory):
    root = tmp_path_factory.mktemp("faces")
    write_photo_folder(root, open_model, count=6)
    return root


def source(folder, img_path) -> FaceSource:
    saved = RunFolder(folder / "saved")
    return FaceSource(img_path, saved.crops, saved.detections)


def config_with(share: float):
    config = PRESETS["focusfit"]
    networks = replace(config.networks, encoder=EncoderConfig("resnet10t", SIZE))
    return replace(config, networks=networks, data=replace(config.data, synthetic_share=share, synthetic_validation=2))


def test_photos_alone(folder, open_model):
    faces = gather_faces(source(folder, folder), config_with(0.0), open_model)
    assert (len(faces.training), len(faces.validation), faces.problems) == (4, 2, ())
    assert faces.training[0].visible_face is None  # training never sees a photo's truth
    assert faces.validation[0].visible_face is not None


def test_photos_and_synthetic_faces_make_one_batch(folder, open_model):
    faces = gather_faces(source(folder, folder), config_with(0.5), open_model)
    assert (len(faces.training), len(faces.validation)) == (8, 4)
    batch = collate([faces.training[k] for k in (3, 4)])
    assert batch.canvas == SIZE + 2 * canvas_margin(SIZE)
    assert batch.mask_known.tolist() == batch.surface_known.tolist() == batch.shape_known.tolist() == [False, True]
    assert batch.neutral.shape[1] == open_model.vertex_count
    assert faces.training[4].name != faces.training[Draw(4)].name  # another one in the next epoch
    names = {faces.validation[k].name for k in (2, 3)} | {faces.training[k].name for k in (4, 5)}
    assert len(names) == 4
    again = gather_faces(source(folder, folder), config_with(0.5), open_model)
    np.testing.assert_array_equal(again.training[5].photo, faces.training[5].photo)


def test_photos_alone_can_judge_a_mixture(folder, open_model):
    config = config_with(0.5)
    judged = replace(config, data=replace(config.data, synthetic_validation=0))
    faces = gather_faces(source(folder, folder), judged, open_model)
    assert (len(faces.training), len(faces.validation)) == (8, 2)
    with pytest.raises(TrainingError, match="no photos to validate on"):
        gather_faces(source(folder, None), replace(judged, data=replace(judged.data, synthetic_share=1.0)), open_model)


def test_a_table_of_detections_is_never_taken_for_the_user_s(tmp_path):
    """It lies in the folder of results, which may be the one above the photos."""
    (tmp_path / "photos").mkdir()
    (tmp_path / DETECTED_TABLE).touch()
    assert not has_table(tmp_path / "photos")
    (tmp_path / "all_landmarks.csv").touch()
    assert has_table(tmp_path / "photos")


def test_another_face_model_is_not_taught_the_open_one_s_coefficients(folder, open_model):
    faces = gather_faces(source(folder, folder), config_with(0.5), replace(open_model, sha256="another"))
    item = faces.training[4]
    assert item.coefficients is None
    assert item.neutral is None
    assert item.visible_face is not None  # a mask is a mask


def test_synthetic_faces_alone(folder, open_model):
    faces = gather_faces(source(folder, None), config_with(1.0), open_model)
    assert len(faces.training) == 10_000
    assert len(faces.validation) == 2


def test_no_faces_at_all(folder, open_model):
    with pytest.raises(TrainingError, match="--img_path"):
        gather_faces(source(folder, None), config_with(0.0), open_model)


def test_an_occluder_painted_over_a_clean_face_is_known(folder, open_model):
    item = gather_faces(source(folder, folder), config_with(0.0), open_model).training[0]
    hidden = []
    for seed in range(4):
        painted = occluded_item(item, seed)
        changed = np.abs(painted.photo.astype(int) - item.photo).max(axis=2) > 8
        covered = painted.visible_face == 0
        hidden.append(covered.mean())
        assert changed[covered].mean() > 0.8
        assert changed[~covered].mean() < 0.3
    assert min(hidden) > 0.01
