"""Recognisers on real photos, and files that are refused."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from focusfit import assets
from focusfit.errors import AssetError, WeightsError
from focusfit.networks.recognition import cosine_distance, load_recogniser
from focusfit.networks.recognition.frozen import frozen
from focusfit.networks.recognition.iresnet import IResNet
from focusfit.networks.recognition.mobilefacenet import MobileFaceNet
from focusfit.networks.torch_file import read_state

from .aligned_people import aligned


@pytest.fixture(scope="module")
def recogniser():
    try:
        assets.asset_path("mobilefacenet")
    except AssetError as error:
        pytest.skip(f"no recogniser: {error}")
    return load_recogniser()


def test_people_are_told_apart_in_spite_of_mirroring_light_and_cropping(recogniser, seven_people):
    views = []
    for rgb, points in seven_people:
        plain = aligned(rgb, points)
        shifted = aligned(rgb, points + 0.02 * np.ptp(points[:, 0]) * np.sin(np.arange(136).reshape(68, 2)))
        views.append(torch.cat([plain, plain.flip(3), 0.6 * plain, plain**0.6, shifted]))
    with torch.no_grad():
        codes = recogniser(torch.cat(views)).unflatten(0, (7, 5))
    torch.testing.assert_close(codes.norm(dim=2), torch.ones(7, 5))
    cosines = torch.einsum("pvk,qwk->pqvw", codes, codes)
    one = torch.eye(7, dtype=torch.bool)
    assert cosines[one].min() > 0.8
    assert cosines[~one].max() < 0.45
    assert cosines[~one].mean() < 0.08


def test_colours_go_in_as_blue_green_red(recogniser, seven_people):
    """Other people look more alike to it when red and blue are swapped."""
    faces = torch.cat([aligned(rgb, points) for rgb, points in seven_people])
    means = []
    for given in (faces, faces.flip(1)):
        with torch.no_grad():
            codes = recogniser(given)
        means.append((codes @ codes.T)[~torch.eye(7, dtype=torch.bool)].mean())
    assert means[0] < means[1]


def test_gradient_reaches_every_pixel_and_no_weight(recogniser, seven_people):
    face = aligned(*seven_people[0]).requires_grad_()
    other = aligned(*seven_people[6])
    for features in (recogniser.embedding, recogniser.shallow):
        loss = cosine_distance(features(face), features(other).detach()).mean()
        (gradient,) = torch.autograd.grad(loss, face)
        assert (gradient != 0).float().mean() > 0.99
        assert gradient.isfinite().all()
    assert not any(p.requires_grad for p in recogniser.parameters())


def test_it_stays_frozen_whatever_is_asked(recogniser, seven_people):
    face = aligned(*seven_people[0])
    before = recogniser(face)
    torch.nn.ModuleList([recogniser]).train()
    recogniser(torch.rand(4, 3, 112, 112))
    torch.testing.assert_close(recogniser(face), before)


def test_shallow_features_have_length_one_over_channels(recogniser, seven_people):
    features = recogniser.shallow(aligned(*seven_people[0]))
    assert features.shape == (1, 64, 56, 56)
    torch.testing.assert_close(features.norm(dim=1), torch.ones(1, 56, 56))


def test_faces_of_another_size_are_refused(recogniser):
    with pytest.raises(ValueError, match="112"):
        recogniser(torch.zeros(1, 3, 224, 224))


@pytest.mark.parametrize(("depth", "millions"), [(50, 43.6), (100, 65.2)])
def test_arcface_backbone_of_any_depth_is_read(depth, millions, tmp_path):
    torch.manual_seed(depth)
    network = IResNet(depth).eval()
    assert round(sum(p.numel() for p in network.parameters()) / 1e6, 1) == millions  # as published
    torch.save({f"module.{name}": value for name, value in network.state_dict().items()}, tmp_path / "backbone.pth")
    read = load_recogniser(tmp_path / "backbone.pth")
    face = torch.rand(1, 3, 112, 112)
    with torch.no_grad():
        torch.testing.assert_close(read(face), torch.nn.functional.normalize(network(face * 2 - 1)))
        assert read.shallow(face).shape == (1, 64, 56, 56)
    assert read.name == f"arcface-iresnet{depth}"


def test_onnx_file_gives_what_onnxruntime_gives(recogniser, seven_people, tmp_path):
    import onnxruntime

    path = tmp_path / "recognition.onnx"
    faces = torch.cat([aligned(rgb, points) for rgb, points in seven_people])
    scaled = (faces * 255 - 127.5) / 127.5
    axes = {"faces": {0: "batch"}}
    torch.onnx.export(recogniser.trunk, (scaled[:2],), path, dynamo=False, input_names=["faces"], dynamic_axes=axes)
    read = load_recogniser(path)
    session = onnxruntime.InferenceSession(path)
    theirs = torch.tensor(session.run(None, {session.get_inputs()[0].name: scaled.numpy()})[0])
    torch.testing.assert_close(read(faces), torch.nn.functional.normalize(theirs), atol=1e-5, rtol=0)
    face = faces[:1].requires_grad_()
    (gradient,) = torch.autograd.grad(read(face)[:, 0].sum(), face)
    assert (gradient != 0).all(1).float().mean() > 0.99
    assert read.shallow(faces).shape[2:] == (56, 56)


def test_unknown_names_and_files_are_explained(tmp_path):
    with pytest.raises(WeightsError, match="mobilefacenet"):
        load_recogniser("arcface")
    with pytest.raises(WeightsError, match="no such file"):
        load_recogniser(tmp_path / "backbone.pth")
    (tmp_path / "bad.onnx").write_bytes(b"not a network")
    with pytest.raises(WeightsError, match="cannot be made a torch network"):
        load_recogniser(tmp_path / "bad.onnx")
    torch.save({"weight": torch.zeros(3)}, tmp_path / "other.pth")
    with pytest.raises(WeightsError, match="no ArcFace network"):
        load_recogniser(tmp_path / "other.pth")


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_frozen_form_answers_and_passes_gradients_as_the_trained_one(recogniser, seven_people, precision):
    trained = MobileFaceNet().eval()
    trained.load_state_dict(
        read_state(assets.asset_path("mobilefacenet"), packages=("models.network_def.",)), strict=False
    )
    # an odd number of rows and columns too, where strides could begin at the wrong pixel
    maps = torch.randn(2, 64, 9, 11, generator=torch.Generator().manual_seed(0), requires_grad=True)
    faces = (2 * torch.cat([aligned(*person) for person in seven_people[:2]]).flip(1) - 1).requires_grad_()
    for slow, fast, given in ((trained, recogniser.trunk, faces), (trained.conv_23, recogniser.trunk.conv_23, maps)):
        answers = []
        for network in (slow, fast):
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == torch.bfloat16):
                answer = functional.normalize(network(given).float().flatten(1), dim=1)
            (gradient,) = torch.autograd.grad(answer[:, ::3].sum(), given)
            answers.append((answer, gradient))
        (slow_answer, slow_gradient), (fast_answer, fast_gradient) = answers
        tolerance = 1e-4 if precision == torch.float32 else 0.08
        assert (slow_answer - fast_answer).norm() < tolerance * slow_answer.norm()
        assert (slow_gradient - fast_gradient).norm() < 10 * tolerance * slow_gradient.norm()


def test_frozen_arcface_answers_as_the_trained_one():
    torch.manual_seed(0)
    trained = IResNet(18)
    with torch.no_grad():
        trained.train()(torch.rand(4, 3, 112, 112))  # so that its normalisations are not the identity
    trained.eval()
    faces = torch.rand(2, 3, 112, 112)
    fast = frozen(copy.deepcopy(trained))
    assert isinstance(fast.layer2[0].bn2, nn.Identity)
    torch.testing.assert_close(fast(faces), trained(faces), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(fast.first_stage(faces), trained.first_stage(faces), rtol=1e-3, atol=1e-3)
