"""What stages feed their networks, and where gradients go."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from focusfit.data.augmentation import augment
from focusfit.data.face_batch import collate
from focusfit.data.photos import PhotoFaces, build_crop_cache, list_faces
from focusfit.data.pseudo_labels import PseudoLabelledFaces
from focusfit.data.random_cover import RandomCover
from focusfit.detection.face import DetectedFace, LandmarkSet
from focusfit.detection.photo import read_photo
from focusfit.errors import TrainingError
from focusfit.fitting.network_fitter import NetworkFitter
from focusfit.networks.encoder import EncoderConfig, FaceEncoder
from focusfit.networks.segmenter import FaceSegmenter, SegmenterConfig
from focusfit.objectives.registry import weighted_terms
from focusfit.training.mask_guard import mask_guard, mask_health
from focusfit.training.presets import PRESETS
from focusfit.training.stages.autoencoder import AutoencoderStage
from focusfit.training.stages.covered_lesson import covered
from focusfit.training.stages.face_stage import explained_mask, look_at, validation_look
from focusfit.training.stages.joint_em import JointStage
from focusfit.training.stages.posterior import photo_posterior
from focusfit.training.stages.pseudo_labels import write_pseudo_labels
from focusfit.training.stages.segmenter_pretraining import SegmenterStage
from focusfit.training.steps.request import term_context, used_model
from focusfit.training.term_settings import Opinion
from focusfit.training.weights import EmWeights, EncoderWeights
from tests.training.one_iteration import losses_of
from tests.training.photo_folder import write_photo_folder

SIZE = 64


class RecordingSegmenter(FaceSegmenter):
    """Keeps what it was last shown."""

    def forward(self, rendering, photo, region=None):
        self.seen = SimpleNamespace(rendering=rendering.detach(), photo=photo.detach())
        return super().forward(rendering, photo, region)


@pytest.fixture(scope="module")
def setting(open_model, tmp_path_factory):
    """Photos, networks and terms at a small size; without a recogniser."""
    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("photos")
    write_photo_folder(root, open_model, count=6)
    config = PRESETS["focusfit"]
    networks = replace(config.networks, encoder=EncoderConfig("resnet10t", SIZE))
    used = used_model(None, networks)
    encoder = FaceEncoder(networks.encoder, used.model)
    torch.nn.init.normal_(encoder.head.linear.weight, std=0.02)
    cache = build_crop_cache(list_faces(root, "all").faces, SIZE, root / "crops")
    return SimpleNamespace(
        root=root,
        config=config,
        used=used,
        encoder=encoder.eval(),
        segmenter=RecordingSegmenter(SegmenterConfig(encoder="resnet18", depth=3, decoder_widths=(32, 16, 8))).eval(),
        context=term_context(used, config, {}, ()),
        faces=PhotoFaces(cache, with_truth=True),
        batch=collate([PhotoFaces(cache)[k] for k in range(4)]),
    )


def joint_stage(setting, weights: EmWeights, **changes) -> JointStage:
    for network in (setting.encoder, setting.segmenter):
        network.requires_grad_(True)
    step = replace(setting.config.step4, weights=weights, **changes)
    return JointStage(setting.encoder, setting.segmenter, setting.context, step, setting.config.data, 100)


def gradients(stage: JointStage, setting, learns: str) -> dict[str, float]:
    """Norm of each network's gradient in an iteration that ``learns`` is trained in."""
    iteration = next(k for k in range(1000) if stage.trained_at(k) == learns)
    for name, network in stage.networks.items():
        network.requires_grad_(name == learns).zero_grad()
    losses_of(stage, setting.batch, iteration).total.backward()
    return {
        name: sum(float(p.grad.norm()) for p in network.parameters() if p.grad is not None)
        for name, network in stage.networks.items()
    }


def test_the_segmenter_sees_the_same_in_steps_3_and_4_and_ever_after(setting, tmp_path):
    """Rendering first, photo second, red first, in [0, 1], on black: the reference's step 3 has it another way."""
    write_pseudo_labels(setting.faces, "train", tmp_path, setting.encoder, setting.context, setting.config.step2)
    pseudo = PseudoLabelledFaces(tmp_path, "train")
    third = SegmenterStage(setting.segmenter, setting.config.step3, setting.config.data, 100)
    with torch.no_grad():
        third.validate(collate([pseudo[k] for k in range(6)]))
        in_step_3 = setting.segmenter.seen
        joint_stage(setting, EmWeights(teacher=1.0)).validate(collate([setting.faces[k] for k in range(6)]))
        in_step_4 = setting.segmenter.seen
        listed = list_faces(setting.root, "all").faces
        faces = [
            DetectedFace((0, 0, 9, 9), 1.0, {"ibug68": LandmarkSet("ibug68", face.landmarks, np.ones(68))})
            for face in listed
        ]
        NetworkFitter(setting.used.model, setting.encoder, setting.segmenter).fit_faces(
            [read_photo(face.path) for face in listed], faces
        )
        in_the_end = setting.segmenter.seen
    assert in_step_4.photo[1, 2].mean() > in_step_4.photo[1, 0].mean() + 0.05  # the card is blue
    for seen in (in_step_3, in_the_end):
        for name in ("photo", "rendering"):
            apart = (getattr(seen, name) - getattr(in_step_4, name)).abs()
            assert apart.mean() < 0.01, name
    assert in_step_4.rendering.min() >= 0
    assert in_step_4.rendering.max() <= 1
    assert (in_step_4.rendering == 0).all(1).float().mean() > 0.2


def test_detached_steps_do_not_reach_the_other_network(setting):
    area = EmWeights(encoder_area=1.0, teacher=1.0)
    assert gradients(joint_stage(setting, area, gradients="detached"), setting, "segmenter")["encoder"] == 0
    pixel = EmWeights(masked_pixel=1.0, teacher=1.0)
    detached = gradients(joint_stage(setting, pixel, gradients="detached"), setting, "encoder")
    joint = gradients(joint_stage(setting, pixel, gradients="joint"), setting, "encoder")
    assert detached["encoder"] > 0
    assert detached["segmenter"] == joint["segmenter"] == 0
    assert joint["encoder"] != pytest.approx(detached["encoder"], rel=1e-3)


def test_terms_sum_to_the_total_and_logged_ones_are_only_seen(setting):
    weights = EmWeights(visible_pixel=1.0, visible_landmark=0.2, prior=0.01, teacher=1.0)
    stage = joint_stage(setting, weights, logged=("masked_pixel", "binary"))
    for learns in ("encoder", "segmenter"):
        iteration = next(k for k in range(1000) if stage.trained_at(k) == learns)
        losses = losses_of(stage, setting.batch, iteration)
        fit = {"visible_pixel", "visible_landmark", "prior"}
        assert set(losses.terms) == (fit if learns == "encoder" else {"teacher"})
        torch.testing.assert_close(sum(losses.terms.values()), losses.total.detach())
        assert {"masked_pixel_unweighted", "binary_unweighted", "mask_share"} <= set(losses.figures)


def step1_stage(setting, context, step, data) -> AutoencoderStage:
    setting.encoder.requires_grad_(True)
    return AutoencoderStage(setting.encoder, context, step, data, 100)


def test_a_term_without_its_ingredients_is_a_clear_error(setting):
    step = replace(setting.config.step1, weights=EncoderWeights(true_vertices_mm=1.0))
    stage = step1_stage(setting, setting.context, step, setting.config.data)
    with pytest.raises(TrainingError, match=r"true_vertices_mm.*posed_vertices"):
        losses_of(stage, setting.batch, 0)


def test_the_paper_s_first_step_is_its_formula(setting):
    """Without the recogniser's term: 0.5 L_pixel + 5e-4 L_lm + 0.1 L_reg, by hand."""
    paper = PRESETS["paper"]
    context = replace(setting.context, settings=paper.terms)
    step = replace(paper.step1, weights=replace(paper.step1.weights, identity=0.0))
    stage = step1_stage(setting, context, step, paper.data)
    look = validation_look(setting.batch, setting.encoder, context)
    terms = weighted_terms({name: w for name, w in vars(step.weights).items() if w}, stage.ingredients(look))
    photo, image, region = look.view.photo, look.fit.rendering.image, look.region
    squared = (photo - image).square().sum(1, keepdim=True)
    density = -squared / (2 * 0.043**2) - 1.5 * np.log(2 * np.pi) - 3 * np.log(0.043)
    kept = region * (squared.sqrt() < 0.129)
    torch.testing.assert_close(terms["likelihood"], -0.5 * (kept * density).mean((1, 2, 3)), rtol=1e-4, atol=1e-5)
    weight = torch.ones(68, 1)
    weight[[28, 29, 30, *range(60, 68)]] = 20
    offset = weight * (look.view.landmarks - look.fit.landmarks) * 224 / SIZE
    torch.testing.assert_close(terms["landmark"], 5e-4 * offset.square().mean((1, 2)), rtol=1e-4, atol=1e-5)
    c = look.fit.coefficients
    squares = c.identity.square().sum(1) + c.expression.square().sum(1) + c.albedo.square().sum(1)
    torch.testing.assert_close(terms["regulariser"], 0.1 * squares / 224, rtol=1e-4, atol=1e-6)


def test_augmentation_depends_on_the_look_and_not_on_the_iteration(setting):
    step = replace(setting.config.step1, weights=EncoderWeights(visible_landmark=1.0))
    stage = step1_stage(setting, setting.context, step, setting.config.data)
    with torch.no_grad():
        first, again = losses_of(stage, setting.batch, 0).total, losses_of(stage, setting.batch, 7).total
        other = losses_of(stage, replace(setting.batch, seed=setting.batch.seed + 1), 0).total
    assert first == again
    assert first != other


@pytest.mark.parametrize(("bias", "said"), [(-30.0, "all black"), (30.0, "all white")])
def test_the_guard_sees_masks_that_have_collapsed(setting, bias, said):
    stage = joint_stage(setting, EmWeights(teacher=1.0))
    guard = mask_guard(stage, setting.faces)
    head = setting.segmenter.network.segmentation_head[0]
    before = head.weight.detach().clone(), head.bias.detach().clone()
    try:
        with torch.no_grad():
            head.weight.zero_()
            head.bias.fill_(bias)
            assert said in guard.fault(guard.check())
            head.bias.fill_(0.0)
            assert guard.fault(guard.check()) is None
    finally:
        with torch.no_grad():
            head.weight.copy_(before[0])
            head.bias.copy_(before[1])


def test_clean_photos_get_an_occluder_to_be_watched_with(setting):
    stage = joint_stage(setting, EmWeights(teacher=1.0))
    with torch.no_grad():
        look, _ = stage.masks(collate([setting.faces[k] for k in range(2)]))
        explained = explained_mask(look, setting.context)
        health = mask_health(stage, collate([setting.faces[k] for k in range(2)]))
    assert 0 < explained.mean() < 0.6
    assert 0 <= health.agreement <= 1


def test_the_segmenter_s_opinion_moves_the_posterior_as_far_as_the_settings_say(setting):
    look = validation_look(setting.batch, setting.encoder, setting.context)
    misfit = setting.context.misfit.at(look.fit.rendering)
    shares = []
    for opinion in (Opinion(0.0), Opinion(0.5), Opinion(0.5, -1.0)):
        settings = replace(setting.config.terms, opinion=opinion)
        with torch.no_grad():
            pictures = (look.view.photo, look.shown, look.region, misfit)
            covered = photo_posterior(*pictures, torch.full_like(look.region, 0.05), settings)
        shares.append(float(covered.sum() / look.region.sum()))
    assert shares[0] > shares[1] > shares[2]


def test_the_segmenter_learns_from_other_colours_than_its_teacher_compares(setting):
    stage = joint_stage(setting, EmWeights(teacher=1.0, visible_pixel=1.0))
    shown = []
    hook = setting.encoder.register_forward_pre_hook(lambda module, inputs: shown.append(inputs[0].detach()))
    same = {}
    for learns in ("segmenter", "encoder"):
        losses_of(stage, setting.batch, next(k for k in range(1000) if stage.trained_at(k) == learns))
        same[learns] = torch.equal(setting.segmenter.seen.photo, shown[-1])
    hook.remove()
    assert same == {"segmenter": False, "encoder": True}


def test_a_balanced_teacher_keeps_the_segmenter_s_share(setting):
    look = validation_look(setting.batch, setting.encoder, setting.context)
    shares = {}
    for balance in (0.0, 1.0):
        stage = joint_stage(setting, EmWeights(teacher=1.0), balance=balance)
        for thought in (0.2, 0.9):
            with torch.no_grad():
                logits = torch.logit(torch.full_like(look.region, thought))
                posterior = stage.ingredients(look, logits)["posterior"]
            shares[balance, thought] = float(posterior.sum() / look.region.sum())
    for thought in (0.2, 0.9):
        assert abs(shares[1.0, thought] - thought) < 0.75 * abs(shares[0.0, thought] - thought)


def test_covers_hide_the_face_from_the_segmenter_and_its_teacher_knows(setting):
    teacher = EmWeights(teacher=1.0)
    stages = [joint_stage(setting, teacher, covers=RandomCover(share=share), remembered=0.0) for share in (0.0, 1.0)]
    looks = [
        look_at(augment(setting.batch, SIZE, stage.data.augmentation), setting.encoder, setting.context)
        for stage in stages
    ]
    none, covers = (
        covered(look.view, setting.batch.seed, stage.config.covers) for stage, look in zip(stages, looks, strict=True)
    )
    assert torch.equal(none.photo, looks[0].view.photo)
    assert none.free.min() == 1
    hidden = covers.free == 0
    assert (hidden.flatten(1).float().mean(1) > 0.01).all()
    seen = (covers.photo != looks[1].view.photo).any(1, keepdim=True)
    assert (seen & (covers.free < 1)).sum() > 0.8 * hidden.sum()
    assert not (seen & (covers.free == 1)).any()
    with torch.no_grad():
        logits, lessons = torch.zeros_like(looks[1].region), (None, stages[1]._lesson(looks[1], covers))
        bare, told = (stages[1].ingredients(looks[1], logits, lesson)["posterior"] for lesson in lessons)
    torch.testing.assert_close(told, bare * covers.free)
    assert bare[hidden].max() > 0.5


def test_a_segmenter_that_goes_wrong_is_reminded_of_what_it_thought_first(setting):
    nothing = RandomCover(share=0.0)
    stage = joint_stage(setting, EmWeights(teacher=1.0), covers=nothing, remembered=1.0, balance=1.0)
    view = augment(setting.batch, SIZE, stage.data.augmentation)
    look = look_at(view, setting.encoder, setting.context)
    with torch.no_grad():
        first = torch.sigmoid(setting.segmenter(look.shown, view.photo, look.region)) * look.region
        wrong = {name: weights.clone() for name, weights in setting.segmenter.state_dict().items()}
        for weights in setting.segmenter.parameters():
            weights.add_(0.3)
        lesson = stage._lesson(look, covered(view, setting.batch.seed, nothing))
        told = stage.ingredients(look, stage._logits(look, view.photo, constant=True), lesson)["posterior"]
    setting.segmenter.load_state_dict(wrong)
    torch.testing.assert_close(told, first)


def test_energy_is_of_photos_and_landmarks_alone(setting):
    weights = EmWeights(teacher=1.0, visible_landmark=0.2, fitted_identity=0.4, true_identity=1.0, visible_pixel=1.0)
    stage = joint_stage(setting, weights)
    with torch.no_grad():
        known = stage.validate(collate([setting.faces[k] for k in range(4)]))
        unknown = stage.validate(setting.batch)
    assert {"mask_accuracy", "shape_mm"} & set(known)
    for name in ("energy", "fit_energy", "photo_energy"):
        torch.testing.assert_close(known[name], unknown[name])
        assert torch.isfinite(known[name]).all()
    torch.testing.assert_close(known["energy"], known["fit_energy"] + known["photo_energy"])
    with torch.no_grad():
        heavier = joint_stage(setting, replace(weights, fitted_identity=0.8)).validate(setting.batch)
    assert (heavier["fit_energy"] > known["fit_energy"]).all()
