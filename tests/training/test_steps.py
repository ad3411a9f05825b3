"""All four numbered steps, from a folder of photos and landmark tables to jointly trained networks and a test."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from focusfit import assets
from focusfit.cli.main import main
from focusfit.data.augmentation import frame_middle
from focusfit.data.face_batch import collate
from focusfit.data.photos import PhotoFaces, build_crop_cache, list_faces
from focusfit.data.pseudo_labels import PseudoLabelledFaces
from focusfit.errors import AssetError, CheckpointError
from focusfit.networks.encoder import EncoderConfig
from focusfit.networks.network_files import load_encoder, load_segmenter
from focusfit.networks.segmenter import FaceSegmenter, SegmenterConfig
from focusfit.training.checkpoints import write_checkpoint
from focusfit.training.resolve import resolve
from focusfit.training.run_folder import fill_from_checkpoint, find_encoder
from focusfit.training.stages.explanation import explain
from focusfit.training.steps.request import used_model
from tests.facemodel.basel_like import SMALL, write_basel_like
from tests.training.photo_folder import write_photo_folder

SHAPES = ("unet", "plain-unet")

TINY = (
    "networks.encoder.backbone=resnet10t",
    "networks.encoder.size=64",
    "networks.encoder.mean=[0.0, 0.0, 0.0]",
    "networks.encoder.std=[1.0, 1.0, 1.0]",
    "networks.segmenter.architecture=unet",
    "networks.segmenter.encoder=resnet18",
    "networks.segmenter.depth=3",
    "networks.segmenter.decoder_widths=[32, 16, 8]",
    "data.synthetic_share=0.0",
    "*.engine.workers=0",
    "*.engine.batch_size=3",
    "*.engine.precision=32-true",
    "*.engine.pictures=2",
    "*.engine.checkpoint_every=100000000",
    "*.engine.validate_every=100000000",
    "*.engine.pictures_every=100000000",
    "step2.batch_size=4",
)


@pytest.fixture(scope="module")
def photos(open_model, tmp_path_factory) -> Path:
    return write_photo_folder(tmp_path_factory.mktemp("photos"), open_model)


@pytest.fixture(scope="module")
def basel(open_model, tmp_path_factory) -> Path:
    return write_basel_like(tmp_path_factory.mktemp("basel") / "model2017-1_bfm_nomouth.h5", SMALL, open_model)


@pytest.fixture(scope="module", autouse=True)
def recogniser_file() -> None:
    try:
        assets.asset_path("mobilefacenet")
    except AssetError as error:
        pytest.skip(f"no recogniser: {error}")


def run(*words: str | Path) -> None:
    assert main([str(word) for word in words]) == 0


def tiny(preset: str, *more: str) -> list[str]:
    settings = [word for setting in (*TINY, *more) for word in ("--set", setting)]
    return ["--preset", preset, "--gpu", "-1", *settings]


@pytest.mark.parametrize(("preset", "scale"), [("paper", "1e-5"), ("focusfit", "5e-5")])
@pytest.mark.parametrize("face_model", ["open", "basel"])
def test_a_preset_completes_all_steps(
    preset, scale, face_model, photos, basel, tmp_path, open_model, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    model = ["--model", basel] if face_model == "basel" else []
    # the first with a slash at its end, the second without the photo folder's own name
    run("train", "step1", f"--img_path={photos}/", *model, *tiny(preset), "--iterations_scale", scale)
    run("train", "step2", "--img_path", photos.parent, *model)
    run("train", "step3", *model)
    run("train", "step4", "--img_path", photos, *model)
    saved = tmp_path / "MoFA_UNet_Save"
    joint = saved / "robustness" / "MoFA_UNet"
    assert {path.name for path in joint.iterdir()} >= {
        "enc_net.safetensors",
        "unet.safetensors",
        "config.yaml",
        "validation.csv",
        "skipped_photos.csv",
    }
    expected = resolve(preset, None, [*TINY, f"iterations_scale={scale}"])
    for step, folder in (("step1", saved / "pretrain_mofa"), ("step3", saved / "Pretrain_UNet"), ("step4", joint)):
        iterations = getattr(expected, step).engine.iterations
        assert (folder / "checkpoints" / f"iteration_{iterations:08d}").is_dir()
        assert list((folder / "pictures").iterdir())
    if (face_model, preset) == ("open", "focusfit"):
        results = tmp_path / "results"
        table = ["--landmark_list_name", "../val_landmarks.csv"]
        run("train", "test", "--img_path", photos, "--save_path", results, *table)
        with (results / "manifest.csv").open() as stream:
            assert [row["status"] for row in csv.DictReader(stream)] == ["ok", "ok"]
        assert cv2.imread(str(results / "7" / "mask.png"), cv2.IMREAD_UNCHANGED).shape == (160, 160)
        run("train", "adapt", "--img_path", photos, "--epochs", "0.5", "--output_name", "Others")
        assert (saved / "MoFA_UNet_Adaptedto_Others" / "unet.safetensors").is_file()
        too_fast = ["--set", "adapt.encoder.rate=1.0", "--output_name", "Nowhere"]
        run("train", "adapt", "--img_path", photos, "--epochs", "0.5", *too_fast)
        assert "no iteration was better" in capsys.readouterr().out
        for name in ("enc_net.safetensors", "unet.safetensors"):
            kept = load_file(saved / "MoFA_UNet_Adaptedto_Nowhere" / name)
            assert all(torch.equal(kept[key], value) for key, value in load_file(joint / name).items())
        assert load_encoder(joint / "enc_net.safetensors", open_model).config.size == 64
        load_segmenter(joint / "unet.safetensors")


@pytest.fixture(scope="module")
def labelled(photos, tmp_path_factory) -> Path:
    """Steps 1 and 2 of the paper's preset, once."""
    saved = tmp_path_factory.mktemp("run") / "saved"
    options = ["--img_path", photos, "--save_path", saved]
    run("train", "step1", *options, *tiny("paper"), "--iterations_scale", "1e-5")
    run("train", "step2", *options)
    return saved


def test_step_3_sees_the_crops_of_step_1_pixel_by_pixel(labelled, photos):
    """The reference crops them a second time, and swaps their channels."""
    cache = build_crop_cache(list_faces(photos, "train").faces, 64, labelled / "crops")
    first = frame_middle(collate([PhotoFaces(cache)[k] for k in range(6)]), 64)
    pseudo = PseudoLabelledFaces(labelled / "UNet_trainset", "train")
    third = frame_middle(collate([pseudo[k] for k in range(6)]), 64)
    torch.testing.assert_close(third.photo, first.photo, atol=0, rtol=0)
    np.testing.assert_allclose(third.landmarks.numpy(), first.landmarks.numpy(), atol=1e-3)


def test_labels_are_what_the_fit_explains(labelled):
    """Inside the rendered face, and nearer than three sigma to the photo."""
    pseudo = PseudoLabelledFaces(labelled / "UNet_trainset", "train")
    for k in range(len(pseudo)):
        item = pseudo[k]
        apart = np.linalg.norm((item.photo.astype(float) - item.rendering) / 255, axis=2)
        region = item.rendering.any(axis=2)
        near, label = region & (apart < 0.129), item.label > 127
        assert region.mean() > 0.1
        assert (near == label).mean() > 0.98  # but for the rounding of stored colours
        assert not label[~region].any()


def test_labels_come_from_an_encoder_that_stands_still(labelled, open_model):
    """Each photo's rendering is the same when the encoder sees it alone."""
    settings = resolve(None, labelled / "UNet_trainset" / "config.yaml")
    model = used_model(None, settings.networks).model
    encoder = load_encoder(labelled / "pretrain_mofa" / "enc_net.safetensors", model)
    pseudo = PseudoLabelledFaces(labelled / "UNet_trainset", "train")
    for k in (0, 3):
        view = frame_middle(collate([pseudo[k]]), 64)
        with torch.no_grad():
            fit = explain(model, encoder(view.photo), 64)
        seen = fit.region * view.inside
        assert ((fit.rendering.image.clamp(0, 1) - view.rendering) * seen).abs().max() < 1.5 / 255


def test_what_a_step_lacks_is_said(photos, labelled, tmp_path, capsys):
    options = ["--img_path", str(photos), "--save_path", str(tmp_path / "saved"), "--gpu", "-1"]
    for step, what in (("step2", "step 1"), ("step3", "step 2"), ("step4", "step 1"), ("adapt", "step 4")):
        assert main(["train", step, *options]) == 2
        assert f"Run {what} first" in capsys.readouterr().err
    assert main(["train", "step1", "--save_path", str(tmp_path / "saved"), "--set", "data.synthetic_share=0.0"]) == 2
    assert "--img_path" in capsys.readouterr().err
    for file in (labelled / "pretrain_mofa").glob("enc_net.*"):
        file.rename(tmp_path / file.name)
    try:
        assert main(["train", "step2", "--img_path", str(photos), "--save_path", str(labelled)]) == 2
        said = capsys.readouterr().err
        assert "not finished: it is at iteration 3 of 3" in said
        assert "iteration_00000003" in said
    finally:
        for file in tmp_path.glob("enc_net.*"):
            file.rename(labelled / "pretrain_mofa" / file.name)


def test_a_checkpoint_s_number_or_path_starts_a_step(labelled, photos, tmp_path):
    checkpoint = labelled / "pretrain_mofa" / "checkpoints" / "iteration_00000003"
    options = ["--img_path", photos, "--save_path", labelled]
    run("train", "step2", *options, "--pretrained_MoFA", "3")
    by_number = sorted(path.read_bytes() for path in (labelled / "UNet_trainset").rglob("*_mask.png"))
    run("train", "step2", *options, "--pretrained_MoFA", checkpoint)
    assert sorted(path.read_bytes() for path in (labelled / "UNet_trainset").rglob("*_mask.png")) == by_number


def test_a_checkpoint_s_network_is_the_one_that_its_run_was_told_of(labelled, open_model):
    settings = resolve(None, labelled / "pretrain_mofa" / "config.yaml")
    model = used_model(None, settings.networks).model
    checkpoint = labelled / "pretrain_mofa" / "checkpoints" / "iteration_00000003"
    encoder = find_encoder(checkpoint, EncoderConfig(), model, "step 1")
    assert (encoder.config.backbone, encoder.config.size) == ("resnet10t", 64)


def test_averages_of_another_network_are_refused(tmp_path):
    """Not one name fits: nothing may be left as it came from the random numbers."""
    plain, other = (
        FaceSegmenter(SegmenterConfig(architecture=name, depth=3, decoder_widths=(16, 8, 8))) for name in SHAPES
    )
    averages = {"averages": {"segmenter": plain.state_dict()}, "updates": {"segmenter": 1}}
    parts = {"networks": {"segmenter": plain.state_dict()}, "averages": averages}
    checkpoint = write_checkpoint(tmp_path, 1, parts, {})
    fill_from_checkpoint(plain, checkpoint, "segmenter")
    with pytest.raises(CheckpointError, match="of another make"):
        fill_from_checkpoint(other, checkpoint, "segmenter")


def test_a_training_that_began_goes_on_only_from_where_it_came(labelled, photos, tmp_path, capsys):
    options = ["--img_path", str(photos), "--save_path", str(labelled)]
    run("train", "step1", *options, "--pretrained_model_train", "3")
    assert "goes on from its last checkpoint" in capsys.readouterr().out
    other = labelled / "pretrain_mofa" / "enc_net.safetensors"
    assert main(["train", "step1", *options, "--pretrained_model_train", str(other)]) == 2
    said = capsys.readouterr().err
    assert "started from the step before, not from" in said
    assert "choose another --save_path" in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--set", "step1.logged=[dice]"], "cannot compute the term 'dice'"),
        (["--set", "step1.weights.*=0"], "nothing to learn from"),
        (["--epochs", "nan"], "--epochs is nan"),
        (["--epochs", "-3"], "--epochs is -3"),
    ],
)
def test_settings_that_no_training_can_follow_are_refused(words, told, photos, tmp_path, capsys):
    options = ["--img_path", str(photos), "--save_path", str(tmp_path)]
    assert main(["train", "step1", *options, *tiny("focusfit"), "--iterations_scale", "5e-5", *words]) == 2
    assert told in capsys.readouterr().err


def test_a_file_goes_over_what_step_1_was_told(labelled, photos, tmp_path):
    from focusfit.cli import training_options as cli

    small = tmp_path / "small.yaml"
    small.write_text("step4: {engine: {seed: 77}}\n")
    config = cli.resolved(cli.TrainingOptions(save_path=labelled, config=small), "step4", ("encoder", "segmenter"))
    assert (config.preset, config.networks.encoder.size, config.step4.engine.seed) == ("paper", 64, 77)


def test_the_seed_decides_the_first_weights_too(photos, tmp_path):
    first = []
    for seed in ("1", "2", "1"):
        saved = tmp_path / f"{len(first)}"
        options = ["--img_path", str(photos), "--save_path", str(saved), *tiny("paper"), "--iterations_scale", "1e-9"]
        run("train", "step1", *options, "--seed", seed)
        first.append(load_file(saved / "pretrain_mofa" / "enc_net.safetensors")["backbone.conv1.0.weight"])
    assert torch.equal(first[0], first[2])
    assert not torch.allclose(first[0], first[1], atol=0.05)


def test_reference_s_flags_become_settings(tmp_path, monkeypatch):
    from focusfit.cli import training_options as cli

    monkeypatch.chdir(tmp_path)
    options = cli.TrainingOptions(preset="paper", learning_rate=0.2, batch_size=7, seed=4, gpu="-1", workers=1)
    config = cli.resolved(options, "step4", ("encoder", "segmenter"))
    plain = resolve("paper")
    assert config.step4.encoder.rate == pytest.approx(0.2)
    assert config.step4.segmenter.rate / 0.2 == pytest.approx(plain.step4.segmenter.rate / plain.step4.encoder.rate)
    assert (config.step4.engine.batch_size, config.step1.engine.batch_size) == (7, 12)
    assert {config.step1.engine.seed, config.step4.engine.seed} == {4}
    assert config.step3.engine.accelerator == "cpu"
    assert not (tmp_path / "MoFA_UNet_Save").exists()
