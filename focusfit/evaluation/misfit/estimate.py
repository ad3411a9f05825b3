"""From sampled faces to the misfit prior."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from ...detection.face import FaceDetector
from ...detection.photo import Photo
from ...facemodel.morphable import MorphableModel
from ...facemodel.open_model.people import sample_people
from ...facemodel.open_model_file import OpenModelArrays
from ...fitting.config import FitConfig
from ...fitting.em import fit_batch
from ...fitting.fit_state import FitState
from ...fitting.misfit import MisfitPrior
from ...fitting.photo_samples import sample_image
from ...fitting.problem import FitProblem
from ...fitting.surface import FittingSurface, smoothed
from ...fitting.targets import crop_face, make_problem
from ...objectives.face_residuals import face_residuals
from ..alignment import best_similarity
from ..shape_protocol import SCAN_PROTOCOL
from .excess import excess_variance
from .scenes import BarePhoto, take_photo
from .skins import SkinPainter

BATCH = 5
SMOOTHING = 2
SEVEN = [36, 39, 42, 45, 33, 48, 54]
BUMPS, BUMP_RADIUS, BUMP_HEIGHT = 40, (5.0, 14.0), 0.9
"""Shape beyond the source's targets: how many, and their size in mm. Their scale gives the model the distance to faces
that it is known to have to scans (0.65 mm, median)."""


@dataclass(frozen=True, eq=False)
class Misses:
    """What the fits of some photos missed; rows are faces.

    Attributes:
        shape: ``(N, V, 3)`` mm, fitted - true neutral face after a similarity.
        along: ``(N, V)`` colour residual along the rendering, over the face's brightness.
        hue: ``(N, V, 2)`` across it: hue, and towards white.
        noise: ``(N, V, 3)`` known variances of the three.
        seen: ``(N, V)`` 1 where the vertex can be seen, else 0.
    """

    shape: NDArray[np.float32]
    along: NDArray[np.float32]
    hue: NDArray[np.float32]
    noise: NDArray[np.float32]
    seen: NDArray[np.float32]


def estimate_misfit(
    model: MorphableModel,
    arrays: OpenModelArrays,
    wheel: str | Path,
    detector: FaceDetector,
    count: int,
    seed: int,
    progress: Callable[[int], None] = lambda faces: None,
) -> MisfitPrior:
    """Measure the prior on ``count`` sampled faces; those that the detector does not find are left out.

    Args:
        model: the face model that is fitted.
        arrays: the same model as its file has it, painted maps included.
        wheel: the model's source.
        detector: finds the faces, with the errors that detectors make.
        count: how many faces.
        seed: of all sampling.
        progress: called with the number of faces done.

    Raises:
        FaceModelError: the wheel cannot be read, or is not the model's source.
        ValueError: no face was found.
    """
    rng = np.random.default_rng(seed)
    people = sample_people(wheel, arrays, count, rng)
    painter = SkinPainter.of(arrays)
    config = uninformed(FitConfig())
    smoothing = [level.smoothing for level in config.levels]
    surface = FittingSurface.of(model, config.albedo_modes, smoothing)
    found: list[Misses] = []
    for start in range(0, count, BATCH):
        photos = [take_photo(model, bumped(p, rng), painter.paint(rng), rng) for p in people[start : start + BATCH]]
        found += measure(photos, surface, detector, config)
        progress(min(start + BATCH, count))
    if not found:
        raise ValueError("the detector found none of the faces")
    return summarize_misses(found, model)


def uninformed(config: FitConfig) -> FitConfig:
    """The same settings, no misfit known."""
    return replace(
        config,
        visible_face=replace(config.visible_face, misfit=0.0),
        photometric=replace(config.photometric, misfit=0.0),
    )


def bumped(neutral: NDArray[np.float32], rng: Generator) -> NDArray[np.float32]:
    """A face ``(V, 3)`` with smooth bumps and dents that no target of the source has."""
    centres = neutral[rng.choice(len(neutral), BUMPS)]
    radius = rng.uniform(*BUMP_RADIUS, BUMPS)
    waves = np.exp(-0.5 * (np.linalg.norm(neutral[:, None] - centres, axis=2) / radius) ** 2)
    return np.asarray(neutral + waves @ rng.normal(0, BUMP_HEIGHT, (BUMPS, 3)), np.float32)


@torch.no_grad()
def measure(
    photos: list[BarePhoto], surface: FittingSurface, detector: FaceDetector, config: FitConfig
) -> list[Misses]:
    """Fit the photos in which a face is found and compare with the truth."""
    pairs = [(photo, face) for photo in photos for face in detector.detect(Photo(photo.rgb))[:1]]
    if not pairs:
        return []
    crops = [crop_face(Photo(photo.rgb), face, surface.model, config) for photo, face in pairs]
    problem = make_problem(crops, surface.model, config)
    state = fit_batch(problem, surface, config)
    neutral = surface.model.vertices(state.coefficients.identity).numpy()
    true = [photo.neutral for photo, _ in pairs]
    shape = [shape_miss(f, t, surface.model) for f, t in zip(neutral, true, strict=True)]
    regions = [np.repeat(photo.region[..., None], 3, axis=2) for photo, _ in pairs]
    warped = [crop.crop.warp(region)[..., 0] for crop, region in zip(crops, regions, strict=True)]
    face = torch.from_numpy(np.stack(warped))[:, None].float()
    return [colour_misses(problem, surface, state, config, np.stack(shape), face)]


def shape_miss(fitted: NDArray[np.float32], true: NDArray[np.float32], model: MorphableModel) -> NDArray[np.float32]:
    """``(V, 3)`` mm: fitted - true after the similarity that fits the measured part of the face best."""
    seven = model.landmarks["ibug68"].of(torch.from_numpy(true)).double().numpy()[SEVEN]
    inside = SCAN_PROTOCOL.measured(true.astype(np.float64), seven)
    similarity = best_similarity(fitted[inside], true[inside])
    return np.asarray(similarity.apply(fitted) - true, np.float32)


def colour_misses(
    problem: FitProblem,
    surface: FittingSurface,
    state: FitState,
    config: FitConfig,
    shape: NDArray[np.float32],
    face: Tensor,
) -> Misses:
    """Residuals and known noise at the vertices that can be seen, where the photo shows ``face (B, 1, S, S)``."""
    c, model, drawn = state.coefficients, surface.model, state.rendering
    region = drawn.region.float() * problem.inside
    r = face_residuals(problem.photo, drawn.image, region, state.visible * region, config.visible_face)
    maps = [r.along, r.hue, r.paler, r.variance_along, r.variance_hue, r.variance_pale]
    pixels = problem.camera.project_coefficients(model.vertices(c.identity, c.expression), c)
    at = sample_image(torch.cat([*maps, problem.inside], dim=1), pixels)
    bright = r.brightness[..., 0]
    residual, noise = at[..., :3] / bright, at[..., 3:6] / bright**2
    seen = drawn.vertex_visible & (at[..., 6] > 0.99)
    # At the outline, photo or rendering show the ground as often as not: that is no misfit of the face.
    seen = seen & (sample_image(region * face, pixels)[..., 0] > 0.99)
    return Misses(
        shape, residual[..., 0].numpy(), residual[..., 1:].numpy(), noise.clamp(min=1e-6).numpy(), seen.float().numpy()
    )


def summarize_misses(found: list[Misses], model: MorphableModel) -> MisfitPrior:
    """Means and spreads per vertex, the same on both sides of the face, smoothed over the mesh."""
    join = lambda name: np.concatenate([getattr(m, name) for m in found]).astype(np.float64)  # noqa: E731
    shape, noise, seen, hue = join("shape"), join("noise"), join("seen"), join("hue")
    along = excess_variance(join("along"), noise[..., 0], seen)
    both = lambda values: np.concatenate([values[..., 0], values[..., 1]])  # noqa: E731
    across = excess_variance(both(hue), both(noise[..., 1:]), np.tile(seen, (2, 1)))
    mean = _even(shape.mean(0), model, np.array([-1.0, 1, 1]))
    centred = shape - mean
    pairs = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
    covariance = np.stack([(centred[..., i] * centred[..., j]).mean(0) for i, j in pairs], axis=1)
    return MisfitPrior(
        model_sha256=model.sha256,
        faces=len(shape),
        colour=np.sqrt(_even(np.stack([along, across], axis=1), model, np.ones(2))).astype(np.float32),
        shape_mean=mean.astype(np.float32),
        shape_covariance=_even(covariance, model, np.array([1.0, 1, 1, -1, -1, 1])).astype(np.float32),
    )


def _even(values: NDArray[np.float64], model: MorphableModel, flip: NDArray[np.float64]) -> NDArray[np.float64]:
    """Per-vertex ``values (V, C)`` averaged with the other side's, whose columns change sign by ``flip``; smoothed."""
    if model.mirror is not None:
        values = (values + values[model.mirror.numpy()] * flip) / 2
    return smoothed(model, torch.from_numpy(values), [SMOOTHING])[0].numpy()
