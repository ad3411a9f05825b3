"""The jaw line as it is seen: on a turned head, the far contour is no fixed set of points on the face.

Landmark marching (Zhu et al., "High-fidelity pose and expression normalization for face recognition in the wild", CVPR
2015): each point of the jaw line may move inwards along a horizontal line on the face, to wherever that line meets the
silhouette.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import MorphableModel, SurfacePoints
from ..imaging.camera import Camera
from ..imaging.rotation import rotation_matrix
from .landmarks import CONTOUR

CHIN = (7, 8, 9)
"""Points that stay: the lower face has no far side there."""

BAND_MM = 2.5
"""Half the height of the strip of vertices that stands for a line."""

STEP_MM = 2.0
"""Of vertices that are so near each other across the face only the foremost can be on the silhouette."""

INNERMOST = 0.35
"""A line ends where its distance from the middle of the face is this share of its point's: before nose and mouth."""


@dataclass(frozen=True, eq=False)
class ContourLines:
    """For each of the 17 points of the jaw line, where on the face it may move.

    Attributes:
        points: the 17 points on the surface.
        candidates: ``(17, K)`` vertices of each line; filled up with others.
        usable: ``(17, K)`` bool, False for what only fills up.
        side: ``(17,)`` -1 on the image's left of a frontal face, 1 on its right.
    """

    points: SurfacePoints
    candidates: Tensor
    usable: Tensor
    side: Tensor

    @classmethod
    def of(cls, model: MorphableModel) -> ContourLines:
        """Lines on the mean face."""
        table, contour = model.landmarks["ibug68"], list(CONTOUR)
        points = SurfacePoints(table.vertices[contour], table.weights[contour])
        place, vertices = points.of(model.shape_mean), model.shape_mean
        side = torch.where(place[:, 0] < 0, -1.0, 1.0)
        outwards = side[:, None] * vertices[:, 0]
        own = (side * place[:, 0])[:, None]
        line = (vertices[:, 1] - place[:, 1:2]).abs() < BAND_MM
        line &= (outwards < own) & (outwards > INNERMOST * own) & (vertices[:, 2] > place[:, 2:])
        line[list(CHIN)] = False
        line = torch.stack([_foremost(*each, vertices[:, 2]) for each in zip(line, outwards, strict=True)])
        longest = max(1, int(line.sum(1).max()))
        order = torch.argsort(line.to(torch.uint8), dim=1, descending=True, stable=True)[:, :longest]
        return cls(points, order, line.gather(1, order), side)

    def to(self, device: torch.device | str) -> ContourLines:
        """The same lines on another device."""
        moved = (self.candidates.to(device), self.usable.to(device), self.side.to(device))
        return ContourLines(self.points.to(device), *moved)

    def project(self, vertices: Tensor, coefficients: FaceCoefficients, camera: Camera) -> Tensor:
        """Pixels ``(B, 17, 2)`` of the jaw line as the camera sees it, for ``vertices (B, V, 3)`` in the model frame.

        Which vertex a point has moved to carries no gradient; its position does.
        """
        here = self.points.of(vertices)[:, :, None]
        line = vertices.index_select(1, self.candidates.flatten()).unflatten(1, self.candidates.shape)
        places = torch.cat([here, line], dim=2)
        pixels = camera.project_coefficients(places.flatten(1, 2), coefficients).unflatten(1, places.shape[1:3])
        with torch.no_grad():
            up = rotation_matrix(coefficients.rotation)[:, :2, 1]  # the face's up in the picture, y still up
            lateral = up.flip(1)  # the right of up, (y, -x), in pixels with y down
            reach = self.side[:, None] * torch.einsum("blkc,bc->blk", pixels, lateral)
            usable = torch.cat([torch.ones_like(self.usable[:, :1]), self.usable], dim=1)
            chosen = reach.masked_fill(~usable, -torch.inf).argmax(2)
        return pixels.gather(2, chosen[..., None, None].expand(-1, -1, 1, 2))[:, :, 0]


def visible_landmarks(
    projected_landmarks: Tensor, lines: ContourLines, vertices: Tensor, coefficients: FaceCoefficients, camera: Camera
) -> Tensor:
    """``(B, 68, 2)``: ``projected_landmarks`` with the jaw line replaced by the visible one."""
    return torch.cat([lines.project(vertices, coefficients, camera), projected_landmarks[:, len(CONTOUR) :]], dim=1)


def _foremost(line: Tensor, outwards: Tensor, depth: Tensor) -> Tensor:
    """``line (V,)`` bool, thinned to the foremost vertex of every step across the face."""
    members = line.nonzero()[:, 0]
    back_to_front = members[torch.argsort(depth[members])]
    steps = (outwards[back_to_front] / STEP_MM).long().tolist()
    kept = dict(zip(steps, back_to_front.tolist(), strict=True))  # the last of a step stays
    thinned = torch.zeros_like(line)
    thinned[list(kept.values())] = True
    return thinned
