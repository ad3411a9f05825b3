"""Nested states, as optimisers and schedules keep them, taken apart into plain JSON and named tensors, and back."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..errors import CheckpointError

KIND = "__kind__"


def take_apart(state: Any, name: str, tensors: dict[str, Tensor]) -> Any:
    """JSON description of ``state``; its tensors go to ``tensors``, under their path that starts with ``name``.

    Mappings with keys of any of these types, lists, tuples, counters, numpy arrays and numbers are understood beside
    what JSON has. What is none of these (a function in a schedule, say) cannot be kept without pickling it.

    Raises:
        CheckpointError: a part of another type.
    """
    while name in tensors:
        name += "'"  # "a" of "b.c" and "a.b" of "c" would both be called "a.b.c"
    if isinstance(state, Tensor):
        tensors[name] = state.detach().to("cpu", copy=True).contiguous()
        return {KIND: "tensor", "name": name}
    if isinstance(state, np.ndarray):
        tensors[name] = torch.from_numpy(np.array(state, order="C"))
        return {KIND: "array", "name": name}
    if isinstance(state, np.generic):
        return take_apart(state.item(), name, tensors)
    if state is None or isinstance(state, bool | int | str):
        return state
    if isinstance(state, float):
        return state if math.isfinite(state) else {KIND: "float", "value": repr(state)}
    if isinstance(state, Mapping):
        kind = "counter" if isinstance(state, Counter) else "mapping"
        items = [[_key(key, name), take_apart(value, f"{name}.{key}", tensors)] for key, value in state.items()]
        if kind == "mapping" and all(isinstance(key, str) and key != KIND for key in state):
            return dict(items)
        return {KIND: kind, "items": items}
    if isinstance(state, list | tuple):
        parts = [take_apart(value, f"{name}.{index}", tensors) for index, value in enumerate(state)]
        return parts if isinstance(state, list) else {KIND: "tuple", "items": parts}
    raise CheckpointError(
        f"{name} is a {type(state).__name__}, which a checkpoint cannot hold",
        remedy="States may be made of tensors, numbers, text, mappings, lists and tuples.",
    )


def put_together(described: Any, tensors: Mapping[str, Tensor]) -> Any:
    """Inverse of :func:`take_apart`.

    Raises:
        CheckpointError: a tensor is not there, or the description is of no known kind.
    """
    if isinstance(described, list):
        return [put_together(part, tensors) for part in described]
    if not isinstance(described, dict):
        return described
    kind = described.get(KIND)
    try:
        if kind is None:
            return {key: put_together(value, tensors) for key, value in described.items()}
        if kind == "tensor":
            return tensors[described["name"]]
        if kind == "array":
            return tensors[described["name"]].numpy()
        if kind == "float":
            return float(described["value"])
        if kind == "tuple":
            return tuple(put_together(part, tensors) for part in described["items"])
        if kind in ("mapping", "counter"):
            items = {key: put_together(value, tensors) for key, value in described["items"]}
            return Counter(items) if kind == "counter" else items
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"a saved state's {kind} cannot be read ({error!r})") from error
    raise CheckpointError(f"a saved state has a part of unknown kind {kind!r}")


def _key(key: Any, name: str) -> Any:
    if isinstance(key, str | int | float) and not isinstance(key, bool):
        return key
    raise CheckpointError(f"{name} has the key {key!r}, which a checkpoint cannot hold")
