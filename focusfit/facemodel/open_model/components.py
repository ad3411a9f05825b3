"""Principal components of mirror-symmetric populations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Components:
    """Leading directions of variation.

    Attributes:
        modes: ``(V, C, K)`` scaled by their standard deviations, largest first.
        deviations: ``(K,)`` the standard deviations (root of the summed variance over all vertices).
        explained: share of the total variance that the K modes keep.
    """

    modes: NDArray
    deviations: NDArray
    explained: float


def symmetric_components(offsets: NDArray, mirror: NDArray, flip: NDArray, count: int) -> Components:
    """Components of ``offsets`` and their mirror images together.

    Adding the mirror images makes the covariance commute with mirroring, so each mode is exactly symmetric or exactly
    antisymmetric, and the two families can be found apart from each other.

    Args:
        offsets: ``(N, V, C)`` from the mean.
        mirror: ``(V,)`` partner vertices.
        flip: ``(C,)`` signs of the channels under mirroring: (-1, 1, 1) for positions, ones for colours.
        count: how many modes to keep.
    """
    reflected = offsets[:, mirror] * flip.astype(offsets.dtype)
    families = []
    for sign in (1, -1):
        part = ((offsets + sign * reflected) / 2).reshape(len(offsets), -1)
        families.append(_components(part, count))
    total = sum(variance.sum() for _, variance in families)
    modes = np.concatenate([m[:, :count] for m, _ in families], axis=1)
    variances = np.concatenate([v[:count] for _, v in families])
    order = np.argsort(-variances, kind="stable")[:count]
    deviations = np.sqrt(variances[order])
    shaped = (modes[:, order] * deviations).reshape(*offsets.shape[1:], -1)
    return Components(shaped, deviations, float(variances[order].sum() / total))


def _components(samples: NDArray, count: int) -> tuple[NDArray, NDArray]:
    """Unit modes ``(D, K)`` and all variances of ``samples (N, D)`` about zero, through the Gram matrix."""
    gram = (samples @ samples.T).astype(np.float64) / len(samples)
    values, vectors = np.linalg.eigh(gram)
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    modes = samples.T.astype(np.float64) @ vectors[:, :count]
    modes, _ = np.linalg.qr(modes)
    largest = np.take_along_axis(modes, np.abs(modes).argmax(0)[None], axis=0)[0]
    return modes * np.where(largest < 0, -1.0, 1.0), values


def straighten(components: Components, mean: NDArray, offsets: NDArray) -> tuple[NDArray, Components]:
    """Fit a normal distribution to a population that bends along its first mode.

    The tone of skin runs along a curve; in a linear model the curve's bend looks like free variation and makes colours
    that no skin has. Here each further mode keeps only the variation about a quadratic trend in the first, and the
    mean moves onto the trend.

    Args:
        components: of the population.
        mean: ``(V, C)`` of the population.
        offsets: ``(N, V, C)`` the population about it.

    Returns:
        The moved mean, and the components with smaller deviations.
    """
    flat = components.modes.reshape(-1, len(components.deviations))
    scores = offsets.reshape(len(offsets), -1) @ (flat / components.deviations**2).astype(offsets.dtype)
    first = scores[:, 0].astype(np.float64)
    design = np.stack([np.ones_like(first), first, first**2], axis=1)
    trend, *_ = np.linalg.lstsq(design, scores[:, 1:].astype(np.float64), rcond=None)
    spread = np.r_[1.0, np.minimum(1.0, (scores[:, 1:] - design @ trend).std(0))]
    moved = mean + components.modes[..., 1:] @ trend[0]
    return moved, Components(components.modes * spread, components.deviations * spread, components.explained)
