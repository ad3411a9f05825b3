"""A photo's true geometry: ``NAME.npz``, and ``topology.npz`` for what all photos of a folder share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import FocusfitError
from ..array_file import holds_array, read_array
from ..shape_protocol import SCAN_PROTOCOL
from .photo import TrueShape


def true_landmarks(path: Path) -> NDArray[np.float64] | None:
    """``landmarks68_px (68, 2)`` of ``NAME.npz``, if it is there."""
    if not path.is_file():
        return None
    points = read_array(path, "landmarks68_px")
    if points.shape != (68, 2):
        raise FocusfitError(f"landmarks68_px has shape {points.shape} instead of (68, 2)", file=path)
    return points


def true_shape(path: Path) -> Callable[[], TrueShape] | None:
    """A reader of ``neutral_vertices_mm (V, 3)`` and ``landmarks7_neutral_mm (7, 3)``, if shape can be scored.

    It can where ``topology.npz`` lies beside: its ``scored_vertices (V,)`` are true where shape is measured.
    """
    topology = path.with_name("topology.npz")
    if not topology.is_file() or not holds_array(path, "neutral_vertices_mm"):
        return None
    return partial(_read_shape, path, topology)


def _read_shape(path: Path, topology: Path) -> TrueShape:
    scored = read_array(topology, "scored_vertices").astype(bool)
    points, landmarks7 = read_array(path, "neutral_vertices_mm"), read_array(path, "landmarks7_neutral_mm")
    if points.shape != (len(scored), 3) or landmarks7.shape != (7, 3):
        raise FocusfitError(f"vertices {points.shape} or landmarks {landmarks7.shape} do not fit {topology}", file=path)
    return TrueShape(points[scored], landmarks7, SCAN_PROTOCOL)
