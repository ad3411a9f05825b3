"""Detectors by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import FocusfitError
from .face import FaceDetector


def _yunet_facemesh(source: Path | None) -> FaceDetector:
    from .yunet_facemesh import YuNetFaceMesh

    return YuNetFaceMesh()


def _yunet(source: Path | None) -> FaceDetector:
    from .yunet_five import YuNetFive

    return YuNetFive()


def _insightface(source: Path | None) -> FaceDetector:
    from .insightface_pack import InsightFacePack

    return InsightFacePack(source)


def _landmark_csv(source: Path | None) -> FaceDetector:
    from .landmark_csv import LandmarkTable

    if source is None:
        raise FocusfitError("detector 'csv' needs a landmark table", remedy="Name it with --landmarks.")
    return LandmarkTable(source)


DEFAULT = "yunet-facemesh"

DETECTORS: dict[str, Callable[[Path | None], FaceDetector]] = {
    DEFAULT: _yunet_facemesh,
    "yunet": _yunet,
    "insightface": _insightface,
    "csv": _landmark_csv,
}
"""Name to a function that builds the detector from its source: a pack's folder, a landmark table, or None."""


def default_detector() -> FaceDetector:
    """YuNet with FaceMesh: needs no network once its two files are cached."""
    return _yunet_facemesh(None)


def load_detector(name: str = "default", source: str | Path | None = None) -> FaceDetector:
    """Build a detector by name.

    Args:
        name: one of `DETECTORS`, or ``default``.
        source: folder of a model pack for ``insightface``, the table for ``csv``.

    Raises:
        FocusfitError: no detector has that name, or it lacks what it needs.
    """
    name = DEFAULT if name == "default" else name
    if name not in DETECTORS:
        raise FocusfitError(f"unknown detector '{name}'", remedy=f"Known detectors: {', '.join(DETECTORS)}.")
    return DETECTORS[name](None if source is None else Path(source))
