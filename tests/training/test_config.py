"""Presets, and how a file and the command line change them."""

from __future__ import annotations

from dataclasses import asdict, fields, replace

import pytest

from focusfit.errors import FocusfitError, TrainingError
from focusfit.imaging.camera import DISTANCE
from focusfit.networks.coefficient_head import REFERENCE_SCALES
from focusfit.objectives.registry import ENCODER_TERMS, SEGMENTER_TERMS, TERMS
from focusfit.training.config import TrainingConfig
from focusfit.training.presets import PRESETS
from focusfit.training.resolve import names_preset, resolve, write_config
from focusfit.training.step_config import Alternation
from focusfit.training.weights import (
    EmWeights,
    EncoderWeights,
    SegmenterWeights,
    weights_of_encoder,
    weights_of_segmenter,
)


def test_every_term_has_a_weight_of_its_name():
    names = lambda kind: {field.name for field in fields(kind)}  # noqa: E731
    assert names(EncoderWeights) == set(ENCODER_TERMS)
    assert names(SegmenterWeights) == set(SEGMENTER_TERMS)
    assert names(EmWeights) == set(TERMS)
    assert set(asdict(EmWeights()).values()) == {0.0}


def test_paper_pretrains_the_encoder_like_the_reference():
    step = resolve("paper").step1
    assert weights_of_encoder(step.weights) == {
        "likelihood": 0.5,
        "identity": 0.25,
        "landmark": 5e-4,
        "regulariser": 0.1,
    }
    assert (step.engine.iterations, step.engine.batch_size) == (300_000, 12)
    assert step.encoder.optimizer == "adadelta"
    assert step.encoder.weight_decay == 0.0
    rate = lambda iteration: step.encoder.rate_at(iteration, 300_000)  # noqa: E731
    assert [rate(0), rate(4999), rate(5000), rate(10_000)] == pytest.approx([0.1, 0.1, 0.099, 0.09801])


def test_paper_labels_and_pretrains_the_segmenter_like_the_reference():
    config = resolve("paper")
    assert config.terms.robust.sigma == 0.043
    assert config.terms.robust.threshold == pytest.approx(0.129)
    assert (config.step2.labels, config.step2.batch_size) == ("explained", 32)
    assert weights_of_segmenter(config.step3.weights) == {"labels": 1.0}
    assert (config.step3.engine.iterations, config.step3.engine.batch_size) == (30_000, 12)
    learning = config.step3.segmenter
    assert learning.optimizer == "adadelta"
    assert [learning.rate_at(i, 30_000) for i in (0, 5000)] == pytest.approx([0.03, 0.0297])


def test_paper_alternates_like_the_reference():
    step = resolve("paper").step4
    assert weights_of_segmenter(step.weights) == {
        "neighbour": 15.0,
        "distance": 3.0,
        "preserve": 0.25,
        "area": 0.5,
        "binary": 10.0,
    }
    assert weights_of_encoder(step.weights) == {
        "masked_pixel": 0.5,
        "identity": 0.25,
        "landmark": 5e-4,
        "regulariser": 0.1,
        "encoder_area": 0.06,
    }
    assert step.gradients == "joint"
    assert (step.engine.iterations, step.engine.batch_size) == (325_000, 12)
    assert {step.encoder.optimizer, step.segmenter.optimizer} == {"adadelta"}
    assert step.encoder.rate_at(0, 1) == pytest.approx(0.04377, abs=5e-6)
    assert step.segmenter.rate_at(0, 1) == pytest.approx(0.002626, abs=5e-7)
    assert step.encoder.rate_at(5000, 1) == pytest.approx(0.99 * step.encoder.rate)
    assert step.segmenter.rate_at(5000, 1) == pytest.approx(0.95 * step.segmenter.rate)
    # where the published networks were saved
    assert step.encoder.rate_at(200_000, 1) == pytest.approx(0.0293, abs=5e-5)
    assert step.segmenter.rate_at(200_000, 1) == pytest.approx(0.00034, abs=5e-6)


def test_paper_looks_at_its_training_as_often_as_the_reference():
    config = resolve("paper")
    every = {
        name: (step.engine.checkpoint_every, step.engine.validate_every, step.engine.pictures_every)
        for name, step in (("step1", config.step1), ("step3", config.step3), ("step4", config.step4))
    }
    assert every == {"step1": (5000, 5000, 500), "step3": (5000, 2000, 1000), "step4": (10_000, 5000, 1000)}
    assert config.step4.logged == ("masked_pixel",)
    assert (config.step1.logged, config.step3.logged) == ((), ())


def test_paper_learns_in_32_bits_without_clipping_averages_or_decay():
    config = resolve("paper")
    for step in (config.step1, config.step3, config.step4, config.adapt):
        engine = step.engine
        assert engine.precision == "32-true"
        assert (engine.batch_size, engine.clip, engine.ema, engine.freeze_batch_norm) == (12, None, None, False)
        for network in ("encoder", "segmenter"):
            if hasattr(step, network):
                learning = getattr(step, network)
                assert (learning.optimizer, learning.weight_decay) == ("adadelta", 0.0)
                assert (learning.schedule.shape, learning.schedule.every) == ("step", 5000)


def test_paper_turns_are_five_and_twenty_five_thousand_iterations():
    turns = resolve("paper").step4.alternation
    for iteration in (0, 1, 4999, 5000, 5001, 29_999, 30_000, 35_000, 35_001, 200_000, 209_999):
        reference = "encoder" if iteration % 30_000 > 5000 else "segmenter"
        assert turns.trained_at(iteration) == reference, iteration
    assert turns.cycle == 30_000


def test_paper_networks_data_and_terms():
    config = resolve("paper")
    assert config.networks.encoder.backbone == "resnet50"
    assert config.networks.encoder.size == 224
    assert config.networks.encoder.scales == REFERENCE_SCALES
    assert config.networks.encoder.mean == (0.0, 0.0, 0.0)
    assert config.networks.encoder.std == (1.0, 1.0, 1.0)
    assert (config.networks.identity, config.networks.expression, config.networks.albedo) == (80, 64, 80)
    assert config.networks.segmenter.architecture == "plain-unet"
    moves = config.data.augmentation
    assert moves.shift * 224 == pytest.approx(10)
    assert (moves.scale, moves.rotation, moves.flip) == ((0.9, 1.1), 10.0, 0.5)
    assert config.data.colours is None
    assert config.data.synthetic_share == 0.0
    assert config.terms.contour == "fixed"


def test_paper_adapts_the_encoder_alone():
    adapt = resolve("paper").adapt
    assert adapt.engine.iterations == 10_000
    assert {adapt.alternation.trained_at(i) for i in (0, 5000, 9999)} == {"encoder"}
    step4 = resolve("paper").step4
    assert (adapt.weights, adapt.gradients, adapt.encoder) == (step4.weights, step4.gradients, step4.encoder)


def test_ours_separates_the_steps_and_alternates_soon():
    step = resolve("focusfit").step4
    assert step.gradients == "detached"
    assert step.alternation.cycle <= 500
    assert "teacher" in weights_of_segmenter(step.weights)
    assert not {"landmark", "masked_pixel", "identity"} & set(weights_of_encoder(step.weights))
    assert step.engine.ema is not None
    assert resolve().preset == "focusfit"


@pytest.mark.parametrize("preset", PRESETS)
def test_one_scale_shortens_everything(preset):
    full, short = resolve(preset), resolve(preset, overrides=["iterations_scale=0.001"])
    for name in ("step1", "step3", "step4", "adapt"):
        whole, part = getattr(full, name), getattr(short, name)
        for count in ("iterations", "checkpoint_every", "validate_every", "pictures_every", "log_every"):
            assert getattr(part.engine, count) == max(1, round(getattr(whole.engine, count) / 1000)), (name, count)
        for network in ("encoder", "segmenter"):
            if hasattr(whole, network):
                every = getattr(whole, network).schedule.every
                assert getattr(part, network).schedule.every == max(1, round(every / 1000))
    assert short.step4.alternation == Alternation(
        max(1, round(full.step4.alternation.segmenter / 1000)), max(1, round(full.step4.alternation.encoder / 1000))
    )
    assert short.iterations_scale == 1.0
    # and nothing else
    assert short.step4.weights == full.step4.weights
    assert short.networks == full.networks
    assert short.step1.engine.batch_size == full.step1.engine.batch_size


def test_a_network_that_rests_keeps_resting_when_the_run_is_shortened():
    assert resolve("paper", overrides=["iterations_scale=1e-3"]).adapt.alternation.segmenter == 0


@pytest.mark.parametrize("preset", PRESETS)
def test_what_is_written_is_read_again(preset, tmp_path):
    config = resolve(preset, overrides=["iterations_scale=0.01", "step1.engine.clip=0.5", "terms.robust.sigma=0.05"])
    write_config(tmp_path / "config.yaml", config)
    assert resolve(None, tmp_path / "config.yaml") == config
    assert (tmp_path / "config.yaml").read_text().startswith(f"preset: {preset}\n")
    # a file says everything: whatever preset it is laid over
    other = resolve(next(name for name in PRESETS if name != preset), tmp_path / "config.yaml")
    assert replace(other, preset=preset) == config


def test_of_several_files_later_ones_win(tmp_path):
    plan, small = tmp_path / "plan.yaml", tmp_path / "small.yaml"
    write_config(plan, resolve("paper", None, ["step1.engine.seed=4", "step1.engine.batch_size=7"]))
    small.write_text("step1: {engine: {batch_size: 9}}\n")
    config = resolve(None, [plan, small])
    assert (config.preset, config.step1.engine.seed, config.step1.engine.batch_size) == ("paper", 4, 9)
    assert (names_preset(plan), names_preset(small)) == (True, False)


def test_the_command_line_goes_over_the_file_and_the_file_over_the_preset(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("preset: paper\nstep4:\n  weights: {neighbour: 7, binary: 8}\n  alternation: {encoder: 100}\n")
    config = resolve(None, file, ["step4.weights.binary=9"])
    assert config.preset == "paper"
    assert (config.step4.weights.neighbour, config.step4.weights.binary) == (7.0, 9.0)
    assert config.step4.weights.distance == 3.0
    assert config.step4.alternation == Alternation(5001, 100)
    assert resolve("focusfit", file).preset == "focusfit"


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("step4.weights.neighbour=0", lambda c: c.step4.weights.neighbour == 0.0),
        ("step4.weights.landmark=5e-4", lambda c: c.step4.weights.landmark == 5e-4),
        ("step1.engine.ema=0.99", lambda c: c.step1.engine.ema == 0.99),
        ("step4.engine.clip=null", lambda c: c.step4.engine.clip is None),
        ("data.colours=null", lambda c: c.data.colours is None),
        ("data.augmentation.scale=[0.5, 2]", lambda c: c.data.augmentation.scale == (0.5, 2.0)),
        ("step1.logged=[landmark, area]", lambda c: c.step1.logged == ("landmark", "area")),
        ("networks.encoder.backbone=resnet18", lambda c: c.networks.encoder.backbone == "resnet18"),
        ("networks.segmenter={encoder: resnet18, depth: 4}", lambda c: c.networks.segmenter.depth == 4),
        ("step*.engine.workers=0", lambda c: c.step1.engine.workers == c.step4.engine.workers == 0),
        ("*.weights.true_mask=3", lambda c: c.step3.weights.true_mask == c.adapt.weights.true_mask == 3.0),
    ],
)
def test_a_setting_from_the_command_line(override, value):
    assert value(resolve("focusfit", overrides=[override]))


def test_switching_colours_on_over_a_preset_without():
    colours = resolve("paper", overrides=["data.colours.gamma=0.2"]).data.colours
    assert colours is not None
    assert colours.gamma == 0.2


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("step4.weights.neighbor=0", r"no setting 'step4.weights.neighbor'. Did you mean step4.weights.neighbour\?"),
        ("step5.engine.seed=0", r"no setting 'step5'. Did you mean step[1-4]\?"),
        ("step4.weights.neighbour=lots", "step4.weights.neighbour is 'lots', expected a number"),
        ("step4.weights.neighbour=true", "is True, expected a number"),
        ("step4.weights=3", "step4.weights is 3, expected keys with values"),
        ("step1.engine.batch_size=1.5", "is 1.5, expected a whole number"),
        ("step1.engine.seed=true", "is True, expected a whole number"),
        ("step1.engine.batch_size=0", "step1.engine: batch_size is 0. It must be at least 1."),
        ("step1.engine.freeze_batch_norm=1", "is 1, expected true or false"),
        ("step1.engine.ema=[1]", "expected a number or nothing"),
        ("step4.gradients=none", "is 'none', expected one of detached, joint"),
        ("data.augmentation.scale=[0.5]", "expected a list of a number, a number"),
        ("step4.logged=[nonsense]", "step4: there is no term 'nonsense' to log"),
        ("step4.alternation.encoder=-1", "step4.alternation: blocks of 50 and -1 iterations do not alternate"),
        ("iterations_scale=0", "iterations_scale is 0.0"),
        ("step9*.seed=0", r"no setting is called 'step9\*.seed'"),
        ("step4.weights.neighbour", "sets nothing. Write it as"),
        ("step4.weights.neighbour=[", "cannot be read"),
    ],
)
def test_a_wrong_setting_says_where_it_is_and_what_is_near(override, said):
    with pytest.raises(TrainingError, match=said) as raised:
        resolve("focusfit", overrides=[override])
    assert str(raised.value).startswith("command line: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("step4:\n  weights: {area: big}\n", "step4.weights.area is 'big', expected a number"),
        ("step4: {alternation: {encodr: 3}}", r"'step4.alternation.encodr'. Did you mean step4.alternation.encoder\?"),
        ("preset: papr\n", r"no preset 'papr'. Did you mean paper\?"),
        ("- 1\n", "holds no keys with values"),
        ("a: [\n", "cannot be read as YAML"),
        ("step1: !!python/object/apply:os.getcwd []\n", "cannot be read as YAML"),
        ("2: 3\n", "no setting '2'"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, text, said):
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    with pytest.raises(FocusfitError, match=said) as raised:
        resolve(None, file)
    assert raised.value.file == file


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(TrainingError, match="does not exist"):
        resolve(None, tmp_path / "none.yaml")
    with pytest.raises(TrainingError, match=r"no preset 'x'. Presets are focusfit, paper"):
        resolve("x")


def test_an_empty_file_changes_nothing(tmp_path):
    (tmp_path / "empty.yaml").write_text("")
    assert resolve("paper", tmp_path / "empty.yaml") == resolve("paper")


def test_focusfit_s_encoder_can_follow_the_augmentation_s_scaling():
    """A head of another size in the crop is one at another distance; where depth cannot move, identity has to."""
    config = resolve("focusfit")
    largest = max(abs(factor - 1) for factor in config.data.augmentation.scale)
    units = largest * DISTANCE / config.networks.encoder.scales.translation[2]
    assert units < 10


def test_presets_are_resolved_as_they_stand():
    for name, config in PRESETS.items():
        assert isinstance(config, TrainingConfig)
        assert config.preset == name
        assert resolve(name) == config
