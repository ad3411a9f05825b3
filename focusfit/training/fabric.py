"""Lightning Fabric as training uses it: where to run, in how many processes, with how many bits."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch
from lightning_fabric import Fabric
from lightning_fabric.utilities.exceptions import MisconfigurationException
from timm.layers import convert_sync_batchnorm
from torch import Tensor, nn
from torch.distributed import is_torchelastic_launched
from torch.utils.hooks import RemovableHandle

from ..errors import TrainingError
from .engine_config import EngineConfig


def start_fabric(config: EngineConfig) -> Fabric:
    """Processes and devices as ``fabric run`` or ``torchrun`` started them, else as the config wants.

    Raises:
        TrainingError: this machine has not what was asked for.
    """
    arguments: dict[str, Any] = {"accelerator": config.accelerator, "devices": config.devices}
    launched = "LT_CLI_USED" in os.environ
    if launched:
        arguments = {}  # Fabric reads what `fabric run` was told from the environment
    elif is_torchelastic_launched():
        here, everywhere = int(os.environ["LOCAL_WORLD_SIZE"]), int(os.environ["WORLD_SIZE"])
        arguments |= {"devices": here, "num_nodes": everywhere // here, "strategy": "ddp"}
    elif config.devices > 1:
        arguments |= {"strategy": "ddp"}
    if "LT_PRECISION" not in os.environ:
        arguments["precision"] = config.precision
    try:
        fabric = Fabric(**arguments)
        if not launched:
            fabric.launch()
    except (MisconfigurationException, RuntimeError, ValueError) as error:
        wanted = f"{config.devices} x {config.accelerator} in {config.precision}"
        raise TrainingError(
            f"training on {wanted} cannot start ({error})", remedy="Choose other devices, or another precision."
        ) from error
    if fabric.device.type == "cuda":
        torch.backends.cudnn.benchmark = True  # all batches of a training have one size
    return fabric


def run_in_precision(fabric: Fabric, network: nn.Module) -> list[RemovableHandle]:
    """Have a network's forward pass run in Fabric's mixed precision and hand out 32 bits.

    Everything else, geometry and rendering above all, stays in 32 bits: 16 of them place a face to within millimetres.

    Returns:
        Handles whose ``remove()`` undoes it.
    """
    open_contexts: list[Any] = []

    def enter(module: nn.Module, inputs: Any) -> None:
        context = fabric.autocast()
        context.__enter__()
        open_contexts.append(context)

    def leave(module: nn.Module, inputs: Any, output: Any) -> Any:
        open_contexts.pop().__exit__(None, None, None)
        return map_tensors(output, lambda tensor: tensor.float() if tensor.is_floating_point() else tensor)

    return [
        network.register_forward_pre_hook(enter),
        network.register_forward_hook(leave, always_call=True),
    ]


def map_tensors(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """``value`` with every tensor in it changed: in tuples, lists, mappings and dataclasses, however nested."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, dict):
        return {key: map_tensors(part, change) for key, part in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(map_tensors(part, change) for part in value))
    if isinstance(value, list | tuple):
        return type(value)(map_tensors(part, change) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: map_tensors(getattr(value, each.name), change) for each in fields(value)})
    return value


def share_buffers(fabric: Fabric, buffers: list[Tensor]) -> None:
    """Give all processes the first one's floating-point buffers: each has seen other photos."""
    floating = [each for each in buffers if each.is_floating_point()]
    if fabric.world_size == 1 or not floating:
        return
    joined = torch.cat([each.flatten().float() for each in floating])
    torch.distributed.broadcast(joined, src=0)
    for buffer, part in zip(floating, joined.split([each.numel() for each in floating]), strict=True):
        buffer.copy_(part.view_as(buffer))


def use_synchronized_batch_norm(fabric: Fabric, network: nn.Module) -> None:
    """On several GPUs, let batch normalisation see the batches of all of them."""
    if fabric.world_size > 1 and fabric.device.type == "cuda":
        synchronize_batch_norm(network)


def synchronize_batch_norm(network: nn.Module) -> None:
    """Have every batch normalisation in ``network`` share its statistics; weights and their names stay."""
    for name, child in network.named_children():
        # torch's own conversion drops the activations inside timm's normalisations
        setattr(network, name, convert_sync_batchnorm(child))
