"""The file of a misfit prior: one ``.npz`` of plain arrays, no pickles."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from ...errors import FaceModelError
from ...facemodel.morphable import MorphableModel
from ...facemodel.open_model_file import ZIP_TIME
from .prior import MisfitPrior

SCHEMA = "focusfit-misfit-1"
SHIPPED_MISFIT = Path(__file__).parent / "data" / "open_face_model_misfit.npz"
"""Belongs to the face model that ships."""

REMEDY = "Make it again with `focusfit misfit estimate`."
COLUMNS = {"colour": 2, "shape_mean": 3, "shape_covariance": 6}


def write_misfit(path: str | Path, prior: MisfitPrior) -> None:
    """Write ``prior`` in half precision; equal arrays give equal bytes."""
    arrays = {
        "schema": np.array(SCHEMA),
        "model_sha256": np.array(prior.model_sha256),
        "faces": np.array(prior.faces),
        **{name: getattr(prior, name).astype(np.float16) for name in COLUMNS},
    }
    target = Path(path)
    partial = target.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w") as archive:
        for key, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(array, order="C"), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{key}.npy", ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue())
    partial.replace(target)


def read_misfit(path: str | Path) -> MisfitPrior:
    """Read a misfit prior.

    Raises:
        FaceModelError: the file is missing, damaged, or of another kind.
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    except FileNotFoundError as error:
        raise FaceModelError("does not exist", file=path, remedy=REMEDY) from error
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise FaceModelError(f"is not a readable misfit prior ({error})", file=path, remedy=REMEDY) from error
    missing = [key for key in ("schema", "model_sha256", "faces", *COLUMNS) if key not in arrays]
    if missing:
        raise FaceModelError(f"lacks the arrays {', '.join(missing)}", file=path, remedy=REMEDY)
    if str(arrays["schema"]) != SCHEMA:
        raise FaceModelError(f"has schema {str(arrays['schema'])!r} instead of {SCHEMA!r}", file=path, remedy=REMEDY)
    count = len(arrays["colour"])
    for name, width in COLUMNS.items():
        if arrays[name].shape != (count, width) or not np.isfinite(arrays[name]).all():
            raise FaceModelError(f"has a damaged array {name}", file=path, remedy=REMEDY)
    values = {name: arrays[name].astype(np.float32) for name in COLUMNS}
    return MisfitPrior(str(arrays["model_sha256"]), int(arrays["faces"]), **values)


def shipped_misfit(model: MorphableModel) -> MisfitPrior | None:
    """The prior that ships, if it belongs to ``model``; other models have none, and every vertex counts alike."""
    prior = read_misfit(SHIPPED_MISFIT)
    return prior if prior.model_sha256 == model.sha256 else None
