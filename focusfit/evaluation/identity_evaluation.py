"""Coefficients of one method: does identity tell people apart, and nothing but people?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from ..errors import FocusfitError
from ..facemodel.morphable import MorphableModel
from .array_file import holds_array, read_array
from .evaluation import Curve, Evaluation, Plot, clusters_of, counts, score_photos
from .figures import Figure, Weights
from .identity_pairs import IdentityPairs, Roc, stability_of
from .leak import leak_of
from .predictions import PredictedCoefficients, Predictions
from .subspaces import principal_angles
from .truth import TruePhoto

HEADLINE = ("missing", "identity_auc", "identity_eer", "identity_stability", "identity_leak", "expression_leak")


@dataclass(frozen=True, eq=False)
class Codes:
    """One photo's coefficients, fitted and true; None where unknown.

    Attributes:
        identity: ``(Ki,)`` fitted.
        expression: ``(Ke,)`` fitted.
        true_identity: of the model that made the photo.
        true_expression: of the same.
    """

    identity: NDArray[np.float64] | None = None
    expression: NDArray[np.float64] | None = None
    true_identity: NDArray[np.float64] | None = None
    true_expression: NDArray[np.float64] | None = None


CODES = ("identity", "expression", "true_identity", "true_expression")


def evaluate_identity(
    truth: Sequence[TruePhoto], predictions: Predictions, method: str, model: MorphableModel | None = None
) -> Evaluation:
    """Score a method's coefficients; photos of unknown people are left out.

    Args:
        truth: the photos.
        predictions: the method's results.
        method: its name.
        model: the face model of the coefficients, for the angles between its spans.

    Raises:
        FocusfitError: no photo says who it shows, or true coefficients are damaged or differ in number.
    """
    photos = [photo for photo in truth if photo.person is not None]
    scores = score_photos(photos, predictions.coefficients, _codes, Codes())
    codes = {name: _stacked([getattr(each, name) for each in scores.each], name) for name in CODES}
    people = [str(photo.person) for photo in photos]
    pairs = IdentityPairs(codes["identity"], people)
    figures = _figures(pairs, codes, people)
    return Evaluation(
        "identity",
        method,
        tuple(photo.name for photo in photos),
        tuple(photo.groups for photo in photos),
        scores.found,
        scores.reasons,
        {"person": people, "identity_norm": np.linalg.norm(codes["identity"], axis=1).tolist()},
        (*counts(scores.found, scores.reasons), *figures, *([] if model is None else _angles(model))),
        HEADLINE,
        partial(_roc_plot, pairs, method),
        clusters_of(photos),
    )


def _codes(photo: TruePhoto, predicted: PredictedCoefficients) -> Codes:
    def true(name: str) -> NDArray[np.float64] | None:
        path = photo.coefficients
        return read_array(path, name).ravel() if path is not None and holds_array(path, name) else None

    return Codes(predicted.identity, predicted.expression, true("identity"), true("expression"))


def _stacked(codes: list[NDArray[np.float64] | None], name: str) -> NDArray[np.float64]:
    """``(N, K)``, nan where a photo has none."""
    lengths = {len(code) for code in codes if code is not None}
    if len(lengths) > 1:
        raise FocusfitError(f"the photos have {name.replace('_', ' ')} coefficients of {len(lengths)} lengths")
    empty = np.full(next(iter(lengths), 1), np.nan)
    return np.array([empty if code is None else code for code in codes])


def _figures(pairs: IdentityPairs, codes: dict[str, NDArray[np.float64]], people: list[str]) -> list[Figure]:
    held_out = "cross-validated over people (R^2; 0: not at all)"
    return [
        Figure("identity_auc", "same person or not, by the cosine of identity coefficients: area under the ROC curve "
               "over all pairs", pairs.auc, "", True),
        Figure("identity_eer", "the same: rate at which false accepts equal false rejects",
               pairs.equal_error_rate, "", False),
        Figure("identity_stability", "intraclass correlation of identity coefficients: share of their variance that is "
               "between people", stability_of(codes["identity"], people), "", True),
        Figure("identity_leak", f"how well fitted expression predicts true identity, {held_out}",
               leak_of(codes["expression"], codes["true_identity"], people), "", False),
        Figure("expression_leak", f"how well fitted identity predicts true expression, {held_out}",
               leak_of(codes["identity"], codes["true_expression"], people), "", False),
    ]  # fmt: skip


def _angles(model: MorphableModel) -> list[Figure]:
    """Angles between what identity and what expression can do, of the model alone."""
    bases = (model.identity_basis, model.expression_basis)
    angles = principal_angles(*(basis.detach().cpu().double().numpy().reshape(-1, basis.shape[-1]) for basis in bases))
    what = "of the principal angles between the face model's identity and expression spans"
    return [
        Figure("angle_smallest", f"smallest {what}; 90: orthogonal", lambda weights: float(angles[0]), "degrees"),
        Figure("angle_median", f"median {what}", lambda weights: float(np.median(angles)), "degrees"),
    ]


def _roc_plot(pairs: IdentityPairs, method: str, weights: Weights) -> Plot:
    roc = pairs.roc(weights) or Roc(np.zeros(1), np.zeros(1))
    return Plot(
        "Same person? By the cosine of identity coefficients",
        "share of pairs of different people accepted",
        "share of pairs of one person accepted",
        (Curve(method, roc.false_accepts, roc.true_accepts),),
        diagonal=True,
    )
