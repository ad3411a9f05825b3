"""Plain shapes over faces, batched on the device: more of what hides faces than was drawn, for nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..constants import constant
from .counter_random import uniform
from .framed_faces import FramedFaces
from .rods import fan_of_rods

SALT = 0x3C6EF372
"""Other draws than those of the augmentation."""

WALL = 3.0
"""Half sides of what hides a whole side of the view, in half views."""


@dataclass(frozen=True)
class RandomCover:
    """What is put over the photos: ellipses, boxes and half planes, filled with another part of the photo itself.

    Attributes:
        share: of the photos that get one.
        half_sides: least and greatest half sides, in half sides of the view.
        walls: share of the covers that hide everything on one side of a line.
        nearness: how far an edge of a half plane is from the view's middle at most, and how far the middle of another
            cover, in half sides of the view.
        softness: greatest width of the edge, in pixels.
        fans: share of the covers that are rods instead, one to five from one root, thick as fingers or sticks.
        camouflage: share of the covers in a colour of the face that they hide.
    """

    share: float = 0.35
    half_sides: tuple[float, float] = (0.12, 0.55)
    walls: float = 0.3
    nearness: float = 0.5
    softness: float = 2.0
    fans: float = 0.0
    camouflage: float = 0.0


def cover_faces(faces: FramedFaces, seeds: Tensor, ranges: RandomCover) -> FramedFaces:
    """The same faces, some behind a cover, which their masks know; a cover depends on its photo's seed alone."""
    if ranges.share <= 0:
        return faces
    draws, size = uniform(seeds ^ SALT, 16), faces.photo.shape[-1]
    hidden, filling = _shapes(draws, ranges, size), _fill(faces.photo, draws[:, 8:])
    own = uniform(seeds ^ (SALT + 1), 5)
    filling = torch.where(_pick(own[:, 0], ranges.camouflage), _own_colour(faces, own[:, 1:]), filling)
    if ranges.fans > 0:
        fan, relief = fan_of_rods(uniform(seeds ^ (SALT + 2), 16), size)
        chosen = _pick(own[:, 4], ranges.fans)
        hidden, filling = torch.where(chosen, fan, hidden), torch.where(chosen, filling * relief, filling)
    hidden = hidden * _pick(draws[:, 0], ranges.share)
    photo = torch.lerp(faces.photo, filling, hidden)
    visible = None if faces.visible_face is None else faces.visible_face * (1 - hidden)
    return replace(faces, photo=photo, visible_face=visible)


def _pick(draw: Tensor, share: float) -> Tensor:
    """``(B, 1, 1, 1)`` bool."""
    return (draw < share)[:, None, None, None]


def _shapes(draws: Tensor, ranges: RandomCover, size: int) -> Tensor:
    """``(B, 1, S, S)`` share of each pixel that is hidden: a superellipse, of power 2 or nearly a box."""
    low, high = ranges.half_sides
    wall = draws[:, 3:4] < ranges.walls
    sides = torch.where(wall, WALL, low + (high - low) * draws[:, 1:3])
    place = ranges.nearness * (2 * draws[:, 4:6] - 1)  # of its middle, along its own axes
    place = torch.where(wall, place[:, :1] + constant((WALL, 0.0), draws), place)
    angle = 2 * math.pi * draws[:, 6, None, None]
    line = (torch.arange(size, device=draws.device) + 0.5) * (2 / size) - 1
    along = angle.cos() * line + angle.sin() * line[:, None]
    across = angle.cos() * line[:, None] - angle.sin() * line
    power = torch.where(draws[:, 7, None, None] < 0.5, 2.0, 8.0)
    u = ((along - place[:, :1, None]) / sides[:, :1, None]).abs()
    v = ((across - place[:, 1:, None]) / sides[:, 1:, None]).abs()
    outside = (u.pow(power) + v.pow(power)).pow(1 / power) - 1
    pixels = outside * sides.amin(1)[:, None, None] * (size / 2)
    width = 0.3 + ranges.softness * draws[:, 8].square()[:, None, None]
    return (0.5 - pixels / width).clamp(0, 1)[:, None]


def _own_colour(faces: FramedFaces, draws: Tensor) -> Tensor:
    """``(B, 3, 1, 1)``: that of one of the inner landmarks, brighter or darker by a third at most."""
    count, size = len(faces.photo), faces.photo.shape[-1]
    each = torch.arange(count, device=draws.device)
    point = faces.landmarks[each, 17 + (51 * draws[:, 0]).long()].round().long().clamp(0, size - 1)
    colour = faces.photo[each, :, point[:, 1], point[:, 0]]
    return (colour * (0.7 + 0.6 * draws[:, 1:2])).clamp(0, 1)[:, :, None, None]


def _fill(photo: Tensor, draws: Tensor) -> Tensor:
    """Each photo upside down and moved around its edges, more or less like one colour."""
    size = photo.shape[-1]
    line = torch.arange(size, device=photo.device)
    rows = (size - 1 - line + (draws[:, 1:2] * size).long()) % size
    columns = (line + (draws[:, 2:3] * size).long()) % size
    each = torch.arange(len(photo), device=photo.device)[:, None, None]
    texture = photo.permute(0, 2, 3, 1)[each, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    plain = draws[:, 6:7].square()[:, :, None, None]
    return torch.lerp(texture, draws[:, 3:6, None, None].expand_as(texture), plain)
