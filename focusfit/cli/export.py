"""``focusfit export``: results and networks in the form that others ask for."""

from __future__ import annotations

import sys
from pathlib import Path

from ..errors import FocusfitError


def now(pred: Path, photos: Path, out: Path) -> int:
    """Write a submission for the NoW benchmark.

    Args:
        pred: output folder of `focusfit reconstruct` on the benchmark's photos.
        photos: the benchmark's list of photos, such as imagepathsvalidation.txt.
        out: folder for PERSON/CHALLENGE/PHOTO.obj and .txt.
    """
    from ..evaluation.predictions import Predictions
    from ..evaluation.truth.now import read_photo_list
    from ..export.now import write_submission

    wanted = read_photo_list(photos)
    predictions = Predictions(pred)
    summary = write_submission(wanted, [predictions.face_folder(str(photo)) for photo in wanted], out)
    print(f"{len(summary.written)} of {len(wanted)} meshes in {out}")
    for photo in summary.missing:
        print(f"{photo}: no reconstruction", file=sys.stderr)
    return 1 if summary.missing else 0


def onnx(out: Path, networks: str = "shipped", model: Path | None = None) -> int:
    """Write the networks that look at photos as ONNX files, for other programs.

    OUT gets surface_encoder.onnx (photo in; points, sigma, identity, expression, albedo, light out) and segmenter.onnx
    (rendering and photo in; logits out), for batches of any size. Both have been seen to answer in onnxruntime as in
    torch; their metadata say which weights, face model and licence they have.

    Args:
        out: folder for the two files.
        networks: shipped, for those that come with the package, or a folder of others.
        model: face model file that they were trained for; the open model by default.
    """
    from ..facemodel.load import load_face_model
    from ..networks.onnx_export import export_networks
    from ..networks.shipped import networks_in, shipped_networks

    face_model = load_face_model(model)
    chosen = shipped_networks(face_model) if networks == "shipped" else networks_in(Path(networks), face_model)
    if chosen is None:
        remedy = "Name a folder of networks with --networks, or leave --model out."
        raise FocusfitError(f"no networks ship for {face_model.name}", remedy=remedy)
    for path in export_networks(chosen, face_model, out):
        print(path)
    return 0
