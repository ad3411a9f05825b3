"""A pleated mask over nose, mouth and chin, with ear loops."""

from __future__ import annotations

import numpy as np

from .canvas import Array, FaceCanvas, Layer, capsule, smooth_outline

FABRICS = ((0.62, 0.80, 0.88), (0.93, 0.94, 0.95), (0.22, 0.24, 0.27), (0.70, 0.84, 0.76))


def surgical_mask(canvas: FaceCanvas) -> Layer:
    """The mask follows the points of jaw and nose, so it turns with the face."""
    p = canvas.landmarks
    centre = p[33]
    widen = lambda index, factor: centre + factor * (p[index] - centre)  # noqa: E731
    top = 0.65 * p[28] + 0.35 * p[29]
    outline = [top, 0.5 * (top + p[1]) + (0, 0.10), widen(2, 0.98), widen(4, 1.03), widen(6, 1.05), widen(8, 1.06)]
    outline += [widen(10, 1.05), widen(12, 1.03), widen(14, 0.98), 0.5 * (top + p[15]) + (0, 0.10)]
    cover = canvas.fill(smooth_outline(np.array(outline)))
    fabric = np.array(FABRICS[canvas.rng.integers(len(FABRICS))])
    body = Layer(fabric * _shading(canvas, top)[..., None], cover)
    return body.over(_ear_loops(canvas, widen(2, 0.98), widen(5, 1.03), p[0], fabric)).over(
        _ear_loops(canvas, widen(14, 0.98), widen(11, 1.03), p[16], fabric)
    )


def _shading(canvas: FaceCanvas, top: Array) -> Array:
    """Brightness: a bulge lit from above, pleats across, woven grain."""
    p, grid = canvas.landmarks, canvas.grid
    left, right, bottom = p[3], p[13], p[8]
    across = (grid[..., 0] - left[0]) / max(right[0] - left[0], 1e-3)
    middle = np.clip((p[33, 0] - left[0]) / max(right[0] - left[0], 1e-3), 0.15, 0.85)
    # From -1 at one cheek over 0 at the nose to 1 at the other, also where the face is turned.
    side = np.where(across < middle, across / middle - 1, (across - middle) / (1 - middle))
    # Pleats sag towards the cheeks.
    depth = (grid[..., 1] - top[1] - 0.10 * side**2) / (bottom[1] - top[1])
    bulge = 1.02 - 0.30 * np.abs(side) ** 1.7 - 0.22 * np.clip(depth - 0.45, 0, 1)
    pleats = np.zeros_like(depth)
    for position in (0.36, 0.52, 0.68):
        fold = (depth - position) / 0.035
        pleats += -0.16 * np.exp(-(fold**2)) + 0.07 * np.exp(-((fold - 1.6) ** 2))
    seam = -0.10 * np.exp(-(((depth - 0.06) / 0.02) ** 2))
    return np.clip(bulge + pleats + seam + 0.012 * canvas.noise(0.004) + 0.02 * canvas.noise(0.12), 0.1, 1.08)


def _ear_loops(canvas: FaceCanvas, upper: Array, lower: Array, ear: Array, fabric: Array) -> Layer:
    grid = canvas.grid
    distance = np.minimum(
        capsule(grid, upper, ear, 0.010, 0.010)[0], capsule(grid, lower, ear + np.array([0, 0.12]), 0.010, 0.010)[0]
    )
    return Layer(np.broadcast_to(0.92 * fabric, (*distance.shape, 3)), canvas.edge(distance))
