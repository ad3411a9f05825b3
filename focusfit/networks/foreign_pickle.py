"""Unpickling what others saved, with nothing of it ever run.

A pickle is a program: it names functions and calls them. Here a name is either on the list below or the file is
refused. Storages and tensors are put together by our own code; modules become :class:`ForeignModule`, which keep their
state and do nothing. No module of the file's author is imported.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

import torch
from torch import Tensor

from ..errors import WeightsError

STORAGE_TYPES = {
    "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}

INERT_NAMES = {
    ("torch", "device"),
    ("torch", "Size"),
    ("torch.nn.backends.thnn", "_get_thnn_function_backend"),
    ("torch.nn.parallel.data_parallel", "DataParallel"),
    ("torch.nn.parallel.distributed", "DistributedDataParallel"),
}
"""Names that old files mention and that nothing is needed of."""

INERT_PACKAGES = ("torch.nn.modules.", "torchvision.models.")
"""Packages whose classes may be named: they are replaced by stand-ins."""


class ForeignModule:
    """Stand-in for an object of a class that is not imported.

    Attributes:
        class_name: what it was, with its package.
        arguments: what it was made from.
        state: its attributes; of an ``nn.Module``, among others ``_parameters``, ``_buffers`` and ``_modules``.
    """

    class_name = ""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments
        self.state: dict[str, Any] = {}

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, dict):
            raise pickle.UnpicklingError(f"the state of a {self.class_name} is no table")
        self.state = state

    def children(self) -> Iterator[tuple[str, ForeignModule]]:
        """The modules in it, by name."""
        modules = self.state.get("_modules", {})
        return ((name, child) for name, child in modules.items() if isinstance(child, ForeignModule))

    def tensors(self) -> Iterator[tuple[str, Tensor]]:
        """Its own parameters and buffers, by name."""
        unsaved = self.state.get("_non_persistent_buffers_set", set())
        for group in ("_parameters", "_buffers"):
            for name, value in self.state.get(group, {}).items():
                if isinstance(value, Tensor) and name not in unsaved:
                    yield name, value

    def state_dict(self) -> dict[str, Tensor]:
        """What ``state_dict()`` of the real module would give."""
        return dict(_walk(self, "", frozenset()))


def _walk(module: ForeignModule, prefix: str, above: frozenset[int]) -> Iterator[tuple[str, Tensor]]:
    if id(module) in above:
        raise WeightsError("holds a module that contains itself")
    yield from ((prefix + name, tensor) for name, tensor in module.tensors())
    for name, child in module.children():
        yield from _walk(child, f"{prefix}{name}.", above | {id(module)})


ReadStorage = Callable[[str, torch.dtype, int], Tensor]
"""Key of a storage, its type, how many elements it has: its content ``(N,)``."""


class ForeignUnpickler(pickle.Unpickler):
    """Reads one pickle.

    Args:
        stream: where it is read from.
        read_storage: gives the content of a storage.
        packages: of the author's own classes that are expected in the file, such as ``models.``; a name in them
            becomes a stand-in, like those of torch's own modules.
    """

    def __init__(self, stream: BinaryIO, read_storage: ReadStorage, packages: tuple[str, ...] = ()) -> None:
        super().__init__(stream, encoding="utf-8")
        self._read_storage = read_storage
        self._packages = (*INERT_PACKAGES, *packages)

    def find_class(self, module: str, name: str) -> Any:
        """What stands for a name of the file.

        Raises:
            WeightsError: the name is not on the list.
        """
        if (module, name) in HARMLESS:
            return HARMLESS[module, name]
        if module in ("torch", "torch.storage") and name in STORAGE_TYPES:
            return STORAGE_TYPES[name]
        if (module, name) in INERT_NAMES or f"{module}.".startswith(self._packages):
            return type(name, (ForeignModule,), {"class_name": f"{module}.{name}"})
        raise WeightsError(
            f"asks for '{module}.{name}', which no file of network weights needs",
            remedy="Nothing in it was run. If you trust its author, have the network's state_dict() alone saved.",
        )

    def persistent_load(self, pid: Any) -> Any:
        """Storages, and the containers that old files keep beside their source code."""
        kind, *rest = pid
        if kind == "module":
            return rest[0]
        if kind != "storage":
            raise pickle.UnpicklingError(f"unknown kind of record '{kind}'")
        dtype, key, _, count = rest[:4]
        if not isinstance(dtype, torch.dtype) or not isinstance(count, int) or count < 0:
            raise pickle.UnpicklingError("a storage without type or size")
        return self._read_storage(str(key), dtype, count)


def _rebuild_tensor(storage: Tensor, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> Tensor:
    count = torch.Size(size).numel()
    if count > storage.numel():
        raise pickle.UnpicklingError("a tensor larger than what it lies in")
    return torch.as_strided(storage, size, stride, offset).clone(memory_format=torch.contiguous_format)


def _rebuild_parameter(data: Tensor, *_: Any) -> Tensor:
    return data


HARMLESS: Mapping[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("__builtin__", "set"): set,
    ("builtins", "set"): set,
    ("torch._utils", "_rebuild_tensor"): _rebuild_tensor,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
    ("torch._utils", "_rebuild_parameter"): _rebuild_parameter,
}
"""All that a file may call: two containers, and our own functions in the place of torch's."""
