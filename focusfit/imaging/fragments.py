"""What a rasterizer answers."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

NEAR = 1.0
"""Triangles with a corner nearer than this to the camera plane (mm), or behind it, are not drawn."""

MIN_AREA = 1e-8
"""Triangles that cover less than half this area (square pixels) are not drawn: they have no stable inside."""

MAX_PIXEL = 1e7
"""Triangles with a corner projected further out than this (pixels), or to no finite place, are not drawn."""


@dataclass(frozen=True, eq=False)
class Fragments:
    """The nearest front-facing triangle at every pixel centre; carries no gradient.

    Barycentric weights are recomputed from it, differentiably, by :func:`focusfit.imaging.barycentrics`.

    Attributes:
        face_index: ``(B, H, W)`` int32 row of ``triangles``, -1 where nothing is drawn.
        depth: ``(B, H, W)`` mm along the camera's axis, infinite where nothing is drawn.
    """

    face_index: Tensor
    depth: Tensor

    @property
    def region(self) -> Tensor:
        """``(B, H, W)`` bool, where something is drawn."""
        return self.face_index >= 0
