from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins import MixedPrecision

from focusfit.training.optimisation import Optimisation
from focusfit.training.photo_stream import draw_of
from tests.training.toy_stage import CropBatch, ToyStage, collate, config, crops, weights


@pytest.fixture
def batch() -> CropBatch:
    data = crops()
    return collate([data.training[draw_of(index, 0, 0)] for index in range(4)])


def plain() -> Fabric:
    return Fabric(accelerator="cpu", devices=1)


@pytest.mark.parametrize("fused", [False, True])
def test_sixteen_bit_gradients_are_scaled_until_they_fit(batch, fused):
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**34)
    fabric = Fabric(accelerator="cpu", devices=1, plugins=MixedPrecision("16-mixed", "cpu", scaler=scaler))
    stage, reference = ToyStage(dropout=0.0), ToyStage(dropout=0.0)
    if fused:
        stage.optimizers["sharpener"] = torch.optim.AdamW(stage.networks["sharpener"].parameters(), lr=3e-3, fused=True)
    optimisation = Optimisation(fabric, stage, config())
    before, overflows = weights(stage), 0
    with optimisation.precision():
        while optimisation.overflowed(gradient := optimisation.backward(batch, 0)):
            assert not math.isfinite(gradient.norm)
            optimisation.forget(gradient)
            overflows += 1
            assert scaler.get_scale() == 2.0 ** (34 - overflows)
            assert all(torch.equal(value, before[name]) for name, value in weights(stage).items())
        assert 0 < overflows < 34
        plainly = Optimisation(plain(), reference, config()).backward(batch, 0)
        assert gradient.norm == pytest.approx(plainly.norm, rel=0.02)
        optimisation.step(gradient)
    after = weights(stage)["sharpener.0.weight"]
    assert after.isfinite().all()
    assert not torch.equal(after, before["sharpener.0.weight"])


def test_a_gradient_is_scaled_down_to_the_longest_allowed(batch):
    for clip in (None, 0.5, 100.0):
        stage = ToyStage(dropout=0.0)
        gradient = Optimisation(plain(), stage, config(clip=clip)).backward(batch, 0)
        found = np.sqrt(sum(each.grad.square().sum().item() for each in stage.networks["sharpener"].parameters()))
        assert gradient.norm > 0.6
        assert found == pytest.approx(0.5 if clip == 0.5 else gradient.norm, rel=1e-4)


def test_forgetting_leaves_no_trace(batch):
    stage = ToyStage()
    optimisation = Optimisation(plain(), stage, config())
    before = weights(stage)
    optimisation.forget(optimisation.backward(batch, 0))
    assert all(torch.equal(value, before[name]) for name, value in weights(stage).items())
    assert all(each.grad is None for network in stage.networks.values() for each in network.parameters())


def test_frozen_weights_of_a_network_stay_frozen(batch):
    stage = ToyStage()
    stage.networks["sharpener"][0].requires_grad_(False)
    optimisation = Optimisation(plain(), stage, config())
    before = weights(stage)
    for iteration in range(7):  # over two turns of each network
        optimisation.step(optimisation.backward(batch, iteration))
    after = weights(stage)
    for name in ("sharpener.0.weight", "sharpener.4.weight", "judge.1.weight"):
        assert torch.equal(before[name], after[name]) == (name == "sharpener.0.weight")


def test_the_network_that_rests_is_in_eval_mode(batch):
    """Its statistics stay, and it drops nothing."""
    stage = ToyStage(dropout=0.5)
    optimisation = Optimisation(plain(), stage, config())
    for iteration, learns in enumerate(["sharpener"] * 3 + ["judge"] * 2 + ["sharpener"]):
        before = stage.networks["sharpener"][1].running_mean.clone()
        optimisation.step(optimisation.backward(batch, iteration))
        assert {name: network.training for name, network in stage.networks.items()} == {
            name: name == learns for name in stage.networks
        }
        moved = not torch.equal(before, stage.networks["sharpener"][1].running_mean)
        assert moved == (learns == "sharpener")


def test_both_schedules_count_every_iteration(batch):
    """Also that of the network that rests."""
    stage = ToyStage()
    optimisation = Optimisation(plain(), stage, config())
    for iteration in range(7):
        optimisation.step(optimisation.backward(batch, iteration))
        optimisation.advance_schedules()
        assert {scheduler.last_epoch for scheduler in stage.schedulers.values()} == {iteration + 1}


def test_judges_pass_gradients_on_and_never_learn(batch):
    class Judged(ToyStage):
        def __init__(self):
            super().__init__()
            self.judges = {"taste": torch.nn.Conv2d(3, 4, 3)}
            self.moved_to = None

        def to(self, device):
            self.moved_to = device

        def losses(self, batch, iteration):
            losses = super().losses(batch, iteration)
            judged = self.judges["taste"](self.sharpened(batch)).square().mean()
            return type(losses)(judged, {"judged": judged.detach()}, {})

    stage = Judged()
    optimisation = Optimisation(plain(), stage, config())
    before = [each.detach().clone() for each in stage.judges["taste"].parameters()]
    gradient = optimisation.backward(batch, 0)
    assert gradient.norm > 0
    optimisation.step(gradient)
    assert all(torch.equal(one, two) for one, two in zip(before, stage.judges["taste"].parameters(), strict=True))
    assert all(each.grad is None for each in stage.judges["taste"].parameters())
    assert not stage.judges["taste"].training
    assert stage.moved_to == torch.device("cpu")


class Judge(torch.nn.Module):
    """Asked by a method, as a recogniser is."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = torch.nn.Linear(4, 4)

    def opinion(self, x: torch.Tensor) -> torch.Tensor:
        return self.trunk(x)


def test_judges_run_in_the_precision_too():
    stage = ToyStage()
    stage.judges = {"judge": Judge()}
    seen = []
    stage.judges["judge"].trunk.register_forward_hook(
        lambda module, inputs, output: seen.append(output.dtype), prepend=True
    )
    optimisation = Optimisation(Fabric(accelerator="cpu", devices=1, precision="bf16-mixed"), stage, config())
    with optimisation.precision():
        assert stage.judges["judge"].opinion(torch.rand(2, 4)).dtype == torch.float32
    stage.judges["judge"].opinion(torch.rand(2, 4))
    assert seen == [torch.bfloat16, torch.float32]
