"""A run that goes on with other settings than it began with."""

from __future__ import annotations

import csv

import pytest
import torch
from torch.optim import AdamW, Optimizer
from torch.optim.lr_scheduler import LambdaLR, LRScheduler, OneCycleLR

from focusfit.training.engine import train
from focusfit.training.resumed import ResumedOptimizer, ResumedScheduler
from tests.training.toy_stage import ToyStage, config, crops


def stepped(optimizer: Optimizer, scheduler: LRScheduler, times: int) -> list[float]:
    rates = []
    for _ in range(times):
        rates.append(optimizer.param_groups[0]["lr"])
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = torch.ones_like(parameter)
        optimizer.step()
        scheduler.step()
    return rates


def halving(rate: float, decay: float = 0.0) -> tuple[Optimizer, LRScheduler]:
    optimizer = AdamW([torch.nn.Parameter(torch.zeros(2, 2))], lr=rate, weight_decay=decay)
    return optimizer, LambdaLR(optimizer, lambda iteration: 0.5**iteration)


def go_on(new: tuple[Optimizer, LRScheduler], old: tuple[Optimizer, LRScheduler]) -> None:
    ResumedOptimizer(new[0]).load_state_dict(old[0].state_dict())
    ResumedScheduler(new[1]).load_state_dict(old[1].state_dict())


def test_today_s_rate_and_decay_count_at_the_place_that_the_schedule_was_at():
    old, new = halving(0.8), halving(0.08, decay=0.3)
    assert stepped(*old, 3) == [0.8, 0.4, 0.2]
    go_on(new, old)
    assert new[0].param_groups[0]["weight_decay"] == 0.3
    assert stepped(*new, 3) == pytest.approx([0.01, 0.005, 0.0025])
    momenta = [next(iter(each.state.values()))["exp_avg"] for each in (old[0], new[0])]
    assert momenta[1].mean() > momenta[0].mean() > 0  # gone on from


def test_a_longer_cycle_is_gone_on_with():
    def cycle(steps: int) -> tuple[Optimizer, LRScheduler]:
        optimizer = AdamW([torch.nn.Parameter(torch.zeros(2))], lr=1.0)
        return optimizer, OneCycleLR(optimizer, max_lr=1.0, total_steps=steps)

    old, new = cycle(10), cycle(20)
    stepped(*old, 10)
    go_on(new, old)
    expected = stepped(*cycle(20), 20)
    assert stepped(*new, 9)[1:] == pytest.approx(expected[11:19])


def test_a_lower_rate_of_a_resumed_run_is_the_one_that_is_logged(tmp_path):
    def rates() -> list[float]:
        with (tmp_path / "losses_sharpener.csv").open() as lines:
            return [float(row["learning_rate"]) for row in csv.DictReader(lines)]

    train(ToyStage(), crops(), config(iterations=8), tmp_path)
    slower = ToyStage()
    for group in slower.optimizers["sharpener"].param_groups:
        group["initial_lr"] = group["lr"] = group["lr"] / 10
    slower.schedulers["sharpener"].base_lrs = [3e-4]
    with pytest.warns(UserWarning, match=r"iterations 8 \(now 12\)"):
        train(slower, crops(), config(iterations=12), tmp_path)
    assert rates()[-1] == pytest.approx(rates()[0] / 10, rel=0.2)
