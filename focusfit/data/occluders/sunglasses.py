"""Dark glasses with a frame, a bridge and temples."""

from __future__ import annotations

import numpy as np

from .canvas import Array, FaceCanvas, Layer, capsule, smooth_outline


def sunglasses(canvas: FaceCanvas) -> Layer:
    """Each lens sits on its eye, from brow to cheek; temples run to the ears."""
    p, grid = canvas.landmarks, canvas.grid
    frame = np.array([(0.08, 0.07, 0.07), (0.30, 0.16, 0.09), (0.10, 0.12, 0.20)][canvas.rng.integers(3)])
    lenses = [_lens(canvas, range(36, 42), range(17, 22)), _lens(canvas, range(42, 48), range(22, 27))]
    inner = [(p[39] + p[42]) / 2 + sign * 0.25 * (p[42] - p[39]) for sign in (-1, 1)]
    bridge = capsule(grid, inner[0] - (0, 0.03), inner[1] - (0, 0.03), 0.025, 0.025)[0]
    temples = np.minimum(
        capsule(grid, p[36] - (0.10, 0.05), p[0] - (0, 0.04), 0.022, 0.016)[0],
        capsule(grid, p[45] + (0.10, -0.05), p[16] - (0, 0.04), 0.022, 0.016)[0],
    )
    rims = Layer(_painted(frame, grid), canvas.edge(np.minimum(bridge, temples)))
    for lens in lenses:
        rims = _glass(canvas, lens).over(Layer(_painted(frame, grid), canvas.fill(lens))).over(rims)
    return rims


def _lens(canvas: FaceCanvas, eye: range, brow: range) -> Array:
    """Outline of a rim: a rounded trapezoid around an eye."""
    points = canvas.landmarks
    centre, high = points[list(eye)].mean(0), points[list(brow)].mean(0)
    half_width = 0.95 * np.abs(points[eye[3], 0] - points[eye[0], 0]) + 0.02
    drop = max(centre[1] - high[1], 0.12)
    middle = centre + np.array([0, 0.03])
    shape = [(-1, -0.85), (0, -1), (1, -0.85), (1.02, 0.1), (0.62, 1.15), (0, 1.35), (-0.62, 1.15), (-1.02, 0.1)]
    return smooth_outline(middle + np.array(shape) * (half_width, drop))


def _glass(canvas: FaceCanvas, rim: Array) -> Layer:
    """The lens inside its rim: darkest above, with a slanting reflection."""
    grid, centre = canvas.grid, rim.mean(0)
    inside = centre + (rim - centre) * 0.90
    size = np.ptp(rim, axis=0)
    height = (grid[..., 1] - centre[1]) / size[1]
    glass = np.array([0.05, 0.055, 0.06]) + np.clip(height + 0.5, 0, 1)[..., None] * np.array([0.13, 0.12, 0.11])
    slant = (grid[..., 0] - centre[0]) / size[0] + 0.6 * height
    gleam = 0.22 * np.exp(-(((slant + 0.18) / 0.07) ** 2)) + 0.12 * np.exp(-(((slant + 0.02) / 0.03) ** 2))
    return Layer(np.clip(glass + gleam[..., None] * (0.9, 0.95, 1.0), 0, 1), canvas.fill(inside))


def _painted(colour: Array, grid: Array) -> Array:
    """A frame's colour, lit from above."""
    return np.clip(colour * (1.15 - 0.5 * grid[..., 1:]) + 0.03, 0, 1)
