"""The two networks that look at a photo as ONNX files, for whatever program runs those."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .. import __version__
from ..errors import WeightsError
from ..facemodel.morphable import MorphableModel
from ..whole_file import write_whole
from .onnx_graph import OnnxSource, onnx_content
from .segmenter import FaceSegmenter
from .shipped import ENCODER_FILE, SEGMENTER_FILE, TrainedNetworks
from .surface_encoder import EncodedFace, SurfaceEncoder

PHOTO, RENDERING, LOGITS = "photo", "rendering", "logits"
"""Names of what goes in and of what the segmenter says."""

ENCODED = tuple(each.name for each in fields(EncodedFace))
"""Names of what the encoder says, as in :class:`.surface_encoder.EncodedFace`."""


class _EncoderAnswers(nn.Module):
    """What an encoder says, as a tuple."""

    def __init__(self, encoder: SurfaceEncoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, photo: Tensor) -> tuple[Tensor, ...]:
        told = self.encoder(photo)
        return tuple(getattr(told, name) for name in ENCODED)


class _SegmenterAnswer(nn.Module):
    """What a segmenter says, as a tuple."""

    def __init__(self, segmenter: FaceSegmenter) -> None:
        super().__init__()
        self.segmenter = segmenter

    def forward(self, rendering: Tensor, photo: Tensor) -> tuple[Tensor]:
        return (self.segmenter(rendering, photo),)


def onnx_sources(networks: TrainedNetworks, model: MorphableModel) -> tuple[OnnxSource, OnnxSource]:
    """Encoder and segmenter on their way into ONNX files; both are put into eval mode.

    Args:
        networks: on the CPU.
        model: the face model that they were trained for.

    Raises:
        WeightsError: they come from no file, or the segmenter needs to be told the face's region.
    """
    encoder, segmenter = networks.encoder, networks.segmenter
    if segmenter.config.backdrop == "photo":
        cause = "the segmenter sees the rendering over the photo and needs the face's region, which an ONNX file lacks"
        raise WeightsError(cause, remedy="Export one that sees the rendering over black.")
    if not {ENCODER_FILE, SEGMENTER_FILE} <= set(networks.about):
        raise WeightsError("networks that come from no file have no checksum that an ONNX file could name")
    picture = (3, encoder.config.size, encoder.config.size)
    return (
        OnnxSource(
            Path(ENCODER_FILE).stem,
            _EncoderAnswers(encoder).eval(),
            {PHOTO: picture},
            ENCODED,
            _properties(networks, model, encoder.config, ENCODER_FILE),
        ),
        OnnxSource(
            Path(SEGMENTER_FILE).stem,
            _SegmenterAnswer(segmenter).eval(),
            {RENDERING: picture, PHOTO: picture},
            (LOGITS,),
            _properties(networks, model, segmenter.config, SEGMENTER_FILE),
        ),
    )


def export_networks(networks: TrainedNetworks, model: MorphableModel, folder: Path) -> list[Path]:
    """Write ``surface_encoder.onnx`` and ``segmenter.onnx``, each whole or not at all.

    Args:
        networks: on the CPU.
        model: the face model that they were trained for.
        folder: where they go; made if need be.

    Raises:
        WeightsError: as in :func:`onnx_sources`.
        BackendError: onnxruntime answers otherwise than torch; neither is written then.
        OSError: they cannot be written.
    """
    sources = onnx_sources(networks, model)
    folder.mkdir(parents=True, exist_ok=True)
    contents = {f"{source.name}.onnx": onnx_content(source) for source in sources}
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in contents]


def _properties(networks: TrainedNetworks, model: MorphableModel, config: Any, file: str) -> dict[str, str]:
    """What an ONNX file says about itself; each value is text."""
    return {
        "kind": Path(file).stem,
        "config": json.dumps(asdict(config), sort_keys=True),
        "face_model": model.name,
        "face_model_sha256": model.sha256,
        "weights_sha256": networks.about[file],
        "licence": networks.licence,
        "focusfit_version": __version__,
        "torch_version": str(torch.__version__),
    }
