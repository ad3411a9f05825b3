"""From canvases to what the networks see: a plain middle part, or one moved at random, all of a batch at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..constants import index_constant
from ..facemodel.coefficients import LIGHT_BANDS
from ..imaging.light import turned
from .counter_random import uniform
from .face_batch import FaceBatch
from .framed_faces import FramedFaces

IBUG68_MIRRORED = (
    *range(16, -1, -1),
    *range(26, 16, -1),
    *range(27, 31),
    *range(35, 30, -1),
    *(45, 44, 43, 42, 47, 46),
    *(39, 38, 37, 36, 41, 40),
    *range(54, 47, -1),
    *range(59, 54, -1),
    *range(64, 59, -1),
    *range(67, 64, -1),
)
"""Which of the 68 points each becomes in a mirror."""


@dataclass(frozen=True)
class Augmentation:
    """Ranges of uniform draws; the defaults are the reference's.

    Attributes:
        shift: most displacement along each axis, as a share of the view's side.
        scale: least and greatest magnification.
        rotation: most rotation in degrees, either way.
        flip: probability of being mirrored.
    """

    shift: float = 10 / 224
    scale: tuple[float, float] = (0.9, 1.1)
    rotation: float = 10.0
    flip: float = 0.5


def frame_middle(batch: FaceBatch, size: int) -> FramedFaces:
    """The middle of each canvas, pixel by pixel as it is stored."""
    margin = _margin(batch, size)
    window = slice(margin, margin + size)
    cut = lambda t: None if t is None else t[..., window, window].float() / 255  # noqa: E731
    grid = torch.arange(size, device=batch.photo.device, dtype=torch.float32) + margin
    x, y = grid.expand(len(batch), size, size), grid[:, None].expand(len(batch), size, size)
    photo = cut(batch.photo)
    assert photo is not None
    return FramedFaces(
        names=batch.names,
        photo=photo.contiguous(),
        landmarks=batch.landmarks - margin,
        inside=_inside(x, y, batch.bounds),
        visible_face=cut(batch.visible_face),
        face_region=cut(batch.face_region),
        mask_known=batch.mask_known,
        rendering=cut(batch.rendering),
        label=cut(batch.label),
        neutral=batch.neutral,
        shape_known=batch.shape_known,
        surface_points=None if batch.surface_points is None else batch.surface_points - margin,
        coefficients=batch.coefficients,
        surface_known=batch.surface_known,
    )


def augment(batch: FaceBatch, size: int, ranges: Augmentation) -> FramedFaces:
    """Each face moved, magnified, turned and perhaps mirrored about its canvas's centre, on the batch's device.

    The draws depend on the look's seed alone: not on the batch it is in, nor on the process that has it. Photo and
    masks are sampled together and alike (bilinear), landmarks move with them.
    """
    margin = _margin(batch, size)
    moves = _draw(batch, ranges, size)
    centre = (size - 1) / 2
    # view = forward (canvas - middle) + centre + shift
    mirrored = batch.landmarks[:, index_constant(IBUG68_MIRRORED, batch.landmarks.device)]
    landmarks = moves.of(torch.where(moves.flipped[:, None, None], mirrored, batch.landmarks), margin, centre)
    canvas_x, canvas_y = _canvas_positions(moves, size, margin)
    layers = _Layers(batch)
    step = 2 / batch.canvas
    grid = torch.stack([(canvas_x + 0.5) * step - 1, (canvas_y + 0.5) * step - 1], dim=-1)
    sampled = F.grid_sample(layers.stacked(), grid, mode="bilinear", padding_mode="border", align_corners=False)
    parts = layers.split(sampled)
    return FramedFaces(
        names=batch.names,
        photo=parts["photo"],
        landmarks=landmarks,
        inside=_inside(canvas_x, canvas_y, batch.bounds),
        visible_face=parts.get("visible_face"),
        face_region=parts.get("face_region"),
        mask_known=batch.mask_known,
        rendering=parts.get("rendering"),
        label=parts.get("label"),
        neutral=batch.neutral,
        shape_known=batch.shape_known & ~moves.flipped,
        surface_points=None if batch.surface_points is None else moves.of(batch.surface_points, margin, centre),
        coefficients=None if batch.coefficients is None else _turned_light(batch.coefficients, moves.angle),
        surface_known=batch.surface_known & ~moves.flipped,
    )


@dataclass(frozen=True, eq=False)
class _Moves:
    """``forward (B, 2, 2)``, its inverse ``backward``, ``shift (B, 2)`` view pixels, ``angle`` and ``flipped (B,)``."""

    forward: Tensor
    backward: Tensor
    shift: Tensor
    angle: Tensor
    flipped: Tensor

    def of(self, points: Tensor, margin: int, centre: float) -> Tensor:
        """Canvas points ``(B, N, 2)`` in the view."""
        moved = torch.einsum("bij,bnj->bni", self.forward, points - (margin + centre))
        return moved + (centre + self.shift)[:, None]


def _draw(batch: FaceBatch, ranges: Augmentation, size: int) -> _Moves:
    draws = uniform(batch.seed, 5)
    between = lambda column, low, high: low + (high - low) * draws[:, column]  # noqa: E731
    reach = ranges.shift * size
    shift = torch.stack([between(0, -reach, reach), between(1, -reach, reach)], dim=1)
    scale = between(2, *ranges.scale)
    angle = between(3, -ranges.rotation, ranges.rotation) * (math.pi / 180)
    flipped = draws[:, 4] < ranges.flip
    sign = 1 - 2 * flipped.float()
    cos, sin = angle.cos(), angle.sin()
    forward = scale[:, None, None] * torch.stack([cos * sign, -sin, sin * sign, cos], dim=1).view(-1, 2, 2)
    backward = torch.stack([cos * sign, sin * sign, -sin, cos], dim=1).view(-1, 2, 2) / scale[:, None, None]
    return _Moves(forward, backward, shift, angle, flipped)


def _turned_light(coefficients: Tensor, angle: Tensor) -> Tensor:
    """Coefficients of faces that were turned clockwise by ``angle``: their last ones are light."""
    others, light = coefficients[:, : -3 * LIGHT_BANDS], coefficients[:, -3 * LIGHT_BANDS :]
    light = turned(light.unflatten(1, (3, LIGHT_BANDS)), -angle).flatten(1)
    return torch.cat([others, light], dim=1)


def _canvas_positions(moves: _Moves, size: int, margin: int) -> tuple[Tensor, Tensor]:
    """``(B, S, S)`` x and y on the canvas of every pixel of the view."""
    centre = (size - 1) / 2
    grid = torch.arange(size, device=moves.shift.device, dtype=torch.float32) - centre
    x = grid[None, None, :] - moves.shift[:, 0, None, None]
    y = grid[None, :, None] - moves.shift[:, 1, None, None]
    a, b, c, d = (moves.backward[:, i, j, None, None] for i in range(2) for j in range(2))
    return a * x + b * y + (centre + margin), c * x + d * y + (centre + margin)


def _inside(x: Tensor, y: Tensor, bounds: Tensor) -> Tensor:
    x0, y0, x1, y1 = (bounds[:, k, None, None] for k in range(4))
    return ((x >= x0 - 0.5) & (x <= x1 + 0.5) & (y >= y0 - 0.5) & (y <= y1 + 0.5)).float()[:, None]


def _margin(batch: FaceBatch, size: int) -> int:
    margin, odd = divmod(batch.canvas - size, 2)
    if margin < 0 or odd:
        raise ValueError(f"a view of {size} pixels has no place in the middle of a canvas of {batch.canvas}")
    return margin


_PICTURES = ("photo", "visible_face", "face_region", "rendering", "label")


class _Layers:
    """The pictures of a batch as channels of one float picture, and back."""

    def __init__(self, batch: FaceBatch) -> None:
        named = {name: getattr(batch, name) for name in _PICTURES}
        self._held = {name: layer for name, layer in named.items() if layer is not None}

    def stacked(self) -> Tensor:
        return torch.cat([layer.float() for layer in self._held.values()], dim=1).contiguous().div_(255)

    def split(self, sampled: Tensor) -> dict[str, Tensor]:
        widths = [layer.shape[1] for layer in self._held.values()]
        return dict(zip(self._held, sampled.split(widths, dim=1), strict=True))
