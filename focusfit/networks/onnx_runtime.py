"""The two networks that look at a photo, run by onnxruntime instead of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import onnxruntime
import torch
from torch import Tensor

from ..errors import BackendError
from ..facemodel.morphable import MorphableModel, SurfacePoints
from .onnx_cache import cached_content
from .onnx_export import ENCODED, LOGITS, PHOTO, RENDERING, onnx_sources
from .onnx_session import start_session
from .shipped import TrainedNetworks
from .surface_encoder import EncodedFace, SurfaceEncoderConfig


@dataclass(frozen=True, eq=False)
class OnnxSurfaceEncoder:
    """A :class:`.interface.SurfaceNetwork` in onnxruntime, without gradients.

    Attributes:
        config: what the network is.
        start: ``(K, 2)`` where the points lie on average, as a share of the side.
        session: runs it.
    """

    config: SurfaceEncoderConfig
    start: Tensor
    session: onnxruntime.InferenceSession

    def __call__(self, photo: Tensor) -> EncodedFace:
        """What a photo ``(B, 3, S, S)`` in [0, 1] shows."""
        told = self.session.run(list(ENCODED), {PHOTO: photo.numpy()})
        return EncodedFace(**{name: torch.from_numpy(each) for name, each in zip(ENCODED, told, strict=True)})


@dataclass(frozen=True, eq=False)
class OnnxSegmenter:
    """A :class:`.interface.MaskNetwork` in onnxruntime, without gradients; it needs no region.

    Attributes:
        session: runs it.
    """

    session: onnxruntime.InferenceSession

    def __call__(self, rendering: Tensor, photo: Tensor, region: Tensor | None = None) -> Tensor:
        """Logits ``(B, 1, S, S)`` of "this pixel shows the face that was rendered"."""
        [logits] = self.session.run([LOGITS], {RENDERING: rendering.numpy(), PHOTO: photo.numpy()})
        return torch.from_numpy(logits)


@dataclass(frozen=True, eq=False)
class OnnxNetworks:
    """An encoder and a segmenter in onnxruntime, as :class:`focusfit.Fitter` takes them.

    Attributes:
        encoder: where surface points are.
        points: which points.
        segmenter: what hides the face.
        about: SHA-256 of the files of their weights by name, and what runs them, for the provenance record.
    """

    encoder: OnnxSurfaceEncoder
    points: SurfacePoints
    segmenter: OnnxSegmenter
    about: Mapping[str, str]

    def to(self, device: torch.device | str) -> OnnxNetworks:
        """Themselves, on the CPU.

        Raises:
            BackendError: another device.
        """
        if torch.device(device).type != "cpu":
            remedy = "Fit on the CPU, or leave the networks to torch."
            raise BackendError(f"networks in onnxruntime run on the CPU, not on '{device}'", remedy=remedy)
        return self


def in_onnxruntime(networks: TrainedNetworks, model: MorphableModel) -> OnnxNetworks:
    """The same networks, run by onnxruntime on the CPU; their ONNX files are kept in the user's cache.

    Args:
        networks: on the CPU.
        model: the face model that they were trained for.

    Raises:
        WeightsError: they cannot be exported.
        BackendError: onnxruntime answers otherwise than torch.
        AssetError: the cache cannot be written.
    """
    encoder, segmenter = (start_session(cached_content(source)) for source in onnx_sources(networks, model))
    return OnnxNetworks(
        OnnxSurfaceEncoder(networks.encoder.config, networks.encoder.start, encoder),
        networks.points,
        OnnxSegmenter(segmenter),
        {**networks.about, "runtime": f"onnxruntime {onnxruntime.__version__}"},
    )
