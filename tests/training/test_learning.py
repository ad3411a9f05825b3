"""Optimisers and learning rates."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from focusfit.errors import TrainingError
from focusfit.training.learning import Learning, Schedule, build_optimizer, build_scheduler


def rates(learning: Learning, iterations: int) -> list[float]:
    """What the optimiser has in each iteration."""
    optimizer = build_optimizer(nn.Linear(2, 1), learning)
    scheduler = build_scheduler(optimizer, learning, iterations)
    found = []
    for _ in range(iterations):
        found.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return found


def test_steps_are_those_of_torchs_own_schedule():
    learning = Learning("adadelta", 0.1, schedule=Schedule("step", every=3, factor=0.9))
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.Adadelta([parameter], lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 3, 0.9)
    expected = []
    for _ in range(10):
        expected.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    assert rates(learning, 10) == pytest.approx(expected)
    assert expected[2] == 0.1
    assert expected[3] == pytest.approx(0.09)


def test_one_cycle_rises_peaks_and_falls():
    learning = Learning("adamw", 2.0, schedule=Schedule("one_cycle", warm_up=0.25, first=0.1, final=0.01))
    found = rates(learning, 101)
    assert found[0] == pytest.approx(0.2)
    assert max(found) == found[25] == pytest.approx(2.0)
    assert found[-1] == pytest.approx(0.02)
    assert found == sorted(found[:25]) + sorted(found[25:], reverse=True)


def test_cosine_warms_up_in_a_straight_line():
    found = [Schedule("cosine", warm_up=0.5, first=0.0, final=0.0).at(i, 9) for i in range(9)]
    assert found[:5] == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])
    assert found[6] == pytest.approx(0.5)


def test_after_its_end_a_schedule_stays_where_it_ended():
    assert Schedule("cosine").at(500, 100) == Schedule("cosine").at(99, 100) == pytest.approx(0.001)
    assert Schedule("one_cycle", warm_up=0.0).at(0, 1) == 1.0


def test_a_schedule_that_is_taken_back_goes_on_and_does_not_start_over():
    learning = Learning("adadelta", 0.1, schedule=Schedule("step", every=3, factor=0.9))
    expected, found = rates(learning, 12), []
    optimizer = build_optimizer(nn.Linear(2, 1), learning)
    scheduler = build_scheduler(optimizer, learning, 12)
    for iteration in range(12):
        if iteration == 7:  # another process
            states = optimizer.state_dict(), scheduler.state_dict()
            optimizer = build_optimizer(nn.Linear(2, 1), learning)
            scheduler = build_scheduler(optimizer, learning, 12)
            optimizer.load_state_dict(states[0])
            scheduler.load_state_dict(states[1])
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert found == pytest.approx(expected)


def test_biases_and_normalisations_do_not_decay():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    optimizer = build_optimizer(network, Learning("adamw", 1e-3, weight_decay=0.1))
    decays = {group["weight_decay"]: sorted(p.ndim for p in group["params"]) for group in optimizer.param_groups}
    assert decays == {0.1: [4], 0.0: [1, 1, 1]}


def test_adadelta_has_torchs_constants():
    optimizer = build_optimizer(nn.Linear(2, 1), Learning("adadelta", 0.1))
    assert isinstance(optimizer, torch.optim.Adadelta)
    assert optimizer.defaults["rho"] == 0.9
    assert optimizer.defaults["eps"] == 1e-6


@pytest.mark.parametrize("make", [lambda: Schedule(every=0), lambda: Schedule(warm_up=1.0), lambda: Learning(rate=0.0)])
def test_nonsense_is_refused(make):
    with pytest.raises(TrainingError):
        make()
