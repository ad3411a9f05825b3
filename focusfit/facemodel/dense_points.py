"""Points spread evenly over a face model's surface: what a network can be asked to find in a photo."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from .morphable import MorphableModel, SurfacePoints

ANATOMICAL_SCHEME = "anatomical68"
"""iBUG points by anatomical rules, in models that also know where annotators put them."""

DENSE_SCHEME = "dense"
"""Under which a model's file may name its points, so that they outlive changes of the mean face."""

HIDDEN_REGIONS = ("boundary", "mouth_interior")
"""Regions without dense points: the mesh's edge, and what is seen only at times."""


def dense_points(model: MorphableModel, count: int) -> SurfacePoints:
    """68 landmarks, then vertices that are spread evenly over the mean face.

    The same model and count give the same points: the landmarks are anatomical where the model's file has such, else
    iBUG's; the others those that the file names under ``dense``, else those of :func:`farthest_vertices`.

    Args:
        model: any face model.
        count: of all points, at least 68.

    Returns:
        ``count`` points; the first 68 are the landmarks.
    """
    landmarks = model.landmarks.get(ANATOMICAL_SCHEME, model.landmarks["ibug68"]).to("cpu")
    more = count - len(landmarks)
    if more < 0:
        raise ValueError(f"{count} points are fewer than the {len(landmarks)} landmarks they include")
    stored = model.landmarks.get(DENSE_SCHEME)
    if stored is not None and more <= len(stored):
        chosen = stored.vertices[:more, 0].cpu()
    else:
        shape = model.shape_mean.cpu().double()
        regions = {name: region.cpu().numpy() for name, region in model.regions.items()}
        allowed = unhidden(regions, len(shape))
        found = farthest_vertices(shape.numpy(), landmarks.of(shape).numpy(), allowed, more)
        chosen = torch.from_numpy(found)
    spread = SurfacePoints.at_vertices(chosen)
    return SurfacePoints(
        torch.cat([landmarks.vertices, spread.vertices]), torch.cat([landmarks.weights, spread.weights])
    ).to(model.device)


def farthest_vertices(
    vertices: NDArray[np.floating], points: NDArray[np.floating], allowed: NDArray[np.bool_], count: int
) -> NDArray[np.int64]:
    """``(count,)`` vertices, each the farthest from ``points`` and all vertices before it.

    Gonzalez, "Clustering to minimize the maximum intercluster distance", 1985.

    Args:
        vertices: ``(V, 3)`` mm.
        points: ``(P, 3)`` mm.
        allowed: ``(V,)`` which vertices may be chosen.
        count: how many.
    """
    distance = cdist(vertices, points).min(1)
    distance[~allowed] = -1
    chosen = np.empty(count, np.int64)
    for i in range(count):
        chosen[i] = distance.argmax()
        distance = np.minimum(distance, np.linalg.norm(vertices - vertices[chosen[i]], axis=1))
    return chosen


def unhidden(regions: Mapping[str, NDArray[np.bool_]], count: int) -> NDArray[np.bool_]:
    """``(count,)`` vertices outside the regions where no dense points lie."""
    allowed = np.ones(count, bool)
    for name in HIDDEN_REGIONS:
        if name in regions:
            allowed &= ~regions[name]
    return allowed
