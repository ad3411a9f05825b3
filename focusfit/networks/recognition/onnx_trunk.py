"""A recogniser from any ONNX file, made differentiable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, fx, nn

from ...errors import WeightsError
from .recogniser import SIDE


class OnnxTrunk(nn.Module):
    """The network of an ONNX file as torch modules.

    The first stage ends with the last residual sum at half the input's resolution, or where there is none, with the
    last map of that size.

    Args:
        path: the file; one input ``(B, 3, 112, 112)``, one output ``(B, K)``.

    Attributes:
        normalises: the network begins by subtracting and scaling, so it wants levels in 0..255.

    Raises:
        WeightsError: it cannot be converted, or is no face recogniser.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.network = _converted(path)
        shapes = _shapes(self.network, path)
        output = next(node for node in reversed(self.network.graph.nodes) if node.op == "output")
        answer = shapes.get(output.all_input_nodes[0].name) if len(output.all_input_nodes) == 1 else None
        if answer is None or len(answer) != 2 or answer[0] != 2:
            raise WeightsError(f"gives {answer} for two faces, not a row of features for each", file=path)
        self.stage = _cut_behind(self.network, _end_of_first_stage(self.network, shapes, path))
        self.normalises = _normalises(self.network)

    def first_stage(self, x: Tensor) -> Tensor:
        """``(B, 3, 112, 112)`` to ``(B, C, 56, 56)``."""
        return self.stage(x)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, 3, 112, 112)`` to ``(B, K)``."""
        return self.network(x)


def _converted(path: Path) -> fx.GraphModule:
    import onnx2torch

    try:
        return onnx2torch.convert(str(path)).eval()
    except Exception as error:  # of a parser and converter for arbitrary files
        raise WeightsError(f"cannot be made a torch network ({type(error).__name__}: {error})", file=path) from error


class _Shapes(fx.Interpreter):
    """Runs a network and keeps the shape of every tensor."""

    def __init__(self, network: fx.GraphModule) -> None:
        super().__init__(network)
        self.found: dict[str, tuple[int, ...]] = {}

    def run_node(self, n: fx.Node) -> Any:
        value = super().run_node(n)
        if isinstance(value, Tensor):
            self.found[n.name] = tuple(value.shape)
        return value


def _shapes(network: fx.GraphModule, path: Path) -> dict[str, tuple[int, ...]]:
    """Of every node, for two faces: a network with a fixed batch shows itself."""
    run = _Shapes(network)
    try:
        with torch.no_grad():
            run.run(torch.zeros(2, 3, SIDE, SIDE))
    except Exception as error:  # of whatever the converted graph holds
        raise WeightsError(f"does not run on two faces of {SIDE} pixels ({error})", file=path) from error
    return run.found


def _end_of_first_stage(network: fx.GraphModule, shapes: dict[str, tuple[int, ...]], path: Path) -> str:
    half = [n for n in network.graph.nodes if shapes.get(n.name, ())[2:] == (SIDE // 2, SIDE // 2)]
    sums = [n for n in half if _operation(network, n) is torch.add]
    if not half:
        raise WeightsError(f"has no features of {SIDE // 2} x {SIDE // 2} pixels", file=path)
    return (sums or half)[-1].name


def _operation(network: fx.GraphModule, node: fx.Node) -> Any:
    module = network.get_submodule(str(node.target)) if node.op == "call_module" else None
    return getattr(module, "math_op_function", None)


def _normalises(network: fx.GraphModule) -> bool:
    """Insightface's own rule: a subtraction and a product among the first eight operations."""
    first = [_operation(network, node) for node in network.graph.nodes if node.op == "call_module"][:8]
    return torch.sub in first and torch.mul in first


def _cut_behind(network: fx.GraphModule, name: str) -> fx.GraphModule:
    graph = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    for node in network.graph.nodes:
        copies[node] = graph.node_copy(node, copies.__getitem__)
        if node.name == name:
            graph.output(copies[node])
            break
    return fx.GraphModule(network, graph)
