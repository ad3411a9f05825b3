"""A patterned card held before the face: texture, straight edges, colours of its own."""

from __future__ import annotations

import numpy as np

from .canvas import Array, FaceCanvas, Layer

INKS = (
    ((0.80, 0.18, 0.16), (0.96, 0.90, 0.76), (0.12, 0.22, 0.42)),
    ((0.10, 0.42, 0.36), (0.95, 0.76, 0.25), (0.93, 0.93, 0.90)),
    ((0.36, 0.20, 0.46), (0.90, 0.55, 0.40), (0.96, 0.92, 0.84)),
)


def patterned_card(canvas: FaceCanvas) -> Layer:
    """A slanted plaid card over one cheek and eye."""
    rng = canvas.rng
    side = rng.choice([-1.0, 1.0])
    cheek = canvas.landmarks[[1, 2, 31, 36, 41] if side < 0 else [15, 14, 35, 45, 46]].mean(0)
    turn = side * rng.uniform(0.15, 0.5)
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    local = (canvas.grid - cheek - (side * 0.12, 0.08)) @ axes
    outside = np.abs(local) - (0.30, 0.42)
    distance = np.linalg.norm(np.maximum(outside, 0), axis=-1) + np.minimum(outside.max(-1), 0) - 0.03
    colour = _plaid(local, np.array(INKS[rng.integers(len(INKS))]))
    light = 1.0 - 0.18 * (local[..., :1] + 0.3 * local[..., 1:]) + 0.02 * canvas.noise(0.01)[..., None]
    bevel = 1 - 0.25 * np.exp(np.clip(distance, -1, 0) / 0.008)[..., None]
    return Layer(np.clip(colour * light * bevel, 0, 1), canvas.edge(distance))


def _plaid(local: Array, inks: Array) -> Array:
    """Two sets of stripes woven through each other, thin lines on top."""
    wave = lambda t, period: 0.5 + 0.5 * np.sign(np.sin(2 * np.pi * t / period))  # noqa: E731
    x, y = local[..., 0], local[..., 1]
    broad = 0.5 * (wave(x, 0.20) + wave(y, 0.20))[..., None]
    colour = inks[0] * broad + inks[1] * (1 - broad)
    line = np.maximum(np.abs(np.sin(2 * np.pi * x / 0.20)) > 0.98, np.abs(np.sin(2 * np.pi * y / 0.20)) > 0.98)
    return np.where(line[..., None], inks[2], colour)
