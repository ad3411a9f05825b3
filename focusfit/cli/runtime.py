"""What runs the networks of ``focusfit reconstruct``, as ``--runtime`` names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import FocusfitError

if TYPE_CHECKING:
    from ..facemodel.morphable import MorphableModel
    from ..networks.interface import LookingNetworks
    from ..networks.shipped import TrainedNetworks

TORCH, ONNX = "torch", "onnx"


def require_runtime(runtime: str, networks: str, device: str) -> None:
    """Raise FocusfitError unless ``runtime`` goes with ``--networks`` and ``--device``."""
    if runtime not in (TORCH, ONNX):
        raise FocusfitError(f"--runtime is {runtime!r}", remedy=f"Give {TORCH} or {ONNX}.")
    if runtime == TORCH:
        return
    if networks == "none":
        raise FocusfitError("--networks none leaves --runtime onnx nothing to run", remedy="Leave one of them out.")
    if device.partition(":")[0] != "cpu":
        remedy = "Leave --device out, or run the networks in torch."
        raise FocusfitError(f"--runtime onnx runs on the CPU, not on --device {device!r}", remedy=remedy)


def networks_in_runtime(
    runtime: str, networks: TrainedNetworks | None, model: MorphableModel
) -> LookingNetworks | None:
    """The networks, run as the user wants.

    Raises:
        FocusfitError: there are none for ``model``, or they cannot be run so.
    """
    if runtime == TORCH:
        return networks
    if networks is None:
        remedy = "Leave --runtime out, or name a folder of networks."
        raise FocusfitError(f"no networks ship for {model.name}: --runtime onnx has nothing to run", remedy=remedy)
    from ..networks.onnx_runtime import in_onnxruntime

    return in_onnxruntime(networks, model)
