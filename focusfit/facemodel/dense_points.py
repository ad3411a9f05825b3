"""Points spread evenly over a face model's surface: what a network can be asked to find in a photo."""

from __future__ import annotations

import torch

from .morphable import MorphableModel, SurfacePoints

HIDDEN_REGIONS = ("boundary", "mouth_interior")
"""Regions without dense points: the mesh's edge, and what is seen only at times."""


def dense_points(model: MorphableModel, count: int) -> SurfacePoints:
    """The iBUG-68 points, then vertices of the mean face, each the farthest from all points before it.

    The same model and count give the same points (Gonzalez, "Clustering to minimize the maximum intercluster
    distance", 1985).

    Args:
        model: any face model.
        count: of all points, at least 68.

    Returns:
        ``count`` points; the first 68 are the landmarks.
    """
    landmarks = model.landmarks["ibug68"]
    if count < len(landmarks):
        raise ValueError(f"{count} points are fewer than the {len(landmarks)} landmarks they include")
    shape = model.shape_mean.cpu().double()
    allowed = torch.ones(len(shape), dtype=torch.bool)
    for name in HIDDEN_REGIONS:
        if name in model.regions:
            allowed &= ~model.regions[name].cpu()
    distance = torch.cdist(shape, landmarks.to("cpu").of(shape)).amin(1)
    distance[~allowed] = -1
    chosen = []
    for _ in range(count - len(landmarks)):
        farthest = int(distance.argmax())
        chosen.append(farthest)
        distance = torch.minimum(distance, (shape - shape[farthest]).norm(dim=1))
    spread = SurfacePoints.at_vertices(torch.tensor(chosen, dtype=torch.int64))
    return SurfacePoints(
        torch.cat([landmarks.vertices.cpu(), spread.vertices]), torch.cat([landmarks.weights.cpu(), spread.weights])
    ).to(model.device)
