"""Weights on disk: ``NAME.safetensors``, and ``NAME.json`` that says what they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from .. import __version__
from ..errors import WeightsError
from ..whole_file import write_whole

SCHEMA = "focusfit.network"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class StoredNetwork:
    """What a file of weights holds.

    Attributes:
        path: of the safetensors file.
        kind: what the network does: ``encoder`` or ``segmenter``.
        config: from which it is built.
        state: the weights.
        face_model: name, SHA-256 and sizes of the face model it was trained for; empty where it needs none.
        about: what was said about it: where it comes from, how it was trained.
        versions: of the packages that wrote it.
    """

    path: Path
    kind: str
    config: Mapping[str, Any]
    state: Mapping[str, Tensor]
    face_model: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


def write_network(
    path: str | Path,
    network: nn.Module,
    kind: str,
    config: Any,
    face_model: Mapping[str, Any] | None = None,
    about: Mapping[str, Any] | None = None,
) -> Path:
    """Write a network's weights and their description, each whole or not at all.

    Args:
        path: of the file, with or without ``.safetensors``.
        network: whose weights they are.
        kind: as in :class:`StoredNetwork`.
        config: frozen dataclass from which the network is built.
        face_model: as in :class:`StoredNetwork`.
        about: JSON to say about it.

    Returns:
        Path of the safetensors file.

    Raises:
        WeightsError: it cannot be written.
    """
    path = _weights_path(path)
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
    content = save(state, metadata={"schema": f"{SCHEMA}.{kind}"})
    record = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "kind": kind,
        "config": asdict(config),
        "face_model": dict(face_model or {}),
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "sha256": hashlib.sha256(content).hexdigest(),
        "versions": {"focusfit": __version__, "torch": str(torch.__version__)},
        "about": dict(about or {}),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
        write_whole(path.with_suffix(".json"), (json.dumps(record, indent=1, allow_nan=False) + "\n").encode())
    except OSError as error:
        raise WeightsError(f"cannot be written ({error.strerror or error})", file=path) from error
    return path


def read_network(path: str | Path, kind: str) -> StoredNetwork:
    """Read what :func:`write_network` wrote, and check that it is whole.

    Raises:
        WeightsError: one of the two files is absent or damaged, or they hold something else than ``kind``.
    """
    path = _weights_path(path)
    record = _read_record(path.with_suffix(".json"))
    if record["kind"] != kind:
        raise WeightsError(f"holds a network of kind '{record['kind']}', not '{kind}'", file=path)
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != record["sha256"]:
            remedy = "Copy both again: the .json and the .safetensors belong together."
            raise WeightsError("is not the file that its .json describes, or was cut off", file=path, remedy=remedy)
        state = load(content)
    except OSError as error:
        raise WeightsError(f"cannot be read ({error.strerror or error})", file=path) from error
    except SafetensorError as error:
        raise WeightsError(f"is damaged ({error})", file=path) from error
    named = {name: record[name] for name in ("config", "face_model", "about", "versions")}
    return StoredNetwork(path=path, kind=kind, state=state, **named)


def fill(network: nn.Module, stored: StoredNetwork) -> None:
    """Load stored weights into a network built from the same config.

    Raises:
        WeightsError: they do not fit.
    """
    try:
        network.load_state_dict(dict(stored.state), strict=True)
    except RuntimeError as error:
        said = " ".join(str(error).split())[:300]
        raise WeightsError(
            f"its weights do not fit the network that its .json describes ({said})", file=stored.path
        ) from error


def _weights_path(path: str | Path) -> Path:
    path = Path(path)
    return path if path.suffix == ".safetensors" else path.with_name(f"{path.name}.safetensors")


def _read_record(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        remedy = "It describes the weights in the .safetensors beside it; the two are kept together."
        raise WeightsError(f"cannot be read ({error.strerror or error})", file=path, remedy=remedy) from error
    except ValueError as error:
        raise WeightsError(f"is no JSON ({error})", file=path) from error
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise WeightsError("describes no network of focusfit", file=path)
    if record.get("schema_version") != SCHEMA_VERSION:
        version = record.get("schema_version")
        raise WeightsError(f"has version {version} of the layout, this package reads {SCHEMA_VERSION}", file=path)
    absent = {"kind", "config", "face_model", "sha256", "about", "versions"} - set(record)
    if absent:
        raise WeightsError(f"lacks {', '.join(sorted(absent))}", file=path)
    return record
