"""Layers put over each other, and what remains visible of the face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .layer import Layer, Picture
from .picture_kernel import blend, lay_over

HIDES_LEAST = 0.004
"""Share of the face below which an occluder does not count as one."""

HAIR_HIDES_LEAST = 0.06
"""The same for hair, as a share of the face between brows and chin: hairlines hide foreheads of everybody."""


@dataclass(frozen=True, eq=False)
class Composition:
    """A finished picture.

    Attributes:
        picture: ``(S, S, 3)`` sRGB in [0, 1].
        visible_face: ``(S, S)`` share of each pixel that shows the face.
        face_region: ``(S, S)`` the same without anything in front.
        hiding: kinds of the layers that hide some of the face, nearest last.
    """

    picture: Picture
    visible_face: Picture
    face_region: Picture
    hiding: tuple[str, ...]


def compose(
    background: Picture,
    behind: Sequence[Layer],
    face_colour: Picture,
    face_cover: Picture,
    face_inside: Picture,
    hair: Sequence[Layer],
    occluders: Sequence[Layer],
    core: Picture,
) -> Composition:
    """Background, what is behind the face, the face, hair and occluders before it, from far to near.

    Args:
        background: ``(S, S, 3)``; painted over.
        behind: head, hair, neck and shoulders, farthest first.
        face_colour: ``(S, S, 3)``.
        face_cover: ``(S, S)``.
        face_inside: ``(S, S)`` how far inside its outer edge the face is: it fades into a head behind it.
        hair: beard, hair and headwear before the face, farthest first.
        occluders: everything else before the face, farthest first.
        core: ``(S, S)`` the face between brows and chin, where hair counts as an occluder.
    """
    picture = np.ascontiguousarray(background, np.float32)
    head = np.zeros_like(face_cover)
    for layer in behind:
        lay_over(picture, layer.colour, layer.cover, layer.shadow)
        head = np.maximum(head, layer.cover)
    fading = 1 - head * (1 - np.clip(face_inside * np.float32(1.25), 0, 1))
    blend(picture, face_colour, np.asarray(face_cover * fading, np.float32))
    visible = face_cover
    hiding = []
    for part, layers, least in ((core, hair, HAIR_HIDES_LEAST), (face_cover, occluders, HIDES_LEAST)):
        for layer in layers:
            lay_over(picture, layer.colour, layer.cover, layer.shadow)
            if layer.occludes:
                left = visible * (1 - layer.cover)
                if hidden_share(visible - left, part) > least:
                    hiding.append(layer.kind)
                visible = left
    return Composition(picture, visible, face_cover, tuple(hiding))


def hidden_share(hidden: Picture, part: Picture) -> float:
    """How much of a part of the picture ``hidden`` covers; both in [0, 1]."""
    return float((hidden * part).sum()) / max(float(part.sum()), 1.0)


def core_of(face_cover: Picture, landmarks_px: Picture) -> Picture:
    """The face inside the hull of its 68 landmarks, which leaves the forehead out."""
    import cv2

    mask = np.zeros(face_cover.shape, np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(landmarks_px).astype(np.int32)), 1)
    return face_cover * mask
