"""ONNX files in the user's cache: made once, verified on every load."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from ..assets.cache import cache_dir, unwritable
from ..whole_file import write_whole
from .onnx_graph import OnnxSource, onnx_content


def cached_path(source: OnnxSource) -> Path:
    """Where the cache holds (or would hold) a network: other weights, configs and versions have other files."""
    said = json.dumps(dict(source.properties), sort_keys=True)
    return cache_dir() / "onnx" / f"{source.name}-{hashlib.sha256(said.encode()).hexdigest()[:32]}.onnx"


def cached_content(source: OnnxSource) -> bytes:
    """The content of a network's ONNX file, from the cache; made again where that is damaged.

    Raises:
        BackendError: onnxruntime answers otherwise than torch.
        AssetError: the cache cannot be written.
    """
    path = cached_path(source)
    record = path.with_suffix(".onnx.sha256")
    try:
        content = path.read_bytes()
        if record.read_bytes() == _checksum(path, content):
            return content
    except OSError:
        pass  # absent, or as good as that
    print(f"focusfit: making {path} for onnxruntime", file=sys.stderr)
    content = onnx_content(source)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
        write_whole(record, _checksum(path, content))
    except OSError as error:
        raise unwritable(path, error) from error
    return content


def _checksum(path: Path, content: bytes) -> bytes:
    """A line as ``sha256sum`` writes it."""
    return f"{hashlib.sha256(content).hexdigest()}  {path.name}\n".encode()
