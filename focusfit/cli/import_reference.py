"""``focusfit import``: weights of others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import tyro

Files = Annotated[tuple[Path, ...], tyro.conf.Positional, tyro.conf.arg(metavar="FILE")]


def reference(
    files: Files, out: Path, model: Path | None = None, edition: Literal["container", "repository"] = "container"
) -> int:
    """Convert the published weights of FOCUS.

    Nothing in the files is run: they are read through a list of the few names that weights need.

    Args:
        files: enc_net_*.model and unet_*.model.
        out: folder for NAME.safetensors and NAME.json.
        model: the Basel Face Model 2017 (.h5), needed for encoders.
        edition: the published program that the weights are from; their UNets see other inputs.
    """
    from ..errors import FocusfitError
    from ..networks.reference_import import import_reference

    if not files:
        raise FocusfitError("no file was named", remedy="Name enc_net_*.model, unet_*.model, or both.")
    for file in files:
        imported = import_reference(file, out, model, edition)
        print(f"{imported.path}: {imported.says}")
    return 0
