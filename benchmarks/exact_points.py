"""What better points would be worth: the default fit, with true points in place of the detector's and the encoder's.

    python benchmarks/exact_points.py TRUTH --out DIR [--workers 2] [--limit N]

Every photo is detected once and fitted as it is; with all 68 true points, hidden ones too, given as a user's table
would give them; with those of the inner 51 that lie on visible skin; and with both of these, each point off by itself,
by normal noise of `NOISE` pixels along x and along y. The mean face is there for comparison. Predictions go to
DIR/VARIANT, shape figures of each to DIR/scores and, by group of photos, to DIR/table.md.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from focusfit.cli.progress import silence_decoders
from focusfit.detection import read_photo
from focusfit.detection.face import DetectedFace, LandmarkSet
from focusfit.evaluation.mask_file import read_mask
from focusfit.evaluation.predictions import Predictions
from focusfit.evaluation.shape_evaluation import evaluate_shape
from focusfit.evaluation.summary import Summary, summarize
from focusfit.evaluation.table import shown
from focusfit.evaluation.truth import TruePhoto, read_truth
from focusfit.evaluation.writing import write_summaries
from focusfit.export.face_folder import write_face
from focusfit.fitting.fitter import Fitter

NOISE = 3.0
"""Pixels, standard deviation along each axis."""

INNER = slice(17, 68)
UNKNOWN = 1e-3
"""Confidence of a point that is left out."""

DEFAULT, MEAN = "detected points", "mean face"
EXACT = {
    "true 68": (False, 0.0),
    "true 68, noise": (False, NOISE),
    "visible 51": (True, 0.0),
    "visible 51, noise": (True, NOISE),
}
"""Whether visible inner points alone are given, and how far they are off."""

NAMES = (DEFAULT, MEAN, *EXACT)
GROUPS = ("clean", "occluded", "yaw_ge40")


def given(photo: TruePhoto, face: DetectedFace, visible_only: bool, noise: float) -> DetectedFace:
    """The face with true points, as a table would give them."""
    assert photo.landmarks is not None
    points = photo.landmarks.astype(np.float64)
    confidence = np.ones(68)
    if visible_only:
        confidence = np.where(seen(photo), 1.0, UNKNOWN)
        confidence[: INNER.start] = UNKNOWN
    random = np.random.default_rng(zlib.crc32(photo.name.encode()))
    moved = points + noise * random.standard_normal(points.shape)
    return DetectedFace(face.box, 1.0, {"ibug68": LandmarkSet("ibug68", moved, confidence)}, source="csv")


def seen(photo: TruePhoto) -> NDArray[np.bool_]:
    """``(68,)`` which true points lie on visible skin."""
    assert photo.landmarks is not None
    assert photo.visible is not None
    mask = np.asarray(read_mask(photo.visible)) > 0.5
    x, y = photo.landmarks.round().astype(int).T
    return mask[y.clip(0, mask.shape[0] - 1), x.clip(0, mask.shape[1] - 1)]


def fit_photo(truth: Path, out: Path, true: TruePhoto) -> bool:
    """Detect and fit one photo every way; whether there was a face."""
    fitter = _fitter()
    photo = read_photo(truth / true.name)
    faces = fitter.detector.detect(photo)[:1]
    if not faces:
        return False
    ways = {DEFAULT: faces[0]} | {name: given(true, faces[0], *how) for name, how in EXACT.items()}
    results = {name: fitter.fit_faces([photo], [face])[0] for name, face in ways.items()}
    results[MEAN] = replace(results[DEFAULT], neutral=fitter.model.shape_mean.numpy())
    for name, result in results.items():
        write_face(result, photo, out / name / Path(true.name).with_suffix(""))
    return True


_loaded: list[Fitter] = []


def _fitter() -> Fitter:
    """One per worker."""
    if not _loaded:
        torch.set_num_threads(1)
        silence_decoders()
        _loaded.append(Fitter())
    return _loaded[0]


def table(summaries: Sequence[Summary]) -> str:
    """Median distance in mm by group, and its definition."""
    [figure] = (each for each in summaries[0].evaluation.figures if each.key == "shape_median_mm")
    groups = [group for group in GROUPS if group in summaries[0].groups]
    lines = [f"| points | all | {' | '.join(groups)} |", "|---" * (2 + len(groups)) + "|"]
    for each in summaries:
        values = [each.figures[figure.key], *(each.groups[group][figure.key] for group in groups)]
        lines.append(f"| {each.evaluation.method} | {' | '.join(shown(value) for value in values)} |")
    return "\n".join([*lines, "", f"**{figure.key}** ({figure.unit}): {figure.definition}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", type=Path, help="folder of photos with ground truth, as docs/evaluation.md says")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--limit", type=int, help="only the first N photos")
    options = parser.parse_args()
    photos = read_truth(options.truth)[: options.limit]
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        found = sum(pool.map(partial(fit_photo, options.truth, options.out), photos))
    print(f"{found} of {len(photos)} photos show a face")
    evaluations = [evaluate_shape(photos, Predictions(options.out / name), name) for name in NAMES]
    summaries = summarize(evaluations)
    write_summaries(summaries, options.out / "scores")
    text = table(summaries)
    (options.out / "table.md").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
