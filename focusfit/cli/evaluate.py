"""``focusfit evaluate``: how good results are, by ground truth."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FocusfitError
from .checks import require_seed

if TYPE_CHECKING:  # help must not wait for what scores
    from ..evaluation.evaluation import Evaluation
    from ..evaluation.predictions import Predictions
    from ..evaluation.truth import TruePhoto

    Evaluate = Callable[[list[TruePhoto], Predictions, str], Evaluation]


def masks(
    truth: Path,
    pred: Path | None = None,
    compare: tuple[Path, ...] = (),
    out: Path | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> int:
    """Score masks of visible face.

    Args:
        truth: folder of ground truth.
        pred: folder of one method's results: this program's output folder, or NAME_mask.png for each photo.
        compare: folders of several methods, set side by side on the same photos.
        out: folder for masks.json, masks.csv and masks.png.
        draws: of the bootstrap that gives the intervals; 0 for none.
        seed: of these draws.
    """
    from ..evaluation.mask_evaluation import evaluate_masks

    return _evaluate(evaluate_masks, truth, pred, compare, out, draws, seed)


def shape(
    truth: Path,
    pred: Path | None = None,
    compare: tuple[Path, ...] = (),
    out: Path | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> int:
    """Score neutral faces by the distance of true points to them.

    Args:
        truth: folder of ground truth.
        pred: folder of one method's results: this program's output folder, or meshes as in a NoW submission.
        compare: folders of several methods, set side by side on the same photos.
        out: folder for shape.json, shape.csv and shape.png.
        draws: of the bootstrap that gives the intervals; 0 for none.
        seed: of these draws.
    """
    from ..evaluation.shape_evaluation import evaluate_shape

    return _evaluate(evaluate_shape, truth, pred, compare, out, draws, seed)


def landmarks(
    truth: Path,
    pred: Path | None = None,
    compare: tuple[Path, ...] = (),
    out: Path | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> int:
    """Score 68 landmarks.

    Args:
        truth: folder of ground truth.
        pred: folder of one method's results: this program's output folder, or NAME.csv for each photo.
        compare: folders of several methods, set side by side on the same photos.
        out: folder for landmarks.json, landmarks.csv and landmarks.png.
        draws: of the bootstrap that gives the intervals; 0 for none.
        seed: of these draws.
    """
    from ..evaluation.landmark_evaluation import evaluate_landmarks

    return _evaluate(evaluate_landmarks, truth, pred, compare, out, draws, seed)


def identity(
    truth: Path,
    pred: Path | None = None,
    compare: tuple[Path, ...] = (),
    out: Path | None = None,
    model: Path | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> int:
    """Score coefficients: does identity tell people apart, and expression nothing about them?

    Args:
        truth: folder with people.csv (file, person) and, where known, NAME.npz with the true identity and expression;
            or NoW's.
        pred: folder of one method's results: this program's output folder, or NAME.npz with identity and expression.
        compare: folders of several methods, set side by side on the same photos.
        out: folder for identity.json, identity.csv and identity.png.
        model: face model file, for the angles between its spans; the open model by default.
        draws: of the bootstrap over people that gives the intervals; 0 for none.
        seed: of these draws.
    """
    from ..evaluation.identity_evaluation import evaluate_identity
    from ..facemodel.load import load_face_model

    evaluate = partial(evaluate_identity, model=load_face_model(model))
    return _evaluate(evaluate, truth, pred, compare, out, draws, seed)


def celebamask(labels: Path, photos: Path, out: Path) -> int:
    """Make true masks of visible skin from CelebAMask-HQ's 19-class label maps.

    Args:
        labels: folder of label maps NAME.png.
        photos: folder of the photos.
        out: folder for NAME_visible_skin_mask.png, in the size of the photos.
    """
    from ..evaluation.celebamask import convert_label_maps

    print(f"{len(convert_label_maps(labels, photos, out))} masks in {out}")
    return 0


def _evaluate(
    evaluate: Evaluate,
    truth: Path,
    pred: Path | None,
    compare: tuple[Path, ...],
    out: Path | None,
    draws: int,
    seed: int,
) -> int:
    """Evaluate, print, write; 1 where a photo has no usable prediction."""
    from ..evaluation.predictions import Predictions
    from ..evaluation.summary import summarize
    from ..evaluation.table import print_summaries
    from ..evaluation.truth import read_truth
    from ..evaluation.writing import write_summaries

    folders = ([] if pred is None else [pred]) + list(compare)
    if not folders:
        raise FocusfitError("no results to evaluate", remedy="Name them with --pred, or several with --compare.")
    if draws < 0:
        raise FocusfitError(f"--draws is {draws}", remedy="Give 0 or more.")
    require_seed(seed)
    photos = read_truth(truth)
    methods = [(name, Predictions(folder)) for name, folder in zip(_names(folders), folders, strict=True)]
    summaries = summarize([evaluate(photos, predictions, name) for name, predictions in methods], draws, seed)
    print_summaries(summaries)
    for evaluation in (summary.evaluation for summary in summaries):
        if evaluation.warning:
            print(f"warning: {evaluation.method}: {evaluation.warning}")
    for path in write_summaries(summaries, out) if out is not None else ():
        print(path)
    return 0 if all(summary.evaluation.found.all() for summary in summaries) else 1


def _names(folders: list[Path]) -> list[str]:
    """The folders' last parts, as many as tell them apart.

    Raises:
        FocusfitError: a folder is named twice.
    """
    parts = [Path(os.path.abspath(folder)).parts for folder in folders]
    if len(set(parts)) < len(parts):
        raise FocusfitError("a folder is named twice", remedy="Name each method once.")
    for length in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-length:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    raise AssertionError("different paths differ somewhere")
