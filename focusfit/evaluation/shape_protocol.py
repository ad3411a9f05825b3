"""How far a true face is from a predicted one: align, refine, measure from scan to mesh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from .alignment import Similarity, best_similarity
from .point_to_triangle import Surface

Points = NDArray[np.float64]

Refinement = Callable[[Similarity, Points, Surface], Similarity]
"""From the similarity (prediction to truth) of the seven points, and the true points, to a better one."""


@dataclass(frozen=True)
class ShapeProtocol:
    """Which true points are measured and how the prediction is laid on them.

    Attributes:
        centre_height: where the measured ball is centred between nose base (0) and bridge of the nose (1).
        refine: improves the similarity of the seven points.
    """

    centre_height: float
    refine: Refinement

    def measured(self, points: Points, landmarks7: Points) -> NDArray[np.bool_]:
        """``(P,)``: within 0.7 x (distance of the outer eye corners + height of the nose) of the centre.

        Args:
            points: ``(P, 3)`` mm.
            landmarks7: ``(7, 3)`` mm in NoW's order: right eye outer, inner, left eye inner, outer, nose base, mouth
                corners.
        """
        bridge = (landmarks7[1] + landmarks7[2]) / 2
        centre = landmarks7[4] + self.centre_height * (bridge - landmarks7[4])
        eyes, nose = np.linalg.norm(landmarks7[0] - landmarks7[3]), np.linalg.norm(bridge - landmarks7[4])
        return np.linalg.norm(points - centre, axis=1) < 0.7 * (eyes + nose)

    def distances(
        self, points: Points, landmarks7: Points, surface: Surface, predicted7: Points
    ) -> NDArray[np.float64]:
        """Distance in mm of every measured true point to the predicted surface.

        Args:
            points: ``(P, 3)`` true points, mm.
            landmarks7: ``(7, 3)`` their seven landmarks.
            surface: the predicted neutral face, in any unit and pose.
            predicted7: ``(7, 3)`` its seven landmarks.
        """
        inside = points[self.measured(points, landmarks7)]
        similarity = self.refine(best_similarity(predicted7, landmarks7), inside, surface)
        return surface.nearest(similarity.undo(inside)).distance * similarity.scale


def trimmed_closest_points(start: Similarity, points: Points, surface: Surface) -> Similarity:
    """Fifteen rounds of: nearest surface points of every third true point, then the best similarity to them.

    Pairs farther apart than three times the median (in the prediction's unit) are left out, so that ears and neck
    that a prediction lacks do not pull it (P. J. Besl and N. D. McKay, "A method for registration of 3-D shapes",
    1992, with trimming).
    """
    similarity, sample = start, points[::3]
    for _ in range(15):
        nearest = surface.nearest(similarity.undo(sample))
        kept = nearest.distance < 3 * np.median(nearest.distance) + 1e-9
        similarity = best_similarity(nearest.point[kept], sample[kept])
    return similarity


def least_squared_distances(start: Similarity, points: Points, surface: Surface) -> Similarity:
    """The similarity with the least sum of squared distances of all points to the surface.

    Levenberg-Marquardt over scale, rotation and translation, first for every sixteenth point, then for all.
    """
    for sample in (points[::16], points) if len(points) > 4000 else (points,):
        start = _Distances(start, sample, surface).minimized()
    return start


class _Distances:
    """Distances as a function of seven numbers on top of a similarity: log scale, rotation vector, translation."""

    def __init__(self, start: Similarity, points: Points, surface: Surface) -> None:
        self.start, self.points, self.surface = start, points, surface
        self.centre = points.mean(0)
        self.middle = start.undo(self.centre[None])[0]

    def minimized(self) -> Similarity:
        scale = [0.01, 0.01, 0.01, 0.01, 1, 1, 1]
        found = least_squares(self.distances, np.zeros(7), self.derivatives, method="lm", x_scale=scale)
        return self.similarity(found.x)

    def similarity(self, x: NDArray[np.float64]) -> Similarity:
        rotation = Rotation.from_rotvec(x[1:4]).as_matrix() @ self.start.rotation
        scale = self.start.scale * float(np.exp(x[0]))
        return Similarity(scale, rotation, self.centre + x[4:] - scale * rotation @ self.middle)

    def distances(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = self.similarity(x)
        self.nearest_at, self.nearest = x.copy(), self.surface.nearest(moved.undo(self.points))
        return self.nearest.distance * moved.scale

    def derivatives(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(P, 7)``: a distance changes as its foot on the surface moves along the line between them."""
        if not np.array_equal(x, self.nearest_at):
            self.distances(x)
        foot = self.similarity(x).apply(self.nearest.point)
        away = foot - self.points
        away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-12)
        arm = foot - (self.centre + x[4:])
        # A step dx of the rotation vector turns by (left Jacobian at x) @ dx.
        turns = np.cross(arm, away) @ _left_jacobian(x[1:4])
        return np.column_stack([np.sum(away * arm, axis=1), turns, away])


def _left_jacobian(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """The left Jacobian of the rotation group at a rotation vector."""
    angle = float(np.linalg.norm(vector))
    x, y, z = vector
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    if angle < 1e-6:
        return np.eye(3) + cross / 2
    return np.eye(3) + (1 - np.cos(angle)) / angle**2 * cross + (angle - np.sin(angle)) / angle**3 * cross @ cross


SCAN_PROTOCOL = ShapeProtocol(0.0, trimmed_closest_points)
"""Rendered scans: a ball about the nose base, refined by trimmed closest points."""

NOW_PROTOCOL = ShapeProtocol(0.3, least_squared_distances)
"""The NoW benchmark, non-metrical (S. Sanyal et al., CVPR 2019): a ball a little above the nose base, all points."""
