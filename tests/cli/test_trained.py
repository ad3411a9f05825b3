"""``focusfit train test`` on photos of which nothing is known."""

from __future__ import annotations

import csv
import os

import cv2
import numpy as np
import pytest
import torch

from focusfit.cli.main import main
from focusfit.networks.encoder import EncoderConfig, FaceEncoder
from focusfit.networks.network_files import save_encoder, save_segmenter
from focusfit.networks.segmenter import FaceSegmenter, SegmenterConfig
from focusfit.training.presets import PRESETS
from focusfit.training.steps.request import used_model
from tests.training.photo_folder import SIDE, write_photo_folder


@pytest.fixture
def networks(tmp_path):
    """A step's folder with small networks of random weights."""
    model = used_model(None, PRESETS["focusfit"].networks).model
    save_encoder(tmp_path / "nets" / "enc_net.safetensors", FaceEncoder(EncoderConfig("resnet10t", 64), model))
    small = SegmenterConfig(encoder="resnet18", depth=3, decoder_widths=(32, 16, 8))
    save_segmenter(tmp_path / "nets" / "unet.safetensors", FaceSegmenter(small))
    return tmp_path / "nets"


def test_photos_without_true_masks_get_their_results(networks, open_model, tmp_path, capsys):
    """Folders without a slash at their end, masks that OpenCV reads, points with decimals, and no score."""
    photos = write_photo_folder(tmp_path / "photos", open_model, count=3)
    for mask in photos.rglob("*_visible_skin_mask.png"):
        mask.unlink()
    options = ["--test_path", photos, "--save_path", tmp_path / "results", "--pretrained_model_test", networks]
    options += ["--landmark_list_name", "../val_landmarks.csv", "--gpu", "-1", "--test_mode", "holiday"]
    assert main(["train", "test", *map(str, options)]) == 0
    assert "Traceback" not in "".join(capsys.readouterr())
    assert not (tmp_path / "results" / "evaluation").exists()
    results = tmp_path / "results" / "1"
    assert cv2.imread(str(results / "mask.png"), cv2.IMREAD_UNCHANGED).shape == (SIDE, SIDE)
    mean_face = open_model.landmarks["ibug68"].of(open_model.shape_mean[None])[0].numpy()
    expected = mean_face[[36, 39, 42, 45, 33, 48, 54]]  # outer and inner corners of eyes, nose, mouth
    assert np.abs(expected - expected.round()).max() > 0.3
    np.testing.assert_allclose(np.loadtxt(results / "landmarks7.txt"), expected, atol=1e-4)


def test_the_steps_own_folder_has_the_networks_and_gets_the_results(networks, open_model, tmp_path):
    photos = write_photo_folder(tmp_path / "photos", open_model, count=3)
    (tmp_path / "steps" / "robustness").mkdir(parents=True)
    networks.rename(tmp_path / "steps" / "robustness" / "MoFA_UNet")
    options = ["--img_path", photos, "--save_path", tmp_path / "steps", "--landmark_list_name", "../val_landmarks.csv"]
    assert main(["train", "test", *map(str, options), "--gpu", "-1"]) == 0
    assert (tmp_path / "steps" / "test_results" / "1" / "mask.png").exists()


def test_the_gpu_that_is_named_is_the_one_that_torch_sees(networks, open_model, tmp_path, monkeypatch):
    photos = write_photo_folder(tmp_path / "photos", open_model, count=3)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "to be restored")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    seen = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: seen.append(os.environ.get("CUDA_VISIBLE_DEVICES")))
    options = ["--img_path", photos, "--save_path", tmp_path / "results", "--pretrained_model_test", networks]
    options += ["--landmark_list_name", "../val_landmarks.csv"]
    assert main(["train", "test", *map(str, options), "--gpu", "1"]) == 0
    assert seen
    assert set(seen) == {"1"}


@pytest.mark.parametrize("option", [("--gpu", "one"), ("--workers", "0")])
def test_a_wrong_option_is_told_before_anything_is_looked_for(option, capsys):
    assert main(["train", "test", *option]) == 2
    assert f"{option[0]} is" in capsys.readouterr().err


def test_a_faulty_row_and_photos_of_one_name_stop_nothing(networks, open_model, tmp_path, capsys):
    """The other photos are reconstructed, each with its own row, and scored."""
    photos = write_photo_folder(tmp_path / "photos", open_model, count=3)
    (photos / "1.jpg").rename(photos / "people" / "1.jpg")
    (photos / "1_visible_skin_mask.png").rename(photos / "people" / "1_visible_skin_mask.png")
    (photos / "people" / "2.jpg").rename(photos / "1.jpg")
    (photos / "people" / "2_visible_skin_mask.png").rename(photos / "1_visible_skin_mask.png")
    rows = "".join((tmp_path / "photos" / f"{name}_landmarks.csv").read_text() for name in ("train", "val"))
    rows = rows.replace("\n1.jpg,", "\npeople/1.jpg,").replace("people/2.jpg,", "1.jpg,")
    (tmp_path / "photos" / "all_landmarks.csv").write_text("gone.jpg,1,2,3\n" + rows)
    options = ["--img_path", photos, "--save_path", tmp_path / "results", "--pretrained_model_test", networks]
    assert main(["train", "test", *map(str, options), "--gpu", "-1"]) == 0
    said = capsys.readouterr()
    assert "gone.jpg: " in said.err
    assert "row 1 has 4 columns" in said.err
    with (tmp_path / "results" / "manifest.csv").open() as stream:
        assert [(row["status"], row["face_count"]) for row in csv.DictReader(stream)] == [("ok", "1")] * 3
    assert (tmp_path / "results" / "evaluation").exists()
