"""One weight for every term of :mod:`focusfit.objectives.registry`, under the term's name; 0 switches it off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ..objectives.registry import ENCODER_TERMS, SEGMENTER_TERMS


@dataclass(frozen=True)
class EncoderWeights:
    """Weights of the terms that move the fit; see the functions of these names in ``focusfit.objectives``.

    Attributes:
        likelihood: of pixels that the rendering explains, without a mask.
        masked_pixel: colour difference under the segmenter's mask, one ratio for the batch.
        visible_pixel: misfit-aware colour energy under the detached posterior.
        identity: deep features of whole photo and rendering.
        masked_identity: deep features of what both show.
        landmark: plain distance, in squared pixels.
        visible_landmark: robust distance of visible points.
        fitted_identity: distance of the neutral face to that of a fit of the landmarks, mm^2.
        fitted_expression: distance of what the expression moves to that of the fit, mm^2.
        fitted_rotation: squared angle to the pose of that fit.
        regulariser: plain sum of squared coefficients.
        prior: of coefficients and light, as in the per-photo fit.
        encoder_area: share of the face that the mask gives away.
        true_identity: error of known identity coefficients.
        true_expression: error of known expression coefficients.
        true_albedo: error of known albedo coefficients.
        true_neutral: error of known neutral vertices, mm.
        true_vertices_mm: error of known posed vertices, mm.
        true_vertices_px: error of known projected vertices, pixels.
        true_landmarks_mm: error of known posed landmarks, mm.
        true_landmarks_px: error of known projected landmarks, pixels.
    """

    likelihood: float = 0.0
    masked_pixel: float = 0.0
    visible_pixel: float = 0.0
    identity: float = 0.0
    masked_identity: float = 0.0
    landmark: float = 0.0
    visible_landmark: float = 0.0
    fitted_identity: float = 0.0
    fitted_expression: float = 0.0
    fitted_rotation: float = 0.0
    regulariser: float = 0.0
    prior: float = 0.0
    encoder_area: float = 0.0
    true_identity: float = 0.0
    true_expression: float = 0.0
    true_albedo: float = 0.0
    true_neutral: float = 0.0
    true_vertices_mm: float = 0.0
    true_vertices_px: float = 0.0
    true_landmarks_mm: float = 0.0
    true_landmarks_px: float = 0.0


@dataclass(frozen=True)
class SegmenterWeights:
    """Weights of the terms that move the mask; see the functions of these names in ``focusfit.objectives``.

    Attributes:
        neighbour: rendered pixels to the nearest colour of the photo in a 5 x 5 window.
        distance: shallow features of masked rendering and masked photo.
        preserve: shallow features of photo and masked photo.
        area: share of the face that the mask gives away.
        binary: indecision.
        labels: cross entropy to pseudo labels.
        teacher: cross entropy to the photo's own posterior.
        true_mask: cross entropy to a known mask.
        dice: overlap of what is hidden with a known mask.
        teacher_dice: the same with the photo's own posterior.
    """

    neighbour: float = 0.0
    distance: float = 0.0
    preserve: float = 0.0
    area: float = 0.0
    binary: float = 0.0
    labels: float = 0.0
    teacher: float = 0.0
    true_mask: float = 0.0
    dice: float = 0.0
    teacher_dice: float = 0.0


@dataclass(frozen=True)
class EmWeights(SegmenterWeights, EncoderWeights):
    """Weights of both networks' terms."""


Weights = EncoderWeights | SegmenterWeights | EmWeights


def weights_of_encoder(weights: Weights) -> Mapping[str, float]:
    """By name, of the terms that move the fit; those that are switched off left out."""
    return {name: value for name, value in asdict(weights).items() if name in ENCODER_TERMS and value != 0}


def weights_of_segmenter(weights: Weights) -> Mapping[str, float]:
    """By name, of the terms that move the mask; those that are switched off left out."""
    return {name: value for name, value in asdict(weights).items() if name in SEGMENTER_TERMS and value != 0}
