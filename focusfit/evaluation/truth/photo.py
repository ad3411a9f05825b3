"""What is known to be true about one photo, whatever layout it was read from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...detection.photo_list import PHOTO_SUFFIXES
from ..shape_protocol import ShapeProtocol


@dataclass(frozen=True, eq=False)
class TrueShape:
    """A face's true surface, without expression where predictions are neutral faces.

    Attributes:
        points: ``(P, 3)`` mm, those that may be measured.
        landmarks7: ``(7, 3)`` mm, NoW's points.
        protocol: how a prediction is compared with it.
    """

    points: NDArray[np.float64]
    landmarks7: NDArray[np.float64]
    protocol: ShapeProtocol


@dataclass(frozen=True, eq=False)
class TruePhoto:
    """One photo's ground truth; what a layout does not hold is None.

    Attributes:
        name: the photo's file name, with folders where names repeat.
        groups: names of the groups it belongs to, such as ``occluded`` or ``yaw_lt40``.
        occluded: something hides a part of the face.
        visible: mask file, white where skin or eyes are seen.
        face: mask file, white where the face would be seen without the occluder.
        cover: mask file, white where an occluder was painted.
        landmarks: ``(68, 2)`` iBUG points in photo pixels, centres at integers, hidden ones included.
        shape: reads the true surface.
        person: who it is, for comparisons between photos.
        coefficients: file that may hold the true ``identity (Ki,)`` and ``expression (Ke,)``.
    """

    name: str
    groups: tuple[str, ...] = ()
    occluded: bool | None = None
    visible: Path | None = None
    face: Path | None = None
    cover: Path | None = None
    landmarks: NDArray[np.float64] | None = None
    shape: Callable[[], TrueShape] | None = None
    person: str | None = None
    coefficients: Path | None = None


def photo_groups(occluder: str | None, yaw_deg: float | None) -> tuple[str, ...]:
    """Groups by occluder and by yaw, below and from 40 degrees, and both together.

    ``occluder`` is ``none`` for a bare face; ``hand+mask`` belongs to the groups of both.
    """
    yaw = [] if yaw_deg is None or not np.isfinite(yaw_deg) else ["yaw_lt40" if abs(yaw_deg) < 40 else "yaw_ge40"]
    if occluder is None:
        return tuple(yaw)
    state = "clean" if occluder == "none" else "occluded"
    return (*yaw, state, *(f"{state},{name}" for name in yaw), *(f"occluder:{kind}" for kind in occluder.split("+")))


def existing(path: Path) -> Path | None:
    """The path if there is such a file."""
    return path if path.is_file() else None


def photos_by_stem(folder: Path) -> dict[str, Path]:
    """The photos of a folder by their names without extension."""
    return {path.stem: path for path in sorted(folder.iterdir()) if path.suffix.lower() in PHOTO_SUFFIXES}
