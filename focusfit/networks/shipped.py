"""The networks that come with the package."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ..errors import WeightsError
from ..facemodel.dense_points import dense_points
from ..facemodel.morphable import MorphableModel, SurfacePoints
from .network_files import load_segmenter
from .segmenter import FaceSegmenter
from .surface_encoder import SurfaceEncoder, SurfaceEncoderConfig
from .weights import fill, read_network, write_network

FOLDER = Path(__file__).parent / "pretrained"
LICENCE = "Apache-2.0"
"""Of the weights in `FOLDER`."""

SURFACE_ENCODER = "surface_encoder"

ENCODER_FILE, SEGMENTER_FILE = "surface_encoder.safetensors", "segmenter.safetensors"


@dataclass(frozen=True, eq=False)
class TrainedNetworks:
    """An encoder and a segmenter that were trained for one another.

    Attributes:
        encoder: where surface points are.
        points: which points.
        segmenter: what hides the face.
        about: SHA-256 of their files by name, for the provenance record.
        licence: of their weights.
    """

    encoder: SurfaceEncoder
    points: SurfacePoints
    segmenter: FaceSegmenter
    about: Mapping[str, str]
    licence: str = "not stated"

    def to(self, device: torch.device | str) -> TrainedNetworks:
        """The same networks on another device."""
        return replace(
            self, encoder=self.encoder.to(device), points=self.points.to(device), segmenter=self.segmenter.to(device)
        )


def shipped_networks(model: MorphableModel) -> TrainedNetworks | None:
    """The package's networks, where they were trained for a face model; None for another model.

    Raises:
        WeightsError: they are damaged.
    """
    encoder_file = FOLDER / ENCODER_FILE
    if not encoder_file.exists():
        return None
    stored = read_network(encoder_file, SURFACE_ENCODER)
    if stored.face_model.get("sha256") != model.sha256:
        return None
    return replace(networks_in(FOLDER, model), licence=LICENCE)


def networks_in(folder: Path, model: MorphableModel) -> TrainedNetworks:
    """An encoder and a segmenter that ``focusfit train networks`` has left in a folder.

    Raises:
        WeightsError: they are not there, damaged, or for another face model.
    """
    files = folder / ENCODER_FILE, folder / SEGMENTER_FILE
    encoder, segmenter = load_surface_encoder(files[0], model), load_segmenter(files[1])
    points = dense_points(model, encoder.config.points)
    about = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return TrainedNetworks(encoder, points, segmenter, about)


def save_surface_encoder(
    path: str | Path, encoder: SurfaceEncoder, model: MorphableModel, about: Mapping[str, Any] | None = None
) -> Path:
    """Write a surface encoder; see :func:`.weights.write_network`."""
    return write_network(
        path, encoder, SURFACE_ENCODER, encoder.config, {"name": model.name, "sha256": model.sha256}, about
    )


def load_surface_encoder(path: str | Path, model: MorphableModel) -> SurfaceEncoder:
    """Read a surface encoder, in eval mode.

    Raises:
        WeightsError: the file is damaged, holds something else, or is for another face model.
    """
    stored = read_network(path, SURFACE_ENCODER)
    if stored.face_model.get("sha256") != model.sha256:
        raise WeightsError(
            f"was trained for the face model {stored.face_model.get('name')}, not for {model.name}",
            file=stored.path,
            remedy="Name that model's file with --model: points of one model mean nothing to another.",
        )
    known = set(asdict(SurfaceEncoderConfig()))
    if set(stored.config) != known:
        wrong = ", ".join(sorted(set(stored.config) ^ known))
        raise WeightsError(f"its config has other entries than this version knows: {wrong}", file=stored.path)
    config = SurfaceEncoderConfig(**stored.config)
    encoder = SurfaceEncoder(config, torch.zeros(config.points, 2))
    fill(encoder, stored)
    return encoder.eval()
