"""Faces turned, scaled and moved to where recognisers expect them."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ...constants import constant
from .recogniser import SIDE

TEMPLATE = ((38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041))
"""Pixels x, y of eye centres, nose tip and mouth corners (image left first) in an aligned face of 112 x 112."""

FIVE_OF_68 = (slice(36, 40, 3), slice(42, 46, 3), slice(30, 31), slice(48, 49), slice(54, 55))
"""iBUG landmarks whose means are those five points."""

NASION, CHIN, MIDDLE_OF_LIPS = slice(27, 28), slice(8, 9), slice(51, 58, 6)
"""iBUG landmarks: the root of the nose, the chin, and points whose mean is the middle of the lips."""


def five_points(landmarks: Tensor) -> Tensor:
    """Landmarks ``(B, 68, 2)`` or ``(B, 5, 2)`` to ``(B, 5, 2)``; see :func:`on_the_outline`."""
    if landmarks.ndim != 3 or landmarks.shape[1] not in (5, 68) or landmarks.shape[2] != 2:
        raise ValueError(f"landmarks are {tuple(landmarks.shape)}, expected (B, 68, 2) or (B, 5, 2)")
    if landmarks.shape[1] == 5:
        return landmarks
    return on_the_outline(torch.stack([landmarks[:, group].mean(1) for group in FIVE_OF_68], dim=1), landmarks)


def on_the_outline(five: Tensor, landmarks: Tensor) -> Tensor:
    """Five points without what is turned away: it is moved across the face to the outline.

    Seen from the side, the far eye lies behind the root of the nose and the far corner of the mouth behind the lips.
    A face model knows where, and so do landmarks that are projected from three dimensions. Detectors, by whose answers
    the faces were aligned that recognisers are trained on, mark the outline instead. Up to some 50 degrees of yaw
    nothing is moved.

    Args:
        five: ``(B, 5, 2)`` eye centres, nose tip and mouth corners, image left first.
        landmarks: ``(B, 68, 2)`` iBUG.

    Returns:
        ``(B, 5, 2)``.
    """
    nasion, chin, lips = (landmarks[:, group].mean(1) for group in (NASION, CHIN, MIDDLE_OF_LIPS))
    down = functional.normalize(chin - nasion, dim=1)
    right = torch.stack([down[:, 1], -down[:, 0]], dim=1)[:, None]
    outline = torch.stack([nasion, nasion, five[:, 2], lips, lips], dim=1)
    side = constant((-1.0, 1.0, 0.0, -1.0, 1.0), five)[:, None]
    beyond = side * ((five - outline) * right).sum(2, keepdim=True)  # negative where a point is past the outline
    return five - side * beyond.clamp(max=0) * right


def similarity(source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The rotation, scale and shift that take points nearest to others, in the sense of least squares.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns" (1991). In the plane it
    has a closed form: with centred points as complex numbers p and q, turn and scale are
    ``sum(conj(p) q) / sum(|p|^2)``.

    Args:
        source: ``(B, N, 2)``.
        target: ``(B, N, 2)`` or ``(N, 2)``.

    Returns:
        ``(B, 2, 2)`` matrix and ``(B, 2)`` shift: ``target ~ source @ matrix.T + shift``.
    """
    source_centre, target_centre = source.mean(-2), target.mean(-2)
    p = source - source_centre[..., None, :]
    q = target - target_centre[..., None, :]
    size = (p * p).sum((-2, -1)).clamp_min(1e-12)
    real = (p * q).sum((-2, -1)) / size
    imaginary = (p[..., 0] * q[..., 1] - p[..., 1] * q[..., 0]).sum(-1) / size
    matrix = torch.stack([real, -imaginary, imaginary, real], dim=-1).unflatten(-1, (2, 2))
    return matrix, target_centre - (matrix @ source_centre[..., None])[..., 0]


def align_faces(images: Tensor, landmarks: Tensor, size: int = SIDE) -> Tensor:
    """Faces as recognisers are trained to see them, for the whole batch at once.

    The same pixels as insightface's ``norm_crop``: bilinear, pixel centres at integers, black outside the image.
    Gradients flow to the images, and to the landmarks where those ask for them; detach them if the points shall not be
    moved by what the recogniser says.

    Args:
        images: ``(B, 3, H, W)``.
        landmarks: ``(B, 68, 2)`` iBUG, or ``(B, 5, 2)``, x, y in pixels of the images.
        size: side of the result in pixels.

    Returns:
        ``(B, 3, size, size)``.
    """
    points = five_points(landmarks).to(images)
    template = constant(TEMPLATE, images) * (size / SIDE)
    matrix, shift = similarity(points, template)
    # the inverse of a similarity is its transpose over its squared scale
    back = matrix.transpose(1, 2) / matrix[:, 0].square().sum(1).clamp_min(1e-12)[:, None, None]
    # from pixels to grid_sample's places, which are -1 and 1 in the middle of the outermost pixels
    back = back * (2 / constant((images.shape[3] - 1, images.shape[2] - 1), images))[:, None]
    wanted = torch.arange(size, device=images.device, dtype=images.dtype)[:, None] - shift[:, None]
    by_x = wanted[:, None, :, :1] * back[:, None, None, :, 0] - 1
    by_y = wanted[:, :, None, 1:] * back[:, None, None, :, 1]
    places = by_x + by_y
    return functional.grid_sample(images, places, mode="bilinear", padding_mode="zeros", align_corners=True)
