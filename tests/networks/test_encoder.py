"""The encoder: where it starts, what its outputs mean, which backbones it takes."""

from __future__ import annotations

import numpy as np
import pytest
import timm
import torch
from safetensors.torch import save_file
from scipy.spatial.transform import Rotation
from skimage import data

from focusfit import assets
from focusfit.detection.crop import crop_for_landmarks
from focusfit.errors import AssetError, FocusfitError, WeightsError
from focusfit.imaging.camera import Camera
from focusfit.networks.backbone import build_backbone, input_statistics, load_backbone_weights, load_imagenet_weights
from focusfit.networks.coefficient_head import METRIC_SCALES, REFERENCE_SCALES, OutputScales, euler_to_axis_angle
from focusfit.networks.encoder import EncoderConfig, FaceEncoder
from focusfit.networks.torch_file import read_state

SMALL = EncoderConfig(backbone="mobilenetv3_small_050", size=64)


@pytest.fixture(scope="module")
def encoder(open_model):
    torch.manual_seed(0)
    return FaceEncoder(SMALL, open_model).eval()


def with_outputs(encoder, **columns):
    """Coefficients when the last layer says these numbers."""
    names = ("identity", "expression", "albedo", "rotation", "translation", "light")
    widths = encoder.head.sizes.widths
    parts = [torch.tensor(columns.get(name, [0.0] * width)) for name, width in zip(names, widths, strict=True)]
    features = torch.zeros(1, encoder.head.linear.in_features)
    with torch.no_grad():
        encoder.head.linear.bias.copy_(torch.cat(parts))
        coefficients = encoder.head(features)
        encoder.head.linear.bias.zero_()
    return coefficients


def test_untrained_it_sees_the_mean_face_whatever_the_photo(encoder, open_model):
    with torch.no_grad():
        coefficients = encoder(torch.rand(3, 3, 64, 64))
    neutral = open_model.neutral_coefficients(3)
    for name, value in coefficients.items():
        if name != "translation":
            torch.testing.assert_close(value, getattr(neutral, name))
    assert coefficients.translation.std(0).max() == 0


@pytest.mark.parametrize("size", [64, 224])
def test_the_mean_face_stands_where_crops_put_faces(encoder, open_model, size):
    """Cutting its picture as the detector does changes nothing."""
    with torch.no_grad():
        start = encoder(torch.rand(1, 3, 64, 64))
    points = open_model.landmarks["ibug68"].of(open_model.vertices(start.identity, start.expression))
    pixels = Camera.for_crop(size).project_coefficients(points, start)[0].numpy()
    crop = crop_for_landmarks(pixels, size)
    assert abs(crop.scale - 1) < 0.005
    assert np.abs(crop.to_crop(pixels) - pixels).max() < 0.005 * size


def test_a_head_that_turns_stays_in_place(encoder, open_model):
    for name, angle in (("yaw", [0.0, 2.0, 0.0]), ("pitch", [1.2, 0.0, 0.0]), ("roll", [0.0, 0.0, 1.2])):
        turned = with_outputs(encoder, rotation=angle)
        torch.testing.assert_close(turned.rotation, 0.3 * torch.tensor([angle]))
        pivot = torch.tensor([[encoder.config.pivot]])
        placed = Camera.for_crop(64).place(pivot, turned.rotation, turned.translation)[0, 0]
        wanted = torch.tensor(encoder.config.place) + torch.tensor([0, 0, 1000.0])
        torch.testing.assert_close(placed, wanted, atol=1e-3, rtol=0, msg=name)


def test_outputs_are_scaled_as_published(encoder):
    start = with_outputs(encoder)
    moved = with_outputs(encoder, translation=[2.0, -3.0, 40.0], light=[1.0] * 27, albedo=[0.5] * 50)
    shift = moved.translation - start.translation
    torch.testing.assert_close(shift, torch.tensor([[2.0, -3.0, 0.2]]), atol=1e-3, rtol=0)
    torch.testing.assert_close(moved.albedo, torch.full((1, 50), 1.5))
    torch.testing.assert_close(moved.light - start.light, torch.ones(1, 3, 9))
    assert start.light[0, 0, 0] * 0.28209479 == pytest.approx(1, abs=1e-6)


def test_the_published_first_light_is_what_its_authors_chose(open_model):
    head = FaceEncoder(EncoderConfig(SMALL.backbone, 64, REFERENCE_SCALES), open_model).eval()
    assert with_outputs(head).light[0, 0, 0] * 0.28209479 == pytest.approx(1.2407, abs=1e-4)
    assert METRIC_SCALES.translation[2] > OutputScales().translation[2]


def test_euler_angles_become_the_same_rotation():
    angles = np.random.default_rng(0).normal(size=(50, 3)) * 0.8
    angles[0], angles[1] = 0, 1e-6
    ours = euler_to_axis_angle(torch.tensor(angles)).numpy()
    theirs = Rotation.from_euler("XYZ", angles)  # intrinsic: Rx Ry Rz
    np.testing.assert_allclose(Rotation.from_rotvec(ours).as_matrix(), theirs.as_matrix(), atol=1e-9)


def test_euler_angles_have_a_finite_gradient_at_zero():
    angles = torch.zeros(1, 3, dtype=torch.float64, requires_grad=True)
    jacobian = torch.autograd.functional.jacobian(euler_to_axis_angle, angles)[0, :, 0]
    torch.testing.assert_close(jacobian, torch.eye(3, dtype=torch.float64))
    torch.autograd.gradcheck(euler_to_axis_angle, torch.randn(4, 3, dtype=torch.float64, requires_grad=True))


def test_photos_are_normalised_as_imagenet_was(open_model):
    """A photo of the mean colour is black to the backbone, one standard deviation brighter is one."""
    seen = []
    encoder = FaceEncoder(SMALL, open_model).eval()
    encoder.backbone.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.no_grad():
        encoder(mean.view(1, 3, 1, 1).expand(1, 3, 64, 64))
        encoder((mean + std).view(1, 3, 1, 1).expand(1, 3, 64, 64))
    torch.testing.assert_close(seen[0], torch.zeros(1, 3, 64, 64), atol=1e-6, rtol=0)
    torch.testing.assert_close(seen[1], torch.ones(1, 3, 64, 64))


def test_gradients_reach_the_backbone_once_the_head_has_moved(open_model):
    torch.manual_seed(0)
    encoder = FaceEncoder(SMALL, open_model)
    coefficients = encoder(torch.rand(4, 3, 64, 64))
    coefficients.pack().square().sum().backward()
    assert encoder.head.linear.weight.grad.abs().max() > 0
    torch.nn.init.normal_(encoder.head.linear.weight, std=0.01)
    encoder(torch.rand(4, 3, 64, 64)).pack().square().sum().backward()
    missing = [n for n, p in encoder.backbone.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert not missing


def test_sixteen_bits_inside_are_thirty_two_outside(encoder):
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        coefficients = encoder(torch.rand(1, 3, 64, 64))
    assert {value.dtype for _, value in coefficients.items()} == {torch.float32}


def test_wrong_names_and_sizes_are_explained(encoder, open_model):
    with pytest.raises(FocusfitError, match="resnet50"):
        FaceEncoder(EncoderConfig(backbone="resnet5O"), open_model)
    with pytest.raises(ValueError, match="64"):
        encoder(torch.rand(1, 3, 112, 112))


def test_imagenet_weights_know_a_cat_and_a_cup(tmp_path):
    """Real weights, wired right: the classifier of the same file names the pictures."""
    try:
        path = assets.asset_path("efficientnet_lite0")
    except AssetError as error:
        pytest.skip(f"no ImageNet weights: {error}")
    backbone = build_backbone("tf_efficientnet_lite0", 224)
    load_imagenet_weights(backbone, "tf_efficientnet_lite0")
    assert input_statistics(backbone) == ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    classifier = read_state(path)
    cats, cups = {281, 282, 285}, {504, 967, 968}
    for picture, classes in ((data.chelsea(), cats), (data.coffee(), cups)):
        side = min(picture.shape[:2])
        left = (picture.shape[1] - side) // 2
        square = torch.tensor(picture[:side, left : left + side]).permute(2, 0, 1)[None].float() / 255
        small = torch.nn.functional.interpolate(square, (224, 224), mode="bilinear", antialias=True)
        with torch.no_grad():
            features = backbone.eval()(small * 2 - 1)
            answer = features @ classifier["_fc.weight"].T + classifier["_fc.bias"]
        assert int(answer.argmax()) in classes
        assert answer.softmax(1)[0, list(classes)].sum() > 0.6
    with pytest.raises(WeightsError, match="tf_efficientnet_lite0"):
        load_imagenet_weights(build_backbone("resnet10t", 64), "resnet10t")


@pytest.mark.parametrize("kind", ["safetensors", "pth"])
def test_weights_that_the_user_has_are_loaded_without_their_classifier(open_model, tmp_path, kind):
    torch.manual_seed(1)
    published = timm.create_model("resnet10t", pretrained=False)
    path = tmp_path / f"weights.{kind}"
    if kind == "safetensors":
        save_file(published.state_dict(), path)
    else:
        torch.save(published.state_dict(), path)
    encoder = FaceEncoder(EncoderConfig("resnet10t", 64), open_model)
    load_backbone_weights(encoder.backbone, path)
    for name, value in encoder.backbone.state_dict().items():
        torch.testing.assert_close(value, published.state_dict()[name])
    other = FaceEncoder(EncoderConfig("resnet14t", 64), open_model)
    with pytest.raises(WeightsError, match="does not fit"):
        load_backbone_weights(other.backbone, path)
