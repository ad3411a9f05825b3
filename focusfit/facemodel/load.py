"""One way to get a face model, whatever file it comes from."""

from __future__ import annotations

from pathlib import Path

from ..errors import FaceModelError
from .morphable import MorphableModel
from .open_model_file import read_open_model

SHIPPED_MODEL = Path(__file__).parent / "data" / "open_face_model.npz"


def load_face_model(path: str | Path | None = None) -> MorphableModel:
    """Read a face model.

    Args:
        path: an open-model ``.npz``, a Basel Face Model ``.h5``, or None for the open model that ships with us.

    Raises:
        FaceModelError: the file is missing, damaged, or of an unknown kind.
    """
    if path is None:
        return read_open_model(SHIPPED_MODEL)
    path = Path(path)
    kind = path.suffix.lower()
    if kind == ".npz":
        return read_open_model(path)
    if kind in (".h5", ".hdf5"):
        from .bfm import read_bfm

        return read_bfm(path)
    raise FaceModelError(
        f"has the unknown suffix {kind!r}",
        file=path,
        remedy="Give a Basel Face Model (.h5) or an open face model (.npz), or none for the one that ships.",
    )
