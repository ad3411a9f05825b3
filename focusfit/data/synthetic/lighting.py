"""The light of a scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray

from ...errors import FocusfitError
from ...imaging.light import harmonics
from .openness import fibonacci_sphere
from .tone import developed, linear_of_srgb

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Lighting:
    """Light on a scene, in linear units: 1 lights a white surface to full white. Directions are the viewer's.

    Attributes:
        ambient: ``(3, 4)`` per channel: light from everywhere, and its gain towards right, up and the viewer.
        directions: ``(L, 3)`` unit, towards the lamps; the first is the key light.
        colours: ``(L, 3)`` their strength.
        shadow: how dark the key light's shadows are, 0 none to 1.
    """

    ambient: Array
    directions: Array
    colours: Array
    shadow: float

    def irradiance(self, normals: Array) -> Array:
        """``(N, 3)`` on unit ``normals (N, 3)``, shadows aside."""
        result = self.ambient[:, 0] + normals @ self.ambient[:, 1:].T
        for direction, colour in zip(self.directions, self.colours, strict=True):
            result = result + np.maximum(normals @ direction, 0)[:, None] * colour
        return np.maximum(result, 0).astype(np.float32)

    def scaled(self, factor: float) -> Lighting:
        """Another exposure."""
        gain = np.float32(factor)
        return Lighting(self.ambient * gain, self.directions, self.colours * gain, self.shadow)


def _front_normals() -> Array:
    sphere = fibonacci_sphere(500)
    return sphere[sphere[:, 2] > -0.1].astype(np.float32)


FRONT = _front_normals()
FRONT_INVERSE = np.linalg.pinv(harmonics(torch.from_numpy(FRONT).double()).numpy()).astype(np.float32)


def harmonic_light(lighting: Lighting, skin: Array) -> Array:
    """``(3, 9)`` spherical harmonics that shade best as the scene does, for normals towards the viewer.

    The face model says pixel = albedo x shading in sRGB; what the camera stores of skin under the true light, divided
    by the skin's albedo, is therefore fitted by least squares.

    Args:
        lighting: of the scene, exposed.
        skin: ``(3,)`` sRGB albedo.
    """
    pixels = developed(linear_of_srgb(skin) * lighting.irradiance(FRONT))
    return np.asarray((FRONT_INVERSE @ (pixels / np.maximum(skin, 0.02))).T, np.float32)


def expose(lighting: Lighting, skin: Array, rng: Generator, factor: float = 1.0) -> Lighting:
    """Set the exposure: faces come out well lit more often than not; dark skin is exposed for a little.

    Args:
        lighting: of the scene.
        skin: ``(3,)`` sRGB albedo.
        rng: the generator.
        factor: on what the camera would choose.
    """
    mean = float(lighting.irradiance(FRONT[FRONT[:, 2] > 0.4]).mean())
    luminance = float(linear_of_srgb(skin) @ [0.2126, 0.7152, 0.0722])
    wanted = np.exp(rng.normal(0.05, 0.28)) * np.clip((0.30 / max(luminance, 0.03)) ** 0.35, 0.75, 1.8)
    return lighting.scaled(factor * float(wanted) / max(mean, 1e-4))


def chosen_scenes(names: Sequence[str]) -> tuple[str, ...]:
    """Those of :data:`SCENES` that are named, in its order; all of them where none is.

    Raises:
        FocusfitError: no scene has that name.
    """
    unknown = [name for name in names if name not in SCENES]
    if unknown:
        raise FocusfitError(f"unknown scene {unknown[0]!r}", remedy=f"Known scenes: {', '.join(SCENES)}.")
    return tuple(scene for scene in SCENES if not names or scene in names)


def draw_lighting(rng: Generator, surroundings: Array, kinds: Sequence[str]) -> Lighting:
    """A random scene's light before exposure.

    Args:
        rng: the generator.
        surroundings: ``(3,)`` linear mean colour of the background, which tints the ambient light a little.
        kinds: names in :data:`SCENES`, each as often as there in relation to the others.
    """
    shares = np.array([SCENES[kind][0] for kind in kinds])
    kind = kinds[rng.choice(len(kinds), p=shares / shares.sum())]
    _, ambient_strength, lamps, shadow, chroma = SCENES[kind]
    tint = surroundings / max(float(surroundings.mean()), 0.02)
    ambient_colour = _white_balance(rng, 0.06) * (0.88 + 0.12 * np.clip(tint, 0.3, 2.5))
    directional = np.array([rng.normal(0, 0.2), rng.normal(0.28, 0.2), rng.normal(0.1, 0.15)])
    ambient = ambient_strength * ambient_colour[:, None] * np.array([1.0, *directional])
    directions, colours = [], []
    side = rng.choice((-1.0, 1.0))
    for azimuth, spread, elevation, strength in lamps:
        a = np.radians(side * azimuth + rng.normal(0, spread))
        e = np.radians(elevation + rng.normal(0, 12))
        directions.append([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])
        colours.append(strength * rng.uniform(0.6, 1.4) * _white_balance(rng, chroma))
    cast = _white_balance(rng, 0.035)
    return Lighting(
        np.asarray(ambient * cast[:, None], np.float32),
        np.array(directions, np.float32).reshape(-1, 3),
        np.array(colours, np.float32).reshape(-1, 3) * cast.astype(np.float32),
        float(shadow * rng.uniform(0.6, 1.0)),
    )


def _white_balance(rng: Generator, spread: float) -> NDArray:
    """A colour between bluish and yellowish, with a little green or magenta."""
    warmth, green = rng.normal(0, spread), rng.normal(0, 0.35 * spread)
    return np.exp([warmth, green, -1.3 * warmth])


SCENES: dict[str, tuple[float, float, tuple[tuple[float, float, float, float], ...], float, float]] = {
    "overcast": (0.22, 0.70, ((10, 40, 50, 0.35),), 0.5, 0.05),
    "sun": (0.17, 0.30, ((45, 35, 40, 1.1),), 0.9, 0.08),
    "window": (0.18, 0.24, ((65, 15, 15, 1.0),), 0.7, 0.06),
    "indoor": (0.20, 0.40, ((20, 40, 50, 0.65), (60, 40, 30, 0.3)), 0.6, 0.12),
    "studio": (0.10, 0.20, ((40, 10, 25, 0.8), (-45, 15, 10, 0.3), (140, 20, 30, 0.5)), 0.7, 0.03),
    "flash": (0.06, 0.16, ((3, 4, 4, 0.9),), 0.8, 0.04),
    "backlit": (0.04, 0.55, ((150, 20, 35, 1.6), (20, 30, 10, 0.2)), 0.6, 0.08),
    "coloured": (0.03, 0.25, ((60, 20, 10, 0.6), (-60, 20, 10, 0.6)), 0.6, 0.40),
}
"""Share of the photos; strength of the ambient light; lamps (azimuth and its spread, elevation, in degrees from the
viewer's side, and strength), key light first, mirrored on half of the photos; darkness of shadows; spread of the lamps'
colour."""
