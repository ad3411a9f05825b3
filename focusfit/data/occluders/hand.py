"""A hand before the face, in the face's own skin colour: the hardest occluder for anything that looks at colours."""

from __future__ import annotations

import numpy as np

from .canvas import Array, FaceCanvas, Layer, capsule

LIGHT = np.array([-0.35, -0.55, 0.76])
"""Direction to the light: x right, y down, z to the viewer."""

FINGERS = (
    # knuckle x, y, length, angle from the hand's axis in radians, radius at the knuckle
    (-0.27, -0.02, 0.52, -0.20, 0.082),
    (-0.09, -0.08, 0.60, -0.05, 0.088),
    (0.09, -0.06, 0.56, 0.07, 0.086),
    (0.26, 0.02, 0.44, 0.22, 0.074),
)
"""The little finger comes last. In the hand's frame y runs from the finger tips to the wrist."""


def hand(canvas: FaceCanvas) -> Layer:
    """Fingers over mouth and cheek, the palm over the chin, coming from below at one side."""
    rng = canvas.rng
    side = rng.choice([-1.0, 1.0])
    turn = side * rng.uniform(0.25, 0.7)
    mouth = canvas.landmarks[48:60].mean(0)
    centre = mouth + np.array([side * rng.uniform(0.02, 0.2), rng.uniform(0.15, 0.38)])
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    local = (canvas.grid - centre) @ axes * (-side, 1)
    skin = np.clip(canvas.skin * rng.uniform(0.92, 1.06) * (1.0, 0.98, 0.97), 0.03, 0.97)
    grain = 1 + 0.02 * canvas.noise(0.05)[..., None] + 0.012 * canvas.noise(0.008)[..., None]

    layer = _paint(canvas, skin * grain, *_palm(local))
    thumb = _limb(local, np.array([-0.22, 0.40]), np.array([-0.47, 0.18]), np.array([-0.56, -0.06]), 0.105)
    layer = _paint(canvas, skin * grain, *thumb).over(layer)
    for x, y, length, angle, radius in FINGERS:
        knuckle = np.array([x, y])
        reach = length * np.array([np.sin(angle), -np.cos(angle)]) * rng.uniform(0.93, 1.05)
        bend = knuckle + 0.48 * reach + (0.02 * np.sign(x), 0)
        finger = _limb(local, knuckle, bend, knuckle + reach, radius)
        layer = _nail(canvas, local, bend, knuckle + reach, radius, skin).over(
            _paint(canvas, skin * grain * _creases(local, knuckle, bend, reach), *finger).over(layer)
        )
    return layer


def _palm(local: Array) -> tuple[Array, Array]:
    """Signed distance and height of palm and wrist: a rounded box and a limb below it."""
    outside = np.abs(local - (0, 0.26)) - (0.25, 0.24)
    box = np.linalg.norm(np.maximum(outside, 0), axis=-1) + np.minimum(outside.max(-1), 0) - 0.10
    wrist, radius, _ = capsule(local, np.array([0.0, 0.5]), np.array([0.0, 1.8]), 0.26, 0.27)
    distance = np.minimum(box, wrist)
    return distance, _dome(distance, np.where(box < wrist, 0.16, radius))


def _limb(local: Array, root: Array, joint: Array, tip: Array, radius: float) -> tuple[Array, Array]:
    """Signed distance and height of a finger of two tapering parts."""
    first, first_radius, _ = capsule(local, root, joint, radius, 0.93 * radius)
    second, second_radius, _ = capsule(local, joint, tip, 0.93 * radius, 0.74 * radius)
    return np.minimum(first, second), np.maximum(_dome(first, first_radius), _dome(second, second_radius))


def _dome(distance: Array, radius: Array | float) -> Array:
    """Height of a round limb over its outline's plane."""
    return radius * np.sqrt(np.clip(1 - np.clip(1 + distance / radius, 0, 1) ** 2, 0, 1))


def _paint(canvas: FaceCanvas, skin: Array, distance: Array, height: Array) -> Layer:
    """Skin lit by its relief, darker towards the outline, redder where it is dark, as light in flesh is."""
    step = canvas.grid[0, 1, 0] - canvas.grid[0, 0, 0]
    slope_y, slope_x = np.gradient(height, step)
    normal = np.dstack([-slope_x, -slope_y, np.ones_like(height)])
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    lit = 0.58 + 0.54 * np.clip(normal @ LIGHT, 0, 1)
    rim = 1 - 0.35 * np.exp(np.clip(distance, -1, 0) / 0.018)
    shade = np.clip(lit * rim, 0, 1.15)[..., None]
    return Layer(np.clip(skin * shade ** (0.9, 1.03, 1.08), 0, 1), canvas.edge(distance))


def _creases(local: Array, root: Array, joint: Array, reach: Array) -> Array:
    """Darker folds over the joints."""
    axis = reach / np.linalg.norm(reach)
    dark = np.zeros(local.shape[:2])
    for place in (joint, root + 0.76 * reach):
        along = (local - place) @ axis
        for offset in (-0.018, 0.0, 0.018):
            dark += 0.07 * np.exp(-(((along - offset) / 0.005) ** 2))
    return (1 - dark)[..., None]


def _nail(canvas: FaceCanvas, local: Array, joint: Array, tip: Array, radius: float, skin: Array) -> Layer:
    axis = (tip - joint) / np.linalg.norm(tip - joint)
    offset = local - (tip + 0.1 * radius * axis)
    along, across = offset @ axis, offset @ np.array([-axis[1], axis[0]])
    distance = (np.hypot(along / 1.15, across / 0.85) / radius - 0.52) * radius
    colour = np.clip(skin * (1.08, 0.98, 1.0) + 0.05, 0, 1)
    gleam = 0.22 * np.exp(-((across / (0.16 * radius)) ** 2))[..., None]
    return Layer(np.clip(colour + gleam * (1 - colour), 0, 1), 0.85 * canvas.edge(distance))
