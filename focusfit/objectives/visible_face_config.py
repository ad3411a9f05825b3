"""Settings of the E-step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VisibleFaceConfig:
    """Settings of the E-step; lengths in pixels of a 224 pixel crop, colours in [0, 1].

    Attributes:
        scale: noise over the robust spread of the current inliers: what the model misfits is not Gaussian.
        luminance_floor: least noise in luminance.
        chroma_floor: least noise in each chroma axis.
        shading_error: how far the light on a pixel may be off, as a share of its brightness.
        highlight: the same for a pixel brighter than the model, which may be a highlight.
        bleaching: how far a highlight changes hue, as a share of its brightness.
        misalignment: pixels by which the rendering may be off; spares edges of eyes, brows and lips.
        uniform_density: density of colours nobody has seen, per unit RGB cube.
        histogram_bins: bins per colour axis of the occluder's colours.
        pseudo_share: share of the region that must be occluded before its colours are half believed.
        clip: least and greatest log odds of a single pixel.
        blur: standard deviation of the evidence's smoothing.
        coupling: log odds that agreement with one identical neighbour is worth.
        contrast: colour difference at which neighbours no longer hold each other.
        sweeps: mean-field iterations.
        prior: prior log odds of a visible face.
        misfit: factor on what the model is known to miss; 0 to ignore it.
    """

    scale: float = 1.3
    luminance_floor: float = 0.03
    chroma_floor: float = 0.02
    shading_error: float = 0.1
    highlight: float = 0.1
    bleaching: float = 0.2
    misalignment: float = 2.2
    uniform_density: float = 0.5
    histogram_bins: int = 12
    pseudo_share: float = 0.15
    clip: tuple[float, float] = (-8.0, 4.0)
    blur: float = 0.9
    coupling: float = 2.0
    contrast: float = 0.08
    sweeps: int = 25
    prior: float = 0.0
    misfit: float = 1.0
