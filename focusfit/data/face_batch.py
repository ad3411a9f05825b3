"""What a data set gives a training stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

CANVAS_MARGIN = 0.15
"""Room that a canvas has on each side of the network's view, as a share of the view's side: what is moved, turned
and shrunk by augmentation still shows photo and not border."""


def canvas_margin(size: int) -> int:
    """Pixels on each side of a view of ``size`` pixels."""
    return round(CANVAS_MARGIN * size)


@dataclass(frozen=True, eq=False)
class FaceItem:
    """One face on its canvas: a crop somewhat larger than what the networks see; C x C pixels.

    Attributes:
        name: unique in its data set; a photo's file name with its folders.
        seed: of this look at the face, for its augmentation, in [0, 2**63).
        photo: ``(C, C, 3)`` uint8 RGB.
        landmarks: ``(68, 2)`` float32 iBUG points in canvas pixels.
        bounds: ``(4,)`` float32 x0, y0, x1, y1: the photo's outer pixel centres on the canvas; beyond, its border is
            repeated.
        visible_face: ``(C, C)`` uint8, 255 where the face is seen; None where nobody knows.
        face_region: ``(C, C)`` uint8, 255 where the face would be seen without anything in front of it, or None.
        rendering: ``(C, C, 3)`` uint8 of a fitted face, black outside it, or None.
        label: ``(C, C)`` uint8, 255 where a pseudo label says that the face is seen, or None.
        neutral: ``(V, 3)`` float32 mm, the true face without expression, or None.
        surface_points: ``(K, 2)`` float32, where points of the true surface project, hidden ones too, or None.
        coefficients: ``(N,)`` float32, true ones, packed as the data set says, or None.
    """

    name: str
    seed: int
    photo: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    bounds: NDArray[np.float32]
    visible_face: NDArray[np.uint8] | None = None
    face_region: NDArray[np.uint8] | None = None
    rendering: NDArray[np.uint8] | None = None
    label: NDArray[np.uint8] | None = None
    neutral: NDArray[np.float32] | None = None
    surface_points: NDArray[np.float32] | None = None
    coefficients: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class FaceBatch:
    """Items of one batch; pictures are uint8, as they are stored, so that little is moved to the device.

    What only some items know is there for all, with a flag for each; what no item knows is None.

    Attributes:
        names: of the items.
        seed: ``(B,)`` int64, of each look.
        photo: ``(B, 3, C, C)`` uint8 RGB.
        landmarks: ``(B, 68, 2)`` float32, canvas pixels.
        bounds: ``(B, 4)`` float32, as in :class:`FaceItem`.
        visible_face: ``(B, 1, C, C)`` uint8.
        face_region: ``(B, 1, C, C)`` uint8.
        mask_known: ``(B,)`` bool: the two masks are true ones.
        rendering: ``(B, 3, C, C)`` uint8.
        label: ``(B, 1, C, C)`` uint8.
        neutral: ``(B, V, 3)`` float32 mm.
        shape_known: ``(B,)`` bool: ``neutral`` is a true one.
        surface_points: ``(B, K, 2)`` float32, canvas pixels.
        coefficients: ``(B, N)`` float32.
        surface_known: ``(B,)`` bool: the last two are true ones.
    """

    names: tuple[str, ...]
    seed: Tensor
    photo: Tensor
    landmarks: Tensor
    bounds: Tensor
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

    @property
    def canvas(self) -> int:
        """C."""
        return int(self.photo.shape[-1])

    def to(self, device: torch.device | str) -> FaceBatch:
        """The same batch on another device, without waiting for a GPU to be done with what it does."""
        waits = torch.device(device).type == "cpu"  # numbers that have not arrived yet must not be looked at
        return self._map(lambda tensor: tensor.to(device, non_blocking=not waits))

    def pin_memory(self) -> FaceBatch:
        """The same batch in memory from which copies to a GPU need not wait; torch's data loader calls it."""
        return self._map(lambda tensor: tensor.pin_memory())

    def _map(self, function: Any) -> FaceBatch:
        held = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(self, **{name: function(value) for name, value in held.items() if isinstance(value, Tensor)})


def collate(items: Sequence[FaceItem]) -> FaceBatch:
    """Stack items of one canvas size."""
    masks = [item.visible_face for item in items]
    return FaceBatch(
        names=tuple(item.name for item in items),
        seed=torch.tensor([item.seed for item in items]),
        photo=_pictures([item.photo for item in items]),
        landmarks=torch.from_numpy(np.stack([item.landmarks for item in items])),
        bounds=torch.from_numpy(np.stack([item.bounds for item in items])),
        visible_face=_stack(masks, lambda mask: mask[None]),
        face_region=_stack([item.face_region for item in items], lambda mask: mask[None]),
        mask_known=torch.tensor([mask is not None for mask in masks]),
        rendering=_stack([item.rendering for item in items], lambda image: image.transpose(2, 0, 1)),
        label=_stack([item.label for item in items], lambda mask: mask[None]),
        neutral=_stack([item.neutral for item in items], lambda vertices: vertices),
        shape_known=torch.tensor([item.neutral is not None for item in items]),
        surface_points=_stack([item.surface_points for item in items], lambda points: points),
        coefficients=_stack([item.coefficients for item in items], lambda values: values),
        surface_known=torch.tensor([_knows_surface(item) for item in items]),
    )


def _knows_surface(item: FaceItem) -> bool:
    return item.surface_points is not None or item.coefficients is not None


def _pictures(pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
    # channels_last in memory: a view of what was stored, not a transposition
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)


def _stack(arrays: Sequence[NDArray[Any] | None], arrange: Any) -> Tensor | None:
    """Zeros for what is missing; None if all is."""
    known = next((array for array in arrays if array is not None), None)
    if known is None:
        return None
    filled = [arrange(np.zeros_like(known) if array is None else array) for array in arrays]
    return torch.from_numpy(np.stack(filled))
