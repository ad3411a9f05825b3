"""Recognisers on real photos, alignment against insightface's own, files that are refused."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
import torch
from insightface.utils import face_align
from skimage.transform import SimilarityTransform
from torch import nn
from torch.nn import functional

from focusfit import assets
from focusfit.detection.photo import read_photo
from focusfit.detection.registry import default_detector
from focusfit.errors import AssetError, WeightsError
from focusfit.networks.recognition import align_faces, cosine_distance, five_points, load_recogniser, similarity
from focusfit.networks.recognition.frozen import frozen
from focusfit.networks.recognition.iresnet import IResNet
from focusfit.networks.recognition.mobilefacenet import MobileFaceNet
from focusfit.networks.torch_file import read_state


@pytest.fixture(scope="module")
def recogniser():
    try:
        assets.asset_path("mobilefacenet")
    except AssetError as error:
        pytest.skip(f"no recogniser: {error}")
    return load_recogniser()


@pytest.fixture(scope="module")
def seven_people(detector_files, t1, astronaut_file):
    """Pairs of a photo ``(H, W, 3)`` uint8 and 68 points."""
    found = []
    for path in (t1, astronaut_file):
        photo = read_photo(path)
        found += [(photo.rgb, face.landmarks["ibug68"].points) for face in default_detector().detect(photo)]
    assert len(found) == 7
    return found


def aligned(rgb, points):
    image = torch.tensor(rgb).permute(2, 0, 1)[None].float() / 255
    return align_faces(image, torch.tensor(points)[None].float())


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


def test_alignment_gives_insightface_s_pixels(seven_people):
    for rgb, points in seven_people:
        five = five_points(torch.tensor(points)[None])[0]
        theirs = face_align.norm_crop(rgb.astype(np.float32), five.numpy().astype(np.float32))
        ours = aligned(rgb, points)[0].permute(1, 2, 0).numpy() * 255
        # OpenCV rounds places to 1/32 of a pixel
        assert np.abs(ours - theirs).mean() < 0.5
        assert np.abs(ours - theirs).max() < 12


def points_at(open_model, yaw_deg: float) -> torch.Tensor:
    """``(1, 68, 2)`` of the mean face, x right and y down, turned about the vertical axis: positive to image right."""
    at = open_model.landmarks["ibug68"].of(open_model.shape_mean).double()
    angle = math.radians(yaw_deg)
    x, depth = at[:, 0], at[:, 2]
    return torch.stack([x * math.cos(angle) + depth * math.sin(angle), -at[:, 1]], dim=1)[None]


def plain_means(points: torch.Tensor) -> torch.Tensor:
    """``(1, 5, 2)``: what the five points are where nothing is hidden."""
    groups = ([36, 39], [42, 45], [30], [48], [54])
    return torch.stack([points[:, group].mean(1) for group in groups], dim=1)


@pytest.mark.parametrize("yaw_deg", [0.0, 40.0, -40.0])
def test_points_in_sight_stay_where_they_are(open_model, yaw_deg):
    points = points_at(open_model, yaw_deg)
    torch.testing.assert_close(five_points(points), plain_means(points))


def test_what_is_turned_away_lies_on_the_outline(open_model):
    points = points_at(open_model, 85.0)
    right_eye, left_eye, nose, right_corner, left_corner = five_points(points)[0]
    plain = plain_means(points)[0]
    # a face that looks to image right: its far side is the image's right one
    torch.testing.assert_close(torch.stack([right_eye, nose, right_corner]), plain[[0, 2, 3]])
    down = points[0, 8] - points[0, 27]
    for moved, outline, before in (
        (left_eye, points[0, 27], plain[1]),
        (left_corner, points[0, [51, 57]].mean(0), plain[4]),
    ):
        across = torch.stack([down[1], -down[0]])
        assert (before - outline) @ across < -10 * across.norm()
        torch.testing.assert_close((moved - outline) @ across, torch.zeros((), dtype=moved.dtype), atol=1e-9, rtol=0)
        torch.testing.assert_close((moved - before) @ down, torch.zeros((), dtype=moved.dtype), atol=1e-9, rtol=0)


def test_outlines_turn_and_mirror_with_the_face(open_model):
    points = points_at(open_model, 75.0)
    angle = math.radians(130)
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]], dtype=torch.float64)
    torch.testing.assert_close(five_points(points @ turn.T + 7), five_points(points) @ turn.T + 7)
    mirror, other_side = torch.tensor([-1.0, 1.0], dtype=torch.float64), [1, 0, 2, 4, 3]
    swapped = points.clone()
    for one, other in ((36, 45), (39, 42), (48, 54)):
        swapped[:, [one, other]] = points[:, [other, one]]
    torch.testing.assert_close(five_points(swapped * mirror), five_points(points)[:, other_side] * mirror)


def test_similarity_is_scikit_image_s_also_for_points_that_do_not_fit():
    generator = np.random.default_rng(3)
    source, target = generator.normal(size=(2, 40, 5, 2)) * 30
    matrix, shift = similarity(torch.tensor(source), torch.tensor(target))
    for k in range(40):
        theirs = SimilarityTransform.from_estimate(source[k], target[k]).params
        np.testing.assert_allclose(matrix[k], theirs[:2, :2], atol=1e-9)
        np.testing.assert_allclose(shift[k], theirs[:2, 2], atol=1e-7)


def test_a_batch_is_aligned_like_its_members_and_black_outside():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(3, 3, 60, 80, generator=generator)
    points = torch.tensor([[30.0, 22], [50, 24], [40, 34], [33, 46], [48, 46]])
    points = points + torch.tensor([0.0, 5, -9])[:, None, None]
    batch = align_faces(images, points)
    for k in range(3):
        torch.testing.assert_close(batch[k : k + 1], align_faces(images[k : k + 1], points[k : k + 1]))
    far = align_faces(images, points + 500)
    assert far.abs().max() == 0


@pytest.mark.parametrize("spoil", [float("nan"), float("inf"), 0.0])
def test_landmarks_that_are_no_face_spoil_their_own_alone(spoil):
    """Neither an error nor a face of the batch that is not a number."""
    images = torch.rand(3, 3, 60, 80, generator=torch.Generator().manual_seed(0))
    points = torch.tensor([[30.0, 22], [50, 24], [40, 34], [33, 46], [48, 46]]).repeat(3, 1, 1)
    expected = align_faces(images, points)
    points[1] = points[1] * spoil  # not numbers, or all in one place
    images.requires_grad_()
    faces = align_faces(images, points)
    torch.testing.assert_close(faces[[0, 2]], expected[[0, 2]])
    faces[[0, 2]].sum().backward()
    assert images.grad.isfinite().all()
    if spoil == 0.0:
        assert faces.isfinite().all()


def test_gradient_by_points_is_right():
    generator = torch.Generator().manual_seed(0)
    smooth = torch.rand(1, 3, 6, 6, generator=generator, dtype=torch.float64)
    image = torch.nn.functional.interpolate(smooth, size=(48, 48), mode="bicubic")
    points = torch.tensor([[[15.3, 18.2], [30.1, 17.7], [22.9, 25.4], [17.2, 34.1], [29.3, 33.6]]], dtype=torch.float64)
    weights = torch.rand(1, 3, 8, 8, generator=generator, dtype=torch.float64)
    torch.autograd.gradcheck(lambda p: (align_faces(image, p, size=8) * weights).sum(), points.requires_grad_())


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
