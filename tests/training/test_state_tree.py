from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
import torch

from focusfit.errors import CheckpointError
from focusfit.training.state_tree import put_together, take_apart


def there_and_back(state):
    tensors = {}
    described = json.loads(json.dumps(take_apart(state, "state", tensors), allow_nan=False))
    return put_together(described, tensors), tensors


def test_optimiser_states_survive_exactly():
    weight = torch.nn.Parameter(torch.randn(3, 2))
    for make in (torch.optim.AdamW, torch.optim.Adadelta, lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)):
        optimizer = make([weight])
        weight.square().sum().backward()
        optimizer.step()
        state = optimizer.state_dict()
        back, _ = there_and_back(state)
        assert back["param_groups"] == state["param_groups"]
        assert back["state"].keys() == state["state"].keys()
        for name, value in state["state"][0].items():
            same = (
                torch.equal(back["state"][0][name], value)
                if isinstance(value, torch.Tensor)
                else (back["state"][0][name] == value)
            )
            assert same, name


def test_numbers_tuples_counters_and_keys_keep_their_types():
    state = {
        "tuple": (1, (2.5, None)),
        "not finite": [float("inf"), float("-inf")],
        "counter": Counter({10: 2, 20: 1}),
        3: "three",
        "nested": {"__kind__": "a key of that name", 1.5: True},
        "tenth": 0.1,
        "array": np.arange(3, dtype=np.uint32),
    }
    back, _ = there_and_back(state)
    assert np.array_equal(back.pop("array"), state.pop("array"))
    assert back == state
    assert isinstance(back["counter"], Counter)
    assert isinstance(back["tuple"], tuple)
    assert np.isnan(there_and_back(float("nan"))[0])


def test_tensors_are_copies_and_those_that_would_share_a_name_do_not():
    tied = torch.ones(2)
    back, tensors = there_and_back({"a": {"b.c": tied}, "a.b": {"c": tied * 2}, "again": tied})
    tied.zero_()
    assert len(tensors) == 3
    assert back["a"]["b.c"].tolist() == [1, 1]
    assert back["a.b"]["c"].tolist() == [2, 2]


def test_what_would_need_pickling_is_refused():
    with pytest.raises(CheckpointError, match=r"state\.schedule is a function"):
        take_apart({"schedule": lambda step: step}, "state", {})
    with pytest.raises(CheckpointError, match="key"):
        take_apart({(1, 2): 3}, "state", {})


def test_descriptions_that_do_not_fit_are_refused():
    with pytest.raises(CheckpointError, match="unknown kind"):
        put_together({"__kind__": "class", "name": "os.system"}, {})
    with pytest.raises(CheckpointError, match="tensor cannot be read"):
        put_together({"__kind__": "tensor", "name": "absent"}, {})
