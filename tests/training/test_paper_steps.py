"""Steps 1, 3 and 4 of the paper's preset: what is fed to its formulas, weight by weight, written out here."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn import functional

from focusfit.data.face_batch import collate
from focusfit.data.photos import PhotoFaces, build_crop_cache, list_faces
from focusfit.networks.coefficient_head import REFERENCE_SCALES
from focusfit.networks.encoder import EncoderConfig, FaceEncoder
from focusfit.networks.recognition import align_faces
from focusfit.networks.recognition.mobilefacenet import MobileFaceNet
from focusfit.networks.recognition.recogniser import Recogniser
from focusfit.networks.segmenter import FaceSegmenter, SegmenterConfig
from focusfit.training.optimisation import Optimisation
from focusfit.training.presets import PRESETS
from focusfit.training.stages.autoencoder import AutoencoderStage
from focusfit.training.stages.face_stage import look_at, training_view
from focusfit.training.stages.joint_em import JointStage
from focusfit.training.stages.recognised import RecognisedFaces
from focusfit.training.stages.segmenter_pretraining import SegmenterStage, labelled_region
from focusfit.training.steps.request import term_context, used_model
from tests.training.one_iteration import losses_of
from tests.training.photo_folder import write_photo_folder

SIZE, PAPER = 64, PRESETS["paper"]
SEGMENTER_TURN, ENCODER_TURN = 5000, 5001


class CountingRecogniser(Recogniser):
    """Of random weights; keeps count of what it is asked for."""

    def __init__(self) -> None:
        trunk = MobileFaceNet().train()
        for module in trunk.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.momentum = 1.0
        with torch.no_grad():  # normalised by what pictures give, its features tell them apart
            trunk(functional.interpolate(2 * torch.rand(8, 3, 7, 7) - 1, (112, 112)))
        super().__init__("random", trunk.eval(), "BGR", mean=127.5, scale=128.0)
        self.requires_grad_(False)
        self.asked: Counter[str] = Counter()

    def embedding(self, faces: Tensor) -> Tensor:
        self.asked["embedding"] += 1
        return super().embedding(faces)

    def shallow(self, faces: Tensor) -> Tensor:
        self.asked["shallow"] += 1
        return super().shallow(faces)


@pytest.fixture(scope="module")
def setting(open_model, tmp_path_factory):
    """The paper's preset with small networks of random weights."""
    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("photos")
    write_photo_folder(root, open_model, count=3)
    networks = replace(PAPER.networks, encoder=EncoderConfig("resnet10t", SIZE, REFERENCE_SCALES))
    used = used_model(None, networks)
    encoder = FaceEncoder(networks.encoder, used.model)
    torch.nn.init.normal_(encoder.head.linear.weight, std=0.02)
    small = SegmenterConfig(encoder="resnet18", depth=3, decoder_widths=(32, 16, 8))
    context = replace(term_context(used, PAPER, {}, ()), recogniser=CountingRecogniser())
    cache = build_crop_cache(list_faces(root, "all").faces, SIZE, root / "crops")
    batch = collate([PhotoFaces(cache)[k] for k in range(3)])
    return SimpleNamespace(encoder=encoder, segmenter=FaceSegmenter(small), context=context, batch=batch)


def step_4(setting) -> JointStage:
    for network in (setting.encoder, setting.segmenter):
        network.eval().requires_grad_(True).zero_grad()
    return JointStage(setting.encoder, setting.segmenter, setting.context, PAPER.step4, PAPER.data, 100)


def looked_at(setting) -> SimpleNamespace:
    """Photo I, rendering J, region M, mask m = M U and landmarks, of the batch as it is augmented."""
    view = training_view(setting.batch, SIZE, PAPER.data)
    look = look_at(view, setting.encoder.eval(), setting.context)
    image = look.fit.rendering.image
    inputs = torch.cat([image.clamp(0, 1), view.photo], dim=1)
    mask = torch.sigmoid(setting.segmenter.eval().network(inputs)) * look.region
    return SimpleNamespace(
        I=view.photo, J=image, M=look.region, m=mask, at=view.landmarks, found=look.fit.landmarks, fit=look.fit
    )


def one_less_cosine(first: Tensor, second: Tensor) -> Tensor:
    return 1 - functional.cosine_similarity(first, second, dim=1)


def identity_by_hand(setting, s) -> Tensor:
    """The whole pictures, the photo aligned by its landmarks and the rendering by the model's."""
    judge = setting.context.recogniser
    photo, rendering = align_faces(s.I, s.at), align_faces(s.J, s.found)
    return one_less_cosine(judge.embedding(photo), judge.embedding(rendering)).mean()


def landmarks_by_hand(s) -> Tensor:
    weight = torch.ones(68, 1)
    weight[[28, 29, 30, *range(60, 68)]] = 20
    return (weight * (s.at - s.found) * 224 / SIZE).square().mean()


def coefficients_by_hand(s) -> Tensor:
    c = s.fit.coefficients
    return sum(each.square().sum() for each in (c.identity, c.expression, c.albedo)) / len(s.I) / 224


def assert_terms(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-6, msg=lambda text, name=name: name + text)


@torch.no_grad()
def test_step_1(setting):
    step = AutoencoderStage(setting.encoder.eval(), setting.context, PAPER.step1, PAPER.data, 100)
    losses, s = losses_of(step, setting.batch, 0), looked_at(setting)
    apart = torch.linalg.vector_norm(s.I - s.J, dim=1, keepdim=True)
    density = 6.68308 - apart.square() / (2 * 0.043**2)  # -1.5 ln 2 pi - 3 ln 0.043
    kept = s.M * (apart < 0.129)
    assert 0 < kept.mean() < s.M.mean()
    expected = {
        "likelihood": -0.5 * (kept * density).sum() / (3 * SIZE**2),
        "identity": 0.25 * identity_by_hand(setting, s),
        "landmark": 5e-4 * landmarks_by_hand(s),
        "regulariser": 0.1 * coefficients_by_hand(s),
    }
    assert expected["identity"] > 0.01
    assert_terms(losses.terms, expected)
    torch.testing.assert_close(losses.total, sum(expected.values()), rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_step_3_is_the_cross_entropy_of_what_the_network_says(setting):
    """With one sigmoid, over all pixels; it gets rendering and photo, in this order and both red first."""
    random = torch.Generator().manual_seed(0)
    photo = setting.batch.photo
    label = 255 * torch.randint(0, 2, photo[:, :1].shape, generator=random, dtype=torch.uint8)
    batch = replace(setting.batch, rendering=photo.flip(0) // 2, label=label)
    stage = SegmenterStage(setting.segmenter.eval(), PAPER.step3, PAPER.data, 100)
    losses, view = losses_of(stage, batch, 0), training_view(batch, batch.canvas, PAPER.data)
    assert labelled_region(view).mean() < 0.9
    logits = setting.segmenter(view.rendering, view.photo)
    y = view.label
    entropy = -(y * torch.log(torch.sigmoid(logits)) + (1 - y) * torch.log(1 - torch.sigmoid(logits)))
    assert_terms(losses.terms, {"labels": entropy.mean()})


@torch.no_grad()
def test_step_4_where_the_segmenter_learns(setting):
    losses, s = losses_of(step_4(setting), setting.batch, SEGMENTER_TURN), looked_at(setting)
    judge = setting.context.recogniser
    seen, shown = s.m * s.I, s.m * s.J
    windows = functional.unfold(seen, 5).view(3, 3, 25, -1)  # without the border of 2
    centres = shown[..., 2:-2, 2:-2].reshape(3, 3, 1, -1)
    nearest = torch.linalg.vector_norm(windows - centres, dim=1).amin(1)
    masked, rendered = (judge.shallow(align_faces(*pair)) for pair in ((seen, s.at), (shown, s.found)))
    whole = judge.shallow(align_faces(s.I, s.at))
    given_away = ((s.M - s.m).sum((1, 2, 3)) / s.M.sum((1, 2, 3))).mean()
    expected = {
        "neighbour": 15 * nearest.mean(),
        "distance": 3 * one_less_cosine(rendered, masked).mean(),
        "preserve": 0.25 * one_less_cosine(whole, masked).mean(),
        "area": 0.5 * given_away,
        "binary": 10 * (0.5 - (s.m - 0.5).abs().mean()),
    }
    assert_terms(losses.terms, expected)
    torch.testing.assert_close(losses.total, sum(expected.values()), rtol=1e-4, atol=1e-5)
    logged = torch.linalg.vector_norm(s.m * (s.I - s.J), dim=1).sum() / s.m.sum()
    torch.testing.assert_close(losses.figures["masked_pixel_unweighted"], logged)


@torch.no_grad()
def test_step_4_where_the_encoder_learns(setting):
    losses, s = losses_of(step_4(setting), setting.batch, ENCODER_TURN), looked_at(setting)
    expected = {
        "masked_pixel": 0.5 * torch.linalg.vector_norm(s.m * (s.I - s.J), dim=1).sum() / s.m.sum(),
        "identity": 0.25 * identity_by_hand(setting, s),
        "landmark": 5e-4 * landmarks_by_hand(s),
        "regulariser": 0.1 * coefficients_by_hand(s),
        "encoder_area": 0.06 * ((s.M - s.m).sum((1, 2, 3)) / s.M.sum((1, 2, 3))).mean(),
    }
    assert_terms(losses.terms, expected)
    torch.testing.assert_close(losses.total, sum(expected.values()), rtol=1e-4, atol=1e-5)


def test_the_region_is_what_is_drawn_and_cannot_be_learned(setting):
    region = looked_at(setting).M
    assert not region.requires_grad
    assert set(region.unique().tolist()) == {0.0, 1.0}


def test_landmarks_are_not_moved_by_the_recogniser(setting):
    s = looked_at(setting)
    found, image, photo = (each.detach().requires_grad_() for each in (s.found, s.J, s.I))
    faces = RecognisedFaces(setting.context.recogniser, photo, s.at, image, found)
    assert not faces.photo_embedding().requires_grad
    assert not faces.photo_shallow().requires_grad
    for features in (faces.rendering_embedding(), faces.masked_rendering_shallow(s.m.detach())):
        image.grad = None
        features[:, 0].sum().backward()
        assert image.grad.abs().max() > 0
        assert found.grad is None


@pytest.mark.parametrize(
    ("iteration", "learns", "rests", "asked"),
    [
        (SEGMENTER_TURN, "segmenter", "encoder", {"shallow": 3}),
        (ENCODER_TURN, "encoder", "segmenter", {"embedding": 2}),
    ],
)
def test_nothing_is_computed_or_moved_that_the_turn_does_not_need(setting, iteration, learns, rests, asked):
    stage = step_4(setting)
    optimisation = Optimisation(Fabric(accelerator="cpu", devices=1), stage, PAPER.step4.engine)
    resting, busy = stage.networks[rests], stage.networks[learns]
    before = {name: value.clone() for name, value in resting.state_dict().items()}
    setting.context.recogniser.asked.clear()
    optimisation.backward(stage.ahead(setting.batch, iteration), iteration)
    assert setting.context.recogniser.asked == asked
    assert not any(parameter.requires_grad or parameter.grad is not None for parameter in resting.parameters())
    assert any(parameter.grad is not None for parameter in busy.parameters())
    assert (busy.training, resting.training) == (True, False)
    assert all(torch.equal(value, before[name]) for name, value in resting.state_dict().items())
