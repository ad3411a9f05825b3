"""A torch network as the content of an ONNX file that has been seen to answer alike."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import onnx
import torch
from torch import Tensor, nn

from ..errors import BackendError
from .onnx_session import start_session

OPSET = 17
AGREEMENT = 1e-4
"""How far an answer in onnxruntime may be from torch's, as a share of the largest value (of 1 where that is less)."""


@dataclass(frozen=True, eq=False)
class OnnxSource:
    """A network on its way into an ONNX file.

    Attributes:
        name: of the file, without ending.
        network: tensors to a tuple of tensors, all with the batch first; on the CPU and in eval mode.
        inputs: shape of each without the batch, by name; values are in [0, 1].
        outputs: names of the answers.
        properties: what the file says about itself.
    """

    name: str
    network: nn.Module
    inputs: Mapping[str, tuple[int, ...]]
    outputs: tuple[str, ...]
    properties: Mapping[str, str]


def onnx_content(source: OnnxSource) -> bytes:
    """The content of the ONNX file, for batches of any size.

    Raises:
        BackendError: onnxruntime answers otherwise than torch.
    """
    graph = onnx.load_from_string(_traced(source))
    onnx.helper.set_model_props(graph, dict(source.properties))
    content = graph.SerializeToString()
    off = disagreement(source, content)
    if not off <= AGREEMENT:
        raise BackendError(
            f"{source.name} in onnxruntime is {off:.1e} off what torch says, more than {AGREEMENT:.0e}",
            remedy="Another release of torch or onnxruntime may do better; torch itself needs no export.",
        )
    return content


@torch.no_grad()
def disagreement(source: OnnxSource, content: bytes) -> float:
    """How far the answers of an ONNX file are from torch's on random pictures, in the unit of `AGREEMENT`."""
    session = start_session(content)
    worst = torch.zeros(())
    for batch in (1, 3):
        given = _pictures(source, batch)
        told = session.run(list(source.outputs), {name: each.numpy() for name, each in given.items()})
        for here, there in zip(source.network(*given.values()), told, strict=True):
            off = (here - torch.from_numpy(there)).abs().max() / here.abs().max().clamp(min=1)
            worst = torch.maximum(worst, off)  # keeps what is not a number
    return float(worst)


@torch.no_grad()
def _traced(source: OnnxSource) -> bytes:
    given = _pictures(source, 2)
    file = io.BytesIO()
    with warnings.catch_warnings():  # of what is constant in these networks, and of torch's plans for its exporters
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            source.network,
            tuple(given.values()),
            file,  # type: ignore[arg-type]  # which this exporter takes, whatever its signature says
            input_names=list(given),
            output_names=list(source.outputs),
            dynamic_axes={name: {0: "batch"} for name in (*given, *source.outputs)},
            opset_version=OPSET,
            dynamo=False,  # the other exporter needs onnxscript
        )
    return file.getvalue()


def _pictures(source: OnnxSource, batch: int) -> dict[str, Tensor]:
    random = torch.Generator().manual_seed(batch)
    return {name: torch.rand(batch, *shape, generator=random) for name, shape in source.inputs.items()}
