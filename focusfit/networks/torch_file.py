"""Files of ``torch.save``, old and new, read through the allow-list unpickler."""

from __future__ import annotations

import io
import pickle
import struct
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from ..errors import WeightsError
from .foreign_pickle import ForeignModule, ForeignUnpickler

LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
"""First pickle in a file of torch before 1.6."""


def read_torch_file(path: str | Path, packages: tuple[str, ...] = ()) -> Any:
    """The object in a file of ``torch.save``: tensors, tables of tensors, or whole modules as stand-ins.

    Args:
        path: the file.
        packages: of its author's own classes, as in :class:`ForeignUnpickler`.

    Raises:
        WeightsError: it cannot be read, is damaged, or names something that weights do not need.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot be read ({error.strerror or error})", file=path) from error
    read = _read_zip if content[:2] == b"PK" else _read_legacy
    try:
        return read(content, packages)
    except WeightsError as error:
        raise WeightsError(error.cause, file=path, remedy=error.remedy) from error
    except Exception as error:  # arbitrary bytes can make an unpickler raise anything
        raise WeightsError(
            f"is no intact file of torch.save ({type(error).__name__}: {error})",
            file=path,
            remedy="Fetch it again: it may have been cut off.",
        ) from error


def read_state(path: str | Path, packages: tuple[str, ...] = ()) -> dict[str, Tensor]:
    """The weights in a file of ``torch.save``, by name.

    Whole modules and tables under ``state_dict`` or ``model`` are seen through, and the prefix ``module.`` of
    data-parallel training is dropped.

    Raises:
        WeightsError: as in :func:`read_torch_file`, or there are no weights in it.
    """
    held = read_torch_file(path, packages)
    if isinstance(held, Mapping):
        held = next((held[key] for key in ("state_dict", "model") if key in held), held)
    state = held.state_dict() if isinstance(held, ForeignModule) else held
    named = isinstance(state, Mapping) and {str(k): v for k, v in state.items() if isinstance(v, Tensor)}
    if not named:
        raise WeightsError("holds no named weights", file=path)
    return {name.removeprefix("module."): tensor for name, tensor in named.items()}


def _read_zip(content: bytes, packages: tuple[str, ...]) -> Any:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        roots = [name.removesuffix("data.pkl") for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(roots) != 1 or f"{roots[0]}constants.pkl" in archive.namelist():
            raise WeightsError("is a zip archive, but none of torch.save (or it holds a program, of torch.jit.save)")
        root = roots[0]
        order = f"{root}byteorder"
        if order in archive.namelist() and archive.read(order).decode() != sys.byteorder:
            raise WeightsError(f"was written on a machine of another byte order than this one's {sys.byteorder}")

        def read_storage(key: str, dtype: torch.dtype, count: int) -> Tensor:
            member = archive.getinfo(f"{root}data/{key}")
            if member.compress_type != zipfile.ZIP_STORED or member.file_size != count * dtype.itemsize:
                raise WeightsError(f"its record {key} does not have the size it says")
            if key not in storages:
                storages[key] = _as_tensor(archive.read(member), dtype)
            return storages[key]

        storages: dict[str, Tensor] = {}
        return ForeignUnpickler(io.BytesIO(archive.read(f"{root}data.pkl")), read_storage, packages).load()


def _read_legacy(content: bytes, packages: tuple[str, ...]) -> Any:
    """Magic number, version, machine, object, keys of its storages; then each storage: its length, its bytes."""
    stream = io.BytesIO(content)
    storages: dict[str, Tensor] = {}

    def read_storage(key: str, dtype: torch.dtype, count: int) -> Tensor:
        if count * dtype.itemsize > len(content):
            raise WeightsError(f"is shorter than its record {key} says")
        return storages.setdefault(key, torch.zeros(count, dtype=dtype))

    if _load(stream) != LEGACY_MAGIC:
        raise WeightsError("is no file of torch.save")
    _load(stream)
    if not _load(stream).get("little_endian", True):
        raise WeightsError("was written on a big-endian machine")
    where = stream.tell()
    ForeignUnpickler(stream, read_storage, packages).load()  # to learn which storages there are
    for key in _load(stream):
        _fill(storages[str(key)], stream)
    stream.seek(where)
    return ForeignUnpickler(stream, read_storage, packages).load()


def _load(stream: BinaryIO) -> Any:
    def no_storage(key: str, dtype: torch.dtype, count: int) -> Tensor:
        raise pickle.UnpicklingError("a storage where none belongs")

    return ForeignUnpickler(stream, no_storage).load()


def _fill(storage: Tensor, stream: BinaryIO) -> None:
    (count,) = struct.unpack("<q", stream.read(8))
    data = stream.read(storage.numel() * storage.dtype.itemsize)
    if count != storage.numel() or len(data) != storage.numel() * storage.dtype.itemsize:
        raise WeightsError("is shorter than its records say")
    if count:
        storage.copy_(_as_tensor(data, storage.dtype))


def _as_tensor(data: bytes, dtype: torch.dtype) -> Tensor:
    return torch.frombuffer(bytearray(data), dtype=dtype) if data else torch.zeros(0, dtype=dtype)
