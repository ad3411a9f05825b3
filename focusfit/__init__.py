"""Fits a 3D face model to photos and says which pixels it explains."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import FocusfitError as FocusfitError
    from .facemodel.load import load_face_model as load_face_model
    from .facemodel.morphable import MorphableModel as MorphableModel
    from .fitting.fitter import Fitter as Fitter
    from .fitting.reconstruction import Reconstruction as Reconstruction

__version__ = "0.1.0"

_EXPORTS = {
    "Fitter": ".fitting.fitter",
    "FocusfitError": ".errors",
    "MorphableModel": ".facemodel.morphable",
    "Reconstruction": ".fitting.reconstruction",
    "load_face_model": ".facemodel.load",
}

__all__ = ["__version__", *_EXPORTS]


def __getattr__(name: str) -> Any:
    # Loaded on first use: `focusfit --help` must not wait for torch.
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_EXPORTS[name], __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
