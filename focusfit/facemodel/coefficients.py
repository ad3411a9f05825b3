"""The named unknowns of a fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

LIGHT_BANDS = 9
"""Number of spherical harmonics up to second order."""


@dataclass(frozen=True)
class FaceCoefficients:
    """A batch of faces, pose and light as named tensors.

    Attributes:
        identity: ``(B, Ki)`` shape of the person, in standard deviations.
        expression: ``(B, Ke)`` facial expression, in standard deviations.
        albedo: ``(B, Ka)`` skin colour, in standard deviations.
        rotation: ``(B, 3)`` axis-angle in radians, model frame to the viewer's frame (both x to the image's right
            for a frontal face, y up, z towards the viewer); zero is a frontal face.
        translation: ``(B, 3)`` mm in the camera frame (x right, y down, z away from the camera).
        light: ``(B, 3, 9)`` spherical-harmonics coefficients, one row per colour channel.
    """

    identity: Tensor
    expression: Tensor
    albedo: Tensor
    rotation: Tensor
    translation: Tensor
    light: Tensor

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Field names in packing order."""
        return tuple(f.name for f in fields(cls))

    def items(self) -> Iterator[tuple[str, Tensor]]:
        """Pairs of field name and tensor, in packing order."""
        return ((name, getattr(self, name)) for name in self.names())

    @property
    def batch_size(self) -> int:
        """B."""
        return int(self.identity.shape[0])

    def pack(self) -> Tensor:
        """``(B, N)``: all fields flattened and concatenated in field order."""
        return torch.cat([value.flatten(1) for _, value in self.items()], dim=1)

    def unpack(self, packed: Tensor) -> FaceCoefficients:
        """The inverse of :meth:`pack`, with this object's shapes (any batch size)."""
        widths = [value[0].numel() for _, value in self.items()]
        if packed.ndim != 2 or packed.shape[1] != sum(widths):
            raise ValueError(f"packed coefficients are {tuple(packed.shape)}, expected (B, {sum(widths)})")
        parts = torch.split(packed, widths, dim=1)
        named = zip(self.items(), parts, strict=True)
        return FaceCoefficients(**{name: part.reshape(-1, *value.shape[1:]) for (name, value), part in named})

    def map(self, function) -> FaceCoefficients:  # type: ignore[no-untyped-def]
        """Apply ``function(tensor) -> tensor`` to every field."""
        return FaceCoefficients(**{name: function(value) for name, value in self.items()})

    def to(self, *args, **kwargs) -> FaceCoefficients:  # type: ignore[no-untyped-def]
        """Like :meth:`torch.Tensor.to`, for every field."""
        return self.map(lambda value: value.to(*args, **kwargs))

    def detach(self) -> FaceCoefficients:
        """Every field cut from the graph."""
        return self.map(torch.Tensor.detach)

    def __getitem__(self, index: int | slice | Tensor) -> FaceCoefficients:
        """Faces of the batch; an int keeps a batch of one."""
        chosen = slice(index, index + 1 or None) if isinstance(index, int) else index
        return self.map(lambda value: value[chosen])

    def replace(self, **changes: Tensor) -> FaceCoefficients:
        """A copy with some fields changed."""
        return replace(self, **changes)

    @staticmethod
    def cat(batches: list[FaceCoefficients]) -> FaceCoefficients:
        """Several batches as one."""
        return FaceCoefficients(
            **{name: torch.cat([getattr(b, name) for b in batches]) for name in FaceCoefficients.names()}
        )
