from __future__ import annotations

import pytest
import torch
from torch import nn

from focusfit.training.averages import WeightAverages


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))


def move(network: nn.Module) -> None:
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter))
    network(torch.rand(2, 3, 5, 5))  # moves the running statistics


def test_averages_follow_the_recursion(network):
    averages = WeightAverages({"network": network}, decay=0.3)
    expected = network[0].weight.detach().clone()
    running = network[1].running_mean.clone()
    for update in range(1, 6):
        move(network)
        averages.update("network")
        decay = min(0.3, (1 + update) / (10 + update))
        expected = decay * expected + (1 - decay) * network[0].weight.detach()
        running = decay * running + (1 - decay) * network[1].running_mean
    latest = network[0].weight.detach().clone()
    with averages.in_place():
        torch.testing.assert_close(network[0].weight, expected)
        torch.testing.assert_close(network[1].running_mean, running)
        assert network[1].num_batches_tracked == 5
    assert torch.equal(network[0].weight, latest)
    averages.hand_over()
    torch.testing.assert_close(network[0].weight, expected)


def test_the_optimiser_goes_on_with_the_networks_own_weights(network):
    averages = WeightAverages({"network": network}, decay=0.9)
    optimizer = torch.optim.SGD(network.parameters(), lr=1.0)
    with averages.in_place():
        pass
    before = network[0].weight.detach().clone()
    network(torch.rand(2, 3, 5, 5)).square().sum().backward()
    optimizer.step()
    assert not torch.equal(network[0].weight, before)


def test_only_the_named_network_is_updated():
    networks = {"one": nn.Linear(2, 2), "two": nn.Linear(2, 2)}
    averages = WeightAverages(networks, decay=0.5)
    start = {name: network.weight.detach().clone() for name, network in networks.items()}
    for network in networks.values():
        nn.init.constant_(network.weight, 3.0)
    averages.update("two")
    with averages.in_place():
        assert torch.equal(networks["one"].weight, start["one"])
        assert not torch.equal(networks["two"].weight, start["two"])


def test_a_state_is_taken_back(network):
    averages = WeightAverages({"network": network}, decay=0.5)
    move(network)
    averages.update("network")
    saved = {
        "averages": {"network": {k: v.clone() for k, v in averages.state_dict()["averages"]["network"].items()}},
        "updates": dict(averages.state_dict()["updates"]),
    }
    fresh = WeightAverages({"network": network}, decay=0.5)
    fresh.load_state_dict(saved)
    for each in (averages, fresh):
        torch.manual_seed(3)
        with torch.no_grad():
            network[0].weight.fill_(2.0)
        each.update("network")
    one, two = averages.state_dict()["averages"]["network"], fresh.state_dict()["averages"]["network"]
    assert all(torch.equal(one[key], two[key]) for key in one)
