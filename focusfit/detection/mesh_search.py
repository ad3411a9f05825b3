"""From rough boxes to a face mesh, and how far each of its points is to be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .facemesh import LEFT_EYE, RIGHT_EYE, FaceFrame, FaceMesh, FaceMeshAnswer, frame_of_mesh, mean_mesh
from .facemesh_scheme import MIRROR
from .yunet import FaceBox

PROBE_MARGINS = (1.3, 1.6, 1.9)
"""First squares around a box: a covered face often gets a box of the wrong size."""

TRACKING_ROUNDS = 2
"""Looks at the square around the last mesh. More of them creep away from what a cover hides."""

JITTER = (
    # right, down, enlarge, turn, weight in the mean
    (0.0, 0.0, 1.0, 0.0, 1.0),
    (0.04, 0.0, 1.05, 0.06, 1.0),
    (-0.04, 0.0, 0.95, -0.06, 1.0),
    (0.0, 0.04, 1.05, 0.0, 1.0),
    (0.0, -0.04, 0.95, 0.0, 1.0),
    (0.0, 0.0, 0.8, 0.0, 0.1),
    (0.0, 0.0, 1.2, 0.0, 0.1),
)
"""Final looks. The last two are for the disagreement: points under a cover move with the scale."""

LEAST_ERROR, ERROR_PER_SPREAD, CLEAR_ERROR = 0.02, 1.55, 0.025
"""Root mean square error of a point, as a share of the face's size, measured on faces with known points:
``hypot(LEAST_ERROR, ERROR_PER_SPREAD * spread)``, where spread is the disagreement of the looks. `CLEAR_ERROR` is that
of a plainly visible point."""


@dataclass(frozen=True, eq=False)
class MeshFinding:
    """The mesh of one face.

    Attributes:
        mesh: ``(468, 3)`` photo pixels, z of the same scale, smaller towards the viewer.
        confidence: ``(468,)`` in [0, 1].
        presence: probability that a face is there, the best of all looks.
        steady_presence: the same, mean of the final looks.
    """

    mesh: NDArray[np.float64]
    confidence: NDArray[np.float64]
    presence: float
    steady_presence: float


def find_mesh(network: FaceMesh, rgb: NDArray[np.uint8], boxes: list[FaceBox]) -> MeshFinding:
    """Look at a face from all its boxes, follow the mesh, and average slightly different looks at it.

    Every other look is at the mirror image. The weight of a look is the square of its presence.
    """
    probes = [frame_of_box(box, margin) for box in boxes for margin in PROBE_MARGINS]
    answers = [network.look(rgb, frame, mirrored=k % 2 == 0) for k, frame in enumerate(probes)]
    presence = max(answer.presence for answer in answers)
    mesh = mean_mesh(answers, _trust(answers))
    for k in range(TRACKING_ROUNDS):
        mesh = network.look(rgb, frame_of_mesh(mesh), mirrored=k % 2 == 1).mesh
    frame = frame_of_mesh(mesh)
    answers = [network.look(rgb, frame.shifted(*change), mirrored=k % 2 == 1) for k, (*change, _) in enumerate(JITTER)]
    weights = _trust(answers)
    mesh = mean_mesh(answers, weights * [weight for *_, weight in JITTER])
    final = [answer.presence for answer in answers]
    confidence = _confidence(mesh, answers, weights) * max(final)
    return MeshFinding(mesh, confidence, max(presence, *final), float(np.mean(final)))


def frame_of_box(found: FaceBox, margin: float) -> FaceFrame:
    """The square ``margin`` times as large as the box, turned so that the eyes are level."""
    right, left = found.five[0], found.five[1]
    roll = float(np.arctan2(left[1] - right[1], left[0] - right[0]))
    x, y = (found.box[:2] + found.box[2:]) / 2
    side = margin * max(float((found.box[2:] - found.box[:2]).max()), 1.0)
    return FaceFrame((float(x), float(y)), side, roll)


def _trust(answers: list[FaceMeshAnswer]) -> NDArray[np.float64]:
    return np.array([answer.presence for answer in answers]) ** 2 + 1e-6


def _confidence(
    mesh: NDArray[np.float64], answers: list[FaceMeshAnswer], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Precision of each point relative to a plainly visible one, from the disagreement of the looks."""
    square = np.stack([((answer.mesh - mesh)[:, :2] ** 2).sum(1) for answer in answers])
    size = max(float(np.prod(np.ptp(mesh[:, :2], axis=0))), 1e-6)
    spread_square = weights @ square / weights.sum() / size
    error_square = LEAST_ERROR**2 + ERROR_PER_SPREAD**2 * spread_square
    return np.minimum(1.0, CLEAR_ERROR**2 / error_square) * _facing(mesh)


def _facing(mesh: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 where the surface looks at the viewer, falling to 0.2 on the side that the head itself hides.

    The surface's direction at a point is taken as that from a point inside the head.
    """
    right_to_left = (mesh - mesh[MIRROR])[LEFT_EYE]
    across = right_to_left / max(float(np.linalg.norm(right_to_left)), 1e-6)
    down = mesh[152] - mesh[10]
    down = down / max(float(np.linalg.norm(down)), 1e-6)
    inwards = np.cross(across, down)
    inside = (mesh[RIGHT_EYE] + mesh[LEFT_EYE]) / 2 + 0.6 * np.linalg.norm(right_to_left) * inwards
    outwards = mesh - inside
    # Only the turn about the vertical axis hides points; those above and below keep theirs.
    outwards = outwards - (outwards @ down)[:, None] * down
    towards_viewer = -outwards[:, 2] / np.maximum(np.linalg.norm(outwards, axis=1), 1e-6)
    return np.clip(0.6 + 2 * towards_viewer, 0.2, 1.0)
