"""Layers put over each other, and what remains visible of the face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .layer import Layer, Picture

HIDES_LEAST = 0.002
"""Share of the face below which an occluder does not count as one."""


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
    before: Sequence[Layer],
) -> Composition:
    """Background, what is behind the face, the face, what is before it, from far to near.

    Args:
        background: ``(S, S, 3)``; painted over.
        behind: head, hair, neck and shoulders, farthest first.
        face_colour: ``(S, S, 3)``.
        face_cover: ``(S, S)``.
        face_inside: ``(S, S)`` how far inside its outer edge the face is: it fades into a head behind it.
        before: hair and occluders before the face, farthest first.
    """
    picture = background
    head = np.zeros_like(face_cover)
    for layer in behind:
        picture = _over(picture, layer)
        head = np.maximum(head, layer.cover)
    fading = 1 - head * (1 - np.clip(face_inside * np.float32(1.25), 0, 1))
    picture = _blend(picture, face_colour, face_cover * fading)
    visible = face_cover
    hiding = []
    area = max(float(face_cover.sum()), 1.0)
    for layer in before:
        picture = _over(picture, layer)
        if layer.occludes:
            left = visible * (1 - layer.cover)
            if float((visible - left).sum()) > HIDES_LEAST * area:
                hiding.append(layer.kind)
            visible = left
    return Composition(picture, visible, face_cover, tuple(hiding))


def _over(picture: Picture, layer: Layer) -> Picture:
    return _blend(picture * layer.shadow[..., None], layer.colour, layer.cover)


def _blend(picture: Picture, colour: Picture, opacity: NDArray) -> Picture:
    return np.asarray(picture + opacity[..., None] * (colour - picture), np.float32)
