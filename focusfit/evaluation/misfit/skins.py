"""Faces' surfaces beyond the albedo basis: moved brows, full beards, make-up, folds, spots, eyes that look aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ...facemodel.dense_points import ANATOMICAL_SCHEME
from ...facemodel.open_model.complexions import PARAMETERS, paint_face
from ...facemodel.open_model.paint import FaceMaps
from ...facemodel.open_model_file import OpenModelArrays

Values = NDArray[np.float64]

LIPSTICKS = np.array([(0.62, 0.10, 0.16), (0.45, 0.08, 0.14), (0.78, 0.36, 0.40), (0.35, 0.16, 0.16)])
SHADOWS = np.array([(0.30, 0.24, 0.24), (0.36, 0.26, 0.20), (0.26, 0.30, 0.42), (0.50, 0.34, 0.40)])
"""sRGB of lipsticks and of eye shadows."""

FOLDS = ((31, 48), (35, 54))
"""Landmarks between which a fold runs from the nose to the corner of the mouth."""


@dataclass(frozen=True, eq=False)
class SkinPainter:
    """Paints faces on the mesh of an open model.

    Attributes:
        model: with its painted maps and its population of pigments.
        landmarks: ``(68, 3)`` mm on the mean shape.
    """

    model: OpenModelArrays
    landmarks: Values

    @classmethod
    def of(cls, model: OpenModelArrays) -> SkinPainter:
        """The painter for ``model``."""
        table = model.landmarks.get(ANATOMICAL_SCHEME, model.landmarks["ibug68"])
        return cls(model, (model.shape_mean[table.vertices] * table.weights[..., None]).sum(1))

    def paint(self, rng: Generator) -> NDArray[np.float32]:
        """``(V, 3)`` sRGB albedo of one random face."""
        model = self.model
        pigments = dict(zip(PARAMETERS, model.pigments[rng.integers(len(model.pigments))].tolist(), strict=True))
        pigments["brow_density"] = rng.uniform(0.1, 1.0)
        if pigments["beard_density"] > 0 and rng.random() < 0.5:
            pigments["beard_density"] = rng.uniform(0.6, 1.0)
            pigments["moustache_density"] = rng.uniform(0.5, 1.0) * (rng.random() < 0.85)
        maps = self._maps(rng)
        wide, narrow = self._noise(30.0, rng), self._noise(12.0, rng)
        speckle = rng.standard_normal(len(wide)) * maps["freckled"]
        blotches, flush = 0.1 * wide + 0.06 * narrow, 0.06 * self._noise(25.0, rng)
        colour = paint_face(FaceMaps(**maps), pigments, blotches, flush, speckle)
        if pigments["beard_density"] < 0.1 and rng.random() < 0.5:
            colour = self._made_up(colour, maps, rng)
        hairs = (("brow", "brows"), ("beard", "beard"), ("moustache", "moustache"))
        hairy = np.max([pigments[f"{name}_density"] * maps[where] for name, where in hairs], axis=0)
        return np.clip(colour * self._detail(hairy, rng)[:, None], 0.01, 1).astype(np.float32)

    def _maps(self, rng: Generator) -> Mapping[str, Values]:
        """The model's maps, some of them moved or changed."""
        maps = {name: values.astype(np.float64) for name, values in self.model.maps.items()}
        maps["brows"] = self._moved(maps["brows"], (0, rng.normal(0, 2.0), 0)) ** rng.uniform(0.5, 2.0)
        gaze = (rng.normal(0, 2.0), rng.normal(0, 0.8), 0.0)
        for name in ("iris", "pupil"):
            maps[name] = self._moved(maps[name], gaze) * maps["eyeball"]
        patches = np.clip(1 + 0.25 * self._noise(6.0, rng), 0, 1.3)
        shift = (0, rng.normal(0, 4.0), 0)
        for name in ("beard", "moustache"):
            grown = self._moved(maps[name], shift) * patches * (1 - maps["lips"]) * (1 - maps["mouth_interior"])
            maps[name] = np.clip(grown, 0, 1)
        return maps

    def _moved(self, values: Values, by: tuple[float, float, float]) -> Values:
        """A map shifted over the mean face by mm."""
        _, nearest = self._tree().query(self.model.shape_mean - np.array(by), k=3)
        return np.asarray(values[nearest].mean(1))

    def _tree(self) -> cKDTree:
        return cKDTree(self.model.shape_mean)

    def _noise(self, radius: float, rng: Generator, bumps: int = 60) -> Values:
        """``(V,)`` a smooth random function of about unit variance."""
        points = self.model.shape_mean.astype(np.float64)
        centres = points[rng.choice(len(points), bumps, replace=False)]
        waves = np.exp(-0.5 * (np.linalg.norm(points[:, None] - centres, axis=2) / radius) ** 2)
        noise = waves @ rng.standard_normal(bumps)
        return np.asarray(noise / max(float(np.sqrt((noise**2).mean())), 1e-9))

    def _made_up(self, colour: Values, maps: Mapping[str, Values], rng: Generator) -> Values:
        """Lipstick, eye shadow, liner and blusher, each or none."""
        layers = (
            (maps["lips"], LIPSTICKS[rng.integers(len(LIPSTICKS))], rng.uniform(0.2, 0.9)),
            (maps["lids"] * (1 - maps["eyeball"]), SHADOWS[rng.integers(len(SHADOWS))], rng.uniform(0, 0.6)),
            (maps["lashes"], np.full(3, 0.06), rng.uniform(0, 0.9)),
            (maps["cheeks"], np.array([0.75, 0.38, 0.36]), rng.uniform(0, 0.35)),
        )
        for where, paint, opacity in layers:
            colour = colour + (opacity * where * (rng.random() < 0.7))[:, None] * (paint - colour)
        return colour

    def _detail(self, hairy: Values, rng: Generator) -> Values:
        """``(V,)`` factor: pores and grain, single hairs where it is ``hairy (V,)``, folds, moles."""
        points = self.model.shape_mean.astype(np.float64)
        grain = rng.standard_normal(len(points)) * (0.02 + 0.08 * hairy) + 0.025 * self._noise(5.0, rng, 150)
        factor = np.exp(grain)
        depth = rng.uniform(0, 0.3)
        for first, second in FOLDS:
            line = np.linspace(self.landmarks[first] + [0, 3, 0], self.landmarks[second], 20)
            line[:, 0] *= 1.12
            distance = cKDTree(line).query(points)[0]
            factor *= 1 - depth * np.exp(-0.5 * (distance / 1.5) ** 2)
        for centre in points[rng.choice(len(points), rng.poisson(2))]:
            distance = np.linalg.norm(points - centre, axis=1)
            factor *= 1 - rng.uniform(0.2, 0.7) * np.exp(-0.5 * (distance / rng.uniform(0.8, 2.0)) ** 2)
        return factor
