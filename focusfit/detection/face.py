"""What a detector says about one face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .photo import Photo

FIVE_POINT_GROUPS = ((36, 39), (42, 45), (30,), (48,), (54,))
"""iBUG-68 indices whose means are the five points: eye centres, nose tip, mouth corners (image left first)."""


@dataclass(frozen=True, eq=False)
class LandmarkSet:
    """Points of one scheme in photo pixels (centres at integers, y down).

    Attributes:
        scheme: name of the scheme, as in ``MorphableModel.landmarks``: ``ibug68``, ``facemesh468`` or ``five``.
        points: ``(L, 2)`` float64 x, y.
        confidence: ``(L,)`` in [0, 1].
    """

    scheme: str
    points: NDArray[np.float64]
    confidence: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DetectedFace:
    """One face of a photo.

    Attributes:
        box: x0, y0, x1, y1 in photo pixels.
        score: detector's confidence in [0, 1].
        landmarks: by scheme name; ``ibug68`` or ``five`` at least.
        source: which detector, for the provenance record.
    """

    box: tuple[float, float, float, float]
    score: float
    landmarks: Mapping[str, LandmarkSet] = field(default_factory=dict)
    source: str = ""

    @property
    def area(self) -> float:
        """Box area in square pixels; faces are ordered by it."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])


class FaceDetector(Protocol):
    """Finds faces and their landmarks."""

    name: str

    def detect(self, photo: Photo) -> list[DetectedFace]:
        """All faces, largest first; an empty list where there is none."""
        ...
