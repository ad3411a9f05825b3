"""Compiled loop of a hand's colours."""

from __future__ import annotations

from .....imaging.kernels.compile import fast
from ..noise_kernels import noise_at


@fast
def skin_albedo(  # type: ignore[no-untyped-def]
    rest, block, low, voxel, noise, tone, pale, nail_colour, roughness, shift, sleeve, cloth, band, metal, glove,
    out, gloss,
):  # fmt: skip
    """Albedo and gloss of a hand's samples: ``rest (N, 4)`` is their place and normal z on the resting hand."""
    for n in range(rest.shape[0]):
        x, y, z = rest[n, 0] + shift[0], rest[n, 1] + shift[1], rest[n, 2] + shift[2]
        blotch, grain = noise_at(noise, x, y, z, 0.57), noise_at(noise, x, y, z, 3.2)
        if -rest[n, 1] > sleeve:
            weave = 1 + 0.05 * grain + 0.10 * noise_at(noise, x, y, z, 0.27)
            if -rest[n, 1] - sleeve < 4:
                weave *= 0.85
            gloss[n] = 0
            for c in range(3):
                out[n, c] = cloth[c] * weave
            continue
        if abs(-rest[n, 1] - band) < 5:
            gloss[n] = 0.6
            for c in range(3):
                out[n, c] = metal[c] * (1 + 0.1 * grain)
            continue
        if glove:
            gloss[n] = 0.25
            for c in range(3):
                out[n, c] = tone[c] * (1 + 0.05 * blotch + 0.02 * grain)
            continue
        i = min(max(int((rest[n, 0] - low[0]) / voxel + 0.5), 0), block.shape[0] - 1)
        j = min(max(int((rest[n, 1] - low[1]) / voxel + 0.5), 0), block.shape[1] - 1)
        k = min(max(int((rest[n, 2] - low[2]) / voxel + 0.5), 0), block.shape[2] - 1)
        crease, red, nail = block[i, j, k, 0] / 255.0, block[i, j, k, 1] / 255.0, block[i, j, k, 2] / 255.0
        palm = min(max(0.5 - 1.2 * rest[n, 3], 0.0), 1.0)
        flush = min(max(0.6 * red + 0.06 * blotch + 0.25 * palm * (1 + blotch), 0.0), 1.0)
        grey = 1 + roughness * (0.016 * blotch + 0.02 * grain)
        for c in range(3):
            warm, fold = (0.02, 0.26) if c == 0 else ((0.16, 0.36) if c == 1 else (0.15, 0.38))
            albedo = tone[c] + palm * (pale[c] - tone[c])
            albedo *= (1 - flush * warm) * grey * (1 - roughness * crease * fold)
            out[n, c] = albedo + nail * (nail_colour[c] - albedo)
        gloss[n] = nail
