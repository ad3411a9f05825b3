"""Detectors by name."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import FocusfitError
from .face import FaceDetector


def _yunet_facemesh() -> FaceDetector:
    from .yunet_facemesh import YuNetFaceMesh

    return YuNetFaceMesh()


DETECTORS: dict[str, Callable[[], FaceDetector]] = {"yunet-facemesh": _yunet_facemesh}
"""Name to a function that builds the detector (which may fetch its model files)."""


def default_detector() -> FaceDetector:
    """YuNet with FaceMesh: needs no network once its two files are cached."""
    return _yunet_facemesh()


def load_detector(name: str) -> FaceDetector:
    """Build a detector by name.

    Raises:
        FocusfitError: no detector has that name.
    """
    if name not in DETECTORS:
        raise FocusfitError(f"unknown detector '{name}'", remedy=f"Known detectors: {', '.join(DETECTORS)}.")
    return DETECTORS[name]()
