"""The E-step on scenes with a known answer."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from focusfit.objectives.visible_face import visible_face
from focusfit.objectives.visible_face_config import VisibleFaceConfig

CONFIG = VisibleFaceConfig()
SIZE = 96


@pytest.fixture
def scene() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A shaded disc, and a photo of it with noise."""
    torch.manual_seed(0)
    y, x = torch.meshgrid(torch.linspace(-1, 1, SIZE), torch.linspace(-1, 1, SIZE), indexing="ij")
    region = (x**2 + y**2 < 0.8).float()[None, None]
    skin = torch.tensor([0.75, 0.55, 0.45])[None, :, None, None]
    rendering = skin * (0.9 + 0.2 * x) * region
    photo = (rendering + 0.02 * torch.randn(1, 3, SIZE, SIZE)).clamp(0, 1)
    return photo, rendering, region


def test_everything_visible(scene: tuple[torch.Tensor, torch.Tensor, torch.Tensor]) -> None:
    photo, rendering, region = scene
    visible = visible_face(photo, rendering, region, region, CONFIG)
    assert visible[region > 0].mean() > 0.98
    assert visible[region == 0].abs().max() == 0


@pytest.mark.parametrize("colour", [(0.1, 0.2, 0.6), (0.95, 0.95, 0.97), (0.35, 0.22, 0.18)])
def test_occluder_is_left_out(
    scene: tuple[torch.Tensor, torch.Tensor, torch.Tensor], colour: tuple[float, float, float]
) -> None:
    photo, rendering, region = scene
    photo = photo.clone()
    box = torch.zeros_like(region)
    box[..., 50:80, 30:66] = 1
    photo = torch.where(box > 0, torch.tensor(colour)[None, :, None, None], photo)
    visible = visible_face(photo, rendering, region, region, CONFIG) > 0.5
    occluder = (box * region) > 0
    hidden = ~visible & (region > 0)
    assert (hidden & occluder).sum() / (hidden | occluder).sum() > 0.93


def test_faces_of_a_batch_do_not_meet(scene: tuple[torch.Tensor, torch.Tensor, torch.Tensor]) -> None:
    photo, rendering, region = scene
    other = photo.flip(1)
    alone = visible_face(photo, rendering, region, region, CONFIG)
    both = visible_face(
        torch.cat([photo, other]),
        rendering.repeat(2, 1, 1, 1),
        region.repeat(2, 1, 1, 1),
        region.repeat(2, 1, 1, 1),
        CONFIG,
    )
    assert torch.allclose(alone, both[:1], atol=1e-5)


def test_known_misfit_is_no_occluder(scene: tuple[torch.Tensor, torch.Tensor, torch.Tensor]) -> None:
    photo, rendering, region = scene
    photo, misfit = photo.clone(), torch.zeros(1, 2, SIZE, SIZE)
    brow = torch.zeros_like(region)
    brow[..., 30:38, 30:66] = 1
    photo = torch.where(brow > 0, photo * 0.35, photo)
    unaware = visible_face(photo, rendering, region, region * 0.9, CONFIG)
    misfit[:, 0, 28:40, 28:68] = 0.4
    aware = visible_face(photo, rendering, region, region * 0.9, CONFIG, misfit)
    assert unaware[brow > 0].mean() < 0.1
    assert aware[brow > 0].mean() > 0.9
    ignored = visible_face(photo, rendering, region, region * 0.9, replace(CONFIG, misfit=0.0), misfit)
    torch.testing.assert_close(ignored, unaware)
