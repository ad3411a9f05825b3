"""Faces as the networks see them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import Tensor


@dataclass(frozen=True, eq=False)
class FramedFaces:
    """A batch as the networks see it, S x S pixels.

    Attributes:
        names: of the items.
        photo: ``(B, 3, S, S)`` RGB in [0, 1].
        landmarks: ``(B, 68, 2)`` pixels.
        inside: ``(B, 1, S, S)`` 1 where there is photo, 0 where its border is repeated.
        visible_face: ``(B, 1, S, S)`` in [0, 1], or None; only where ``mask_known``.
        face_region: ``(B, 1, S, S)`` likewise.
        mask_known: ``(B,)`` bool.
        rendering: ``(B, 3, S, S)`` in [0, 1], or None.
        label: ``(B, 1, S, S)`` in [0, 1], or None.
        neutral: ``(B, V, 3)`` mm, or None; only where ``shape_known``, and not in a mirrored face.
        shape_known: ``(B,)`` bool.
        surface_points: ``(B, K, 2)`` pixels, or None; only where ``surface_known``, and not in a mirrored face.
        coefficients: ``(B, N)`` as in the batch, the light turned with the photo, or None; likewise.
        surface_known: ``(B,)`` bool.
    """

    names: tuple[str, ...]
    photo: Tensor
    landmarks: Tensor
    inside: Tensor
    visible_face: Tensor | None
    face_region: Tensor | None
    mask_known: Tensor
    rendering: Tensor | None
    label: Tensor | None
    neutral: Tensor | None
    shape_known: Tensor
    surface_points: Tensor | None
    coefficients: Tensor | None
    surface_known: Tensor

    def __len__(self) -> int:
        return len(self.names)

    def with_photo(self, photo: Tensor) -> FramedFaces:
        """The same faces in other colours."""
        return replace(self, photo=photo)
