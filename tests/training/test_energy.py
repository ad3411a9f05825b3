"""What fit and mask leave unexplained, without knowing the truth."""

from __future__ import annotations

import pytest
import torch

from focusfit.objectives.visible_face_config import VisibleFaceConfig
from focusfit.training.stages.energy import photo_energy

CONFIG = VisibleFaceConfig()


@pytest.fixture(scope="module")
def covered():
    """Two faces, a third of each under a board of another colour."""
    generator = torch.Generator().manual_seed(0)
    rendering = torch.full((2, 3, 48, 48), 0.6) * torch.tensor([1.0, 0.8, 0.7])[:, None, None]
    hidden = torch.zeros(2, 1, 48, 48)
    hidden[..., 30:, :] = 1
    board = torch.tensor([0.1, 0.3, 0.8])[:, None, None]
    photo = torch.lerp(rendering, board.expand_as(rendering), hidden)
    photo = photo + 0.01 * torch.randn(photo.shape, generator=generator)
    region = torch.ones(2, 1, 48, 48)
    region[..., :4] = 0
    return photo, rendering, region, hidden


def energy(covered, visible, rendering=None):
    photo, fitted, region, _ = covered
    logits = torch.logit(visible.clamp(0.02, 0.98))
    nothing = torch.zeros(2, 2, 48, 48)
    return photo_energy(photo, fitted if rendering is None else rendering, region, logits, nothing, CONFIG)


def test_the_right_mask_has_the_least_energy(covered):
    hidden = covered[3]
    right = energy(covered, 1 - hidden)
    for wrong in (hidden, torch.ones_like(hidden), torch.zeros_like(hidden), torch.full_like(hidden, 0.5)):
        assert (energy(covered, wrong) > right + 0.1).all()


def test_the_better_rendering_has_less_energy_under_one_mask(covered):
    visible = 1 - covered[3]
    worse = covered[1] * torch.tensor([1.0, 1.2, 1.0])[:, None, None]
    assert (energy(covered, visible, worse) > energy(covered, visible) + 0.1).all()


def test_what_is_outside_the_region_says_nothing(covered):
    photo, rendering, region, hidden = covered
    elsewhere = torch.where(region > 0, photo, torch.rand_like(photo))
    changed = (elsewhere, rendering, region, hidden)
    torch.testing.assert_close(energy(changed, 1 - hidden), energy(covered, 1 - hidden))
    empty = (photo, rendering, torch.zeros_like(region), hidden)
    assert (energy(empty, 1 - hidden) == 0).all()
