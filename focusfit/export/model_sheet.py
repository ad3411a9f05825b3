"""A face model at a glance: the mean, the leading modes, and random faces in random light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from ..facemodel.coefficients import FaceCoefficients
from ..facemodel.morphable import MorphableModel
from .portrait import PAPER, portrait

TILE = 160
COLUMNS = 8
CAPTION = 20
MODE_STRENGTH = 2.0
"""Standard deviations at which modes are shown."""

RANDOM_FACES = 32
EXPRESSION_SPREAD = 0.6
"""Random faces have milder expressions than the model's prior allows."""

INK = (40, 40, 40)


@dataclass(frozen=True)
class _Row:
    title: str
    faces: FaceCoefficients


def model_sheet(model: MorphableModel, seed: int = 0, random_faces: int = RANDOM_FACES) -> NDArray[np.uint8]:
    """Draw the sheet.

    Args:
        model: any face model.
        seed: of the random faces; the same seed draws the same sheet.
        random_faces: how many.

    Returns:
        ``(H, W, 3)`` sRGB.
    """
    rows = [_Row("mean face", _mean_views(model))]
    for field, label in (("identity", "shape"), ("expression", "expression"), ("albedo", "colour")):
        for sign in (-1, 1):
            title = f"{label}: modes 1 to {COLUMNS} at {sign * MODE_STRENGTH:+.0f} standard deviations"
            rows.append(_Row(title, _modes(model, field, sign * MODE_STRENGTH)))
    rows.append(_Row(f"random faces, seed {seed}", _random(model, random_faces, seed)))
    return np.concatenate([_draw_row(model, row) for row in rows])


def _mean_views(model: MorphableModel) -> FaceCoefficients:
    """The mean face turned from profile to profile, and from below and above."""
    faces = model.neutral_coefficients(COLUMNS)
    yaw = torch.tensor([-75.0, -50, -25, 0, 25, 50, 0, 0])
    pitch = torch.tensor([0.0, 0, 0, 0, 0, 0, -25, 25])
    rotation = torch.stack([torch.deg2rad(pitch), torch.deg2rad(yaw), torch.zeros(COLUMNS)], dim=1)
    return faces.replace(rotation=rotation, light=_soft_light(COLUMNS))


def _modes(model: MorphableModel, field: str, strength: float) -> FaceCoefficients:
    faces = model.neutral_coefficients(COLUMNS)
    values = getattr(faces, field).clone()
    count = min(COLUMNS, values.shape[1])
    values[range(count), range(count)] = strength
    rotation = torch.zeros(COLUMNS, 3)
    rotation[:, 1] = 0.0 if field == "albedo" else 0.35
    return faces.replace(**{field: values}, rotation=rotation, light=_soft_light(COLUMNS))


def _soft_light(count: int) -> Tensor:
    """White light, mostly from the front and a little from above."""
    light = torch.zeros(count, 3, 9)
    light[:, :, 0], light[:, :, 1], light[:, :, 2] = 2.3, -0.25, 0.75
    return light


def _random(model: MorphableModel, count: int, seed: int) -> FaceCoefficients:
    """Faces from the model's prior, turned at random, under one coloured key light each."""
    chance = torch.Generator().manual_seed(seed)
    faces = model.neutral_coefficients(count)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=chance)

    spread, ahead = torch.tensor([0.8, 0.5, 0.3]), torch.tensor([0.0, 0.2, 1.0])
    direction = torch.nn.functional.normalize(normal(count, 3) * spread + ahead, dim=1)
    strength = 0.55 + 0.35 * torch.rand(count, 1, generator=chance)
    colour = 1 + 0.03 * normal(count, 3)
    light = torch.zeros(count, 3, 9)
    light[:, :, 0] = 2.45 * colour
    for band, axis, sign in ((1, 1, -1), (2, 2, 1), (3, 0, -1)):
        light[:, :, band] = sign * strength * direction[:, axis, None] * colour.flip(1)
    turn = normal(count, 3) * torch.tensor([0.12, 0.40, 0.06])
    return faces.replace(
        identity=normal(count, faces.identity.shape[1]),
        expression=EXPRESSION_SPREAD * normal(count, faces.expression.shape[1]),
        albedo=normal(count, faces.albedo.shape[1]),
        rotation=turn,
        light=light,
    )


def _draw_row(model: MorphableModel, row: _Row) -> NDArray[np.uint8]:
    tiles = [portrait(model, row.faces[i], TILE) for i in range(row.faces.batch_size)]
    lines = [np.concatenate(tiles[i : i + COLUMNS], axis=1) for i in range(0, len(tiles), COLUMNS)]
    width = COLUMNS * TILE
    blank = np.full((TILE, width, 3), PAPER, dtype=np.uint8)
    lines = [np.concatenate([line, blank[:, : width - line.shape[1]]], axis=1) for line in lines]
    caption = Image.new("RGB", (width, CAPTION), PAPER)
    ImageDraw.Draw(caption).text((6, 4), row.title, fill=INK, font=ImageFont.load_default())
    return np.concatenate([np.asarray(caption), *lines])
