"""How kernels are compiled: once per machine where there is a place to keep the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit

_COMMON: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def exact(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile with arithmetic as written, so that equal expressions have equal bits."""
    return _compile(function, **_COMMON)


def fast(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile with rearranged arithmetic, but none that would go wrong on not-a-number: a vertex may be that."""
    return _compile(function, fastmath={"contract", "reassoc", "nsz", "arcp"}, **_COMMON)


def _compile(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # numba finds no folder that it may write to: compile in every process instead
        return njit(**options)(function)
