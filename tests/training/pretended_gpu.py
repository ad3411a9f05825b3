"""What a stage would do on a GPU, without one: torch's own fake tensors, which have a device but no numbers.

Only the renderer, whose kernels want numbers, has a stand-in; its shapes and its devices are right.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from focusfit import constants
from focusfit.data import colour_jitter
from focusfit.fitting import priors
from focusfit.imaging import renderer
from focusfit.imaging.rendering import Rendering, Scene
from focusfit.objectives import prior
from focusfit.training.stage import Stage
from tests.training.one_iteration import losses_of

KEPT = (constants._constant, colour_jitter._grain, priors._precision, prior.light_precision)
"""Memories of tensors: a fake one must not be kept for others, nor a real one be met here."""


class Waits(TorchDispatchMode):
    """Counts operations for which the host waits for the device, by the line of the package that asks for them."""

    def __init__(self) -> None:
        super().__init__()
        self.places: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        before, after = _tensors((args, kwargs)), _tensors(result)
        copied = [each for each in before if each.dim() > 0 or "copy" in func.__name__]
        sent = _some_on("cuda", after) and _some_on("cpu", copied)
        fetched = _some_on("cpu", after) and _some_on("cuda", before)
        looked_at = any(word in func.__name__ for word in ("_local_scalar_dense", "nonzero", "check_errors"))
        if sent or fetched or looked_at:
            lines = [frame for frame in traceback.extract_stack() if "/focusfit/" in frame.filename]
            self.places[f"{func.__name__} at {lines[-1].filename}:{lines[-1].lineno}"] += 1
        return result


def waits_of(stage: Stage, batch: Any, iteration: int) -> Counter[str]:
    """Of an iteration's losses, once everything that is sent once has been sent."""
    with _pretended_gpu():
        judges = dict(getattr(stage, "judges", {}))
        judges.pop("recogniser", None)  # goes with what the stage keeps
        for network in (*stage.networks.values(), *judges.values()):
            network.to("cuda")
        if hasattr(stage, "to"):
            stage.to("cuda")
        there = batch.to("cuda")
        losses_of(stage, there, iteration)
        with Waits() as waits:
            total = losses_of(stage, there, iteration).total
        assert total.device.type == "cuda"
    return waits.places


@contextmanager
def _pretended_gpu() -> Iterator[None]:
    overwrite = torch.__future__.get_overwrite_module_params_on_conversion()
    try:
        for kept in KEPT:
            kept.cache_clear()
        with pytest.MonkeyPatch.context() as patch, FakeTensorMode(allow_non_fake_inputs=True):
            patch.setattr(renderer, "RENDERERS", dict.fromkeys(renderer.RENDERERS, _rendering))
            patch.setattr(torch.backends.cudnn, "enabled", False)  # its samplers know no fake tensors
            torch.__future__.set_overwrite_module_params_on_conversion(True)
            yield
    finally:
        torch.__future__.set_overwrite_module_params_on_conversion(overwrite)
        for kept in KEPT:
            kept.cache_clear()


def _rendering(scene: Scene) -> Rendering:
    """Of the right shapes, with gradients to everything."""
    batch, height, width = len(scene.vertices), scene.camera.height, scene.camera.width
    all_of_it = scene.vertices.sum() + scene.albedo.sum() + scene.light.sum()
    empty = scene.vertices.new_zeros(batch, 1, height, width)
    placed = scene.camera.place(scene.vertices, scene.rotation, scene.translation)
    return Rendering(
        image=all_of_it + empty.expand(-1, 3, -1, -1),
        region=empty > 0,
        depth=all_of_it + empty,
        normals=all_of_it + empty.expand(-1, 3, -1, -1),
        face_index=empty[:, 0].int(),
        vertices_camera=placed.detach(),
        see_vertices=lambda: scene.vertices[..., 0] > 0,
    )


def _tensors(tree: Any) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor)]


def _some_on(kind: str, tensors: list[Tensor]) -> bool:
    return any(each.device.type == kind for each in tensors)
