"""Encoders and segmenters to files and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

from ..errors import WeightsError
from ..facemodel.morphable import MorphableModel
from .coefficient_head import CoefficientSizes, OutputScales
from .encoder import EncoderConfig, FaceEncoder
from .segmenter import FaceSegmenter, SegmenterConfig
from .weights import StoredNetwork, fill, read_network, write_network

Config = TypeVar("Config")

ENCODER, SEGMENTER = "encoder", "segmenter"


def save_encoder(path: str | Path, encoder: FaceEncoder, about: Mapping[str, Any] | None = None) -> Path:
    """Write an encoder; see :func:`.weights.write_network`."""
    face_model = {"name": encoder.model_name, "sha256": encoder.model_sha256, **asdict(encoder.head.sizes)}
    return write_network(path, encoder, ENCODER, encoder.config, face_model, about)


def load_encoder(path: str | Path, model: MorphableModel) -> FaceEncoder:
    """Read an encoder, in eval mode.

    Args:
        path: of its safetensors file.
        model: the face model it was trained for.

    Raises:
        WeightsError: the file is damaged, holds no encoder, or one for another face model.
    """
    stored = read_network(path, ENCODER)
    if stored.face_model.get("sha256") != model.sha256:
        raise WeightsError(
            f"was trained for the face model {stored.face_model.get('name')}, not for {model.name}",
            file=stored.path,
            remedy="Name that model's file with --model: coefficients of one model mean nothing to another.",
        )
    sizes = asdict(CoefficientSizes.of(model))
    if {name: stored.face_model.get(name) for name in sizes} != sizes:
        trained = ", ".join(f"{stored.face_model.get(name)} {name}" for name in sizes)
        raise WeightsError(f"was trained for {trained} coefficients of {model.name}", file=stored.path)
    given = dict(stored.config)
    try:
        scales = _config(OutputScales, given.pop("scales"), stored)
    except KeyError as error:
        raise WeightsError("its config lacks 'scales'", file=stored.path) from error
    encoder = FaceEncoder(_config(EncoderConfig, given | {"scales": scales}, stored), model)
    fill(encoder, stored)
    return encoder.eval()


def save_segmenter(path: str | Path, segmenter: FaceSegmenter, about: Mapping[str, Any] | None = None) -> Path:
    """Write a segmenter; see :func:`.weights.write_network`."""
    return write_network(path, segmenter, SEGMENTER, segmenter.config, about=about)


def load_segmenter(path: str | Path) -> FaceSegmenter:
    """Read a segmenter, in eval mode.

    Raises:
        WeightsError: the file is damaged or holds no segmenter.
    """
    stored = read_network(path, SEGMENTER)
    segmenter = FaceSegmenter(_config(SegmenterConfig, stored.config, stored))
    fill(segmenter, stored)
    return segmenter.eval()


def _config(kind: type[Config], given: Mapping[str, Any], stored: StoredNetwork) -> Config:
    """A config from JSON, whose lists are our tuples."""
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    if set(given) != known:
        wrong = ", ".join(sorted(set(given) ^ known))
        raise WeightsError(f"its config has other entries than this version knows: {wrong}", file=stored.path)
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})
