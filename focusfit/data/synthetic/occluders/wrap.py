"""Cloth around a face: the surface that something pulled over nose, cheeks and chin would take."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..posed_face import PosedFace
from .drawing import Array, Mesh
from .sheet import sheet_mesh

AXIS_Z = -60.0
"""Where (mm, face's frame) the upright axis stands that cloth is wound around."""

WIDEST = np.deg2rad(100.0)
"""Angle from the front that is covered on either side."""

TOP, BOTTOM = 125.0, -165.0
"""Heights (mm) that are covered."""

ROWS, COLUMNS = 100, 56


@dataclass(frozen=True, eq=False)
class Wrap:
    """Distance of cloth from the axis, over height and angle.

    Attributes:
        radius: ``(ROWS, COLUMNS)`` mm; rows from :data:`TOP` to :data:`BOTTOM`, columns from the subject's right.
    """

    radius: Array

    @classmethod
    def around(cls, face: PosedFace, tension: int = 7) -> Wrap:
        """Cloth over a face; ``tension`` is how far (grid cells) it bridges hollows."""
        angle, height, radius = cylindrical(face.vertices)
        row = np.clip(np.rint((TOP - height) / (TOP - BOTTOM) * (ROWS - 1)), 0, ROWS - 1).astype(int)
        column = np.clip(np.rint((angle / WIDEST + 1) / 2 * (COLUMNS - 1)), 0, COLUMNS - 1).astype(int)
        lowest: Array = np.zeros((ROWS, COLUMNS), np.float32)
        np.maximum.at(lowest, (row, column), radius.astype(np.float32))
        lowest = cv2.dilate(lowest, np.ones((3, 3)))
        for r in range(ROWS // 2, ROWS):  # below the jaw, cloth hangs and narrows towards the neck
            above = lowest[r - 1]
            lowest[r] = np.maximum(lowest[r], above - 0.12 * np.maximum(above - 58, 0))
        bridged = cv2.morphologyEx(lowest, cv2.MORPH_CLOSE, np.ones((tension, tension)))
        smooth = cv2.GaussianBlur(bridged, (0, 0), 1.6, borderType=cv2.BORDER_REPLICATE)
        return cls(np.maximum(smooth, lowest - 0.5))

    def mesh(
        self, face: PosedFace, offset: Array | float, texture_shape: tuple[int, ...], rows: slice = slice(None)
    ) -> Mesh:
        """The cloth as a mesh, spanned by a whole texture.

        Args:
            face: that it is around.
            offset: mm further out, one for all or ``(ROWS, COLUMNS)``.
            texture_shape: height and width of the texture.
            rows: those that are drawn at all.
        """
        heights, angles = np.linspace(TOP, BOTTOM, ROWS), np.linspace(-WIDEST, WIDEST, COLUMNS)
        height, angle = np.meshgrid(heights, angles, indexing="ij")
        radius = self.radius + offset
        own = np.stack([radius * np.sin(angle), height, AXIS_Z + radius * np.cos(angle)], axis=-1)
        return sheet_mesh(face, own, texture_shape, rows=rows)


def rows_within(outline: Array, texture_shape: tuple[int, ...]) -> slice:
    """The rows that a drawing inside ``outline (P, 2)`` on a texture needs."""
    low, high = outline[:, 1].min(), outline[:, 1].max()
    scale = (ROWS - 1) / (texture_shape[0] - 1)
    return slice(max(int(low * scale) - 1, 0), min(int(high * scale) + 3, ROWS))


def cylindrical(points: Array) -> tuple[Array, Array, Array]:
    """Angle (radians, positive to the subject's left), height and radius of ``points (..., 3)``."""
    across, ahead = points[..., 0], points[..., 2] - AXIS_Z
    return np.arctan2(across, ahead), points[..., 1], np.hypot(across, ahead)


def on_texture(points: Array, texture_shape: tuple[int, ...]) -> Array:
    """``(..., 2)`` x, y on a wrap's texture of ``points (..., 3)`` of the face's frame."""
    angle, height, _ = cylindrical(points)
    x = (angle / WIDEST + 1) / 2 * (texture_shape[1] - 1)
    y = (TOP - height) / (TOP - BOTTOM) * (texture_shape[0] - 1)
    return np.stack([x, y], axis=-1)
