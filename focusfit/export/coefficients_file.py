"""Coefficients as named fields, for people (`coefficients.json`) and for programs (`coefficients.npz`)."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..detection.photo import Photo
from ..errors import FocusfitError
from ..facemodel.coefficients import FaceCoefficients
from ..fitting.reconstruction import Reconstruction
from ..imaging.camera import DISTANCE
from .doubts import doubts

SCHEMA = "focusfit.coefficients"
SCHEMA_VERSION = 1

UNITS = {
    "identity": "standard deviations of the face model",
    "expression": "standard deviations of the face model",
    "albedo": "standard deviations of the face model",
    "rotation": "axis-angle in radians, model frame to viewer's frame (x right, y up, z towards the viewer)",
    "translation": "mm in the camera frame (x right, y down, z away), added to (0, 0, distance_mm)",
    "light": "spherical harmonics up to second order, rows red green blue, columns m = -l..l for l = 0, 1, 2",
}


def describe(reconstruction: Reconstruction, photo: Photo) -> dict[str, Any]:
    """Everything about a fit but its coefficients, as plain JSON values; no times, so that runs can be compared."""
    crop, camera, found = reconstruction.crop, reconstruction.camera, reconstruction.detection
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "model": {
            "name": reconstruction.model.name,
            "sha256": reconstruction.model.sha256,
            "vertices": reconstruction.model.vertex_count,
            "triangles": len(reconstruction.model.triangles),
        },
        "photo": {"width": photo.size[0], "height": photo.size[1], "grey": photo.grey},
        "crop": {
            "scale": float(crop.scale),
            "offset": [float(value) for value in crop.offset],
            "size": int(crop.size),
            "meaning": "crop pixel = scale * photo pixel + offset, pixel centres at integers",
        },
        "camera": {
            "focal_px": float(camera.focal[0]),
            "centre_px": [float(value) for value in camera.centre[0]],
            "distance_mm": DISTANCE,
            "meaning": "of the crop; pixel = focal * (x, y) / z + centre, x right, y down, z away",
        },
        "detection": {"source": found.source, "score": float(found.score), "box": [float(edge) for edge in found.box]},
        "occluded": bool(reconstruction.occluded),
        "occluded_fraction": float(reconstruction.occluded_fraction),
        "confidence": float(reconstruction.confidence),
        "look_deviation": reconstruction.look_deviation,
        "doubts": list(doubts(reconstruction)),
        "provenance": dict(reconstruction.provenance),
    }


def write_coefficients(folder: Path, reconstruction: Reconstruction, photo: Photo) -> None:
    """Write ``coefficients.json`` and ``coefficients.npz`` into ``folder``.

    The npz holds one float32 array per field (``identity (Ki,)``, ..., ``light (3, 9)``), its standard deviation as
    ``<field>_deviation``, and the description of the JSON file as the string ``description``.
    """
    description = describe(reconstruction, photo)
    values, deviations = _arrays(reconstruction.coefficients), _arrays(reconstruction.deviation)
    arrays = values | {f"{name}_deviation": array for name, array in deviations.items()}
    np.savez(folder / "coefficients.npz", description=np.array(json.dumps(description)), **arrays)  # type: ignore[arg-type]
    fields = {
        name: {"unit": unit, "value": _numbers(values[name]), "deviation": _numbers(deviations[name])}
        for name, unit in UNITS.items()
    }
    text = json.dumps(description | {"coefficients": fields}, ensure_ascii=False)
    (folder / "coefficients.json").write_text(text + "\n", encoding="utf-8")


def read_coefficients(path: Path | str) -> FaceCoefficients:
    """Read what :func:`write_coefficients` wrote, from either file.

    Args:
        path: a ``coefficients.json``, a ``coefficients.npz``, or the face's folder.

    Returns:
        A batch of one. The npz gives exactly the fitted numbers, the json seven digits of them.

    Raises:
        FocusfitError: the file is missing, damaged or of another schema version.
    """
    path = Path(path)
    if path.is_dir():
        path = path / "coefficients.npz"
    try:
        version, fields = _load_npz(path) if path.suffix == ".npz" else _load_json(path)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise FocusfitError(f"no readable coefficients ({error})", file=path) from error
    if version != SCHEMA_VERSION:
        raise FocusfitError(
            f"schema version {version} instead of {SCHEMA_VERSION}", file=path, remedy="Run the reconstruction again."
        )
    return FaceCoefficients(**{name: torch.from_numpy(array)[None] for name, array in fields.items()})


def _load_npz(path: Path) -> tuple[int, dict[str, NDArray[np.float32]]]:
    with np.load(path, allow_pickle=False) as stored:
        version = json.loads(str(stored["description"]))["schema_version"]
        return version, {name: stored[name].astype(np.float32) for name in UNITS}


def _load_json(path: Path) -> tuple[int, dict[str, NDArray[np.float32]]]:
    stored = json.loads(path.read_text(encoding="utf-8"))
    fields = {name: np.asarray(stored["coefficients"][name]["value"], np.float32) for name in UNITS}
    return stored["schema_version"], fields


def _arrays(coefficients: FaceCoefficients) -> dict[str, NDArray[np.float32]]:
    return {name: value[0].detach().cpu().numpy().astype(np.float32) for name, value in coefficients.items()}


def _numbers(array: NDArray[np.float32]) -> Any:
    """Nested lists of numbers with seven digits."""
    if array.ndim > 1:
        return [_numbers(row) for row in array]
    return [float(f"{value:.7g}") for value in array.tolist()]
