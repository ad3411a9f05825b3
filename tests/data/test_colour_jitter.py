from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from focusfit.data.colour_jitter import ColourJitter, jitter_colours

STILL = ColourJitter(exposure=0, cast=0, gamma=0, saturation=(1, 1), grey=0, blur=0, noise=0)


def photos() -> torch.Tensor:
    return torch.rand(6, 3, 24, 24, generator=torch.Generator().manual_seed(1))


def test_nothing_to_change_changes_nothing() -> None:
    torch.testing.assert_close(jitter_colours(photos(), torch.arange(6), STILL), photos(), atol=1e-4, rtol=0)


def test_a_photos_change_depends_on_its_seed_alone() -> None:
    seeds = torch.arange(6)
    together = jitter_colours(photos(), seeds, ColourJitter())
    alone = jitter_colours(photos()[2:3], seeds[2:3], ColourJitter())
    torch.testing.assert_close(together[2:3], alone)
    assert not torch.equal(together[2], jitter_colours(photos()[2:3], seeds[3:4], ColourJitter())[0])
    assert together.min() >= 0
    assert together.max() <= 1


def test_grey_photos_are_grey() -> None:
    grey = jitter_colours(photos(), torch.arange(6), ColourJitter(grey=1, noise=0))
    torch.testing.assert_close(grey[:, 0], grey[:, 1])


def test_blur_lowers_contrast_and_keeps_the_mean() -> None:
    blurred = jitter_colours(photos(), torch.arange(6), replace(STILL, blur=3.0))
    moved = (blurred - photos()).abs().amax((1, 2, 3)) > 1e-3
    assert 0 < moved.sum() < 6  # every third, more or less
    assert (blurred[moved].std((2, 3)) < photos()[moved].std((2, 3))).all()
    torch.testing.assert_close(blurred.mean((2, 3)), photos().mean((2, 3)), atol=0.03, rtol=0)


def test_shade_darkens_one_side_of_a_line() -> None:
    even = torch.full((32, 3, 24, 24), 0.3)
    shaded = jitter_colours(even, torch.arange(32), replace(STILL, shade=0.8))[:, 0] / 0.3
    assert (shaded >= np.exp(-0.8) - 1e-3).all()
    assert (shaded <= np.exp(0.8) + 1e-3).all()
    low, high = shaded.flatten(1).amin(1), shaded.flatten(1).amax(1)
    assert (high / low).median() > 1.2
    # along the line nothing changes: a picture's gradient has one direction
    by_row, by_column = (torch.gradient(shaded, dim=dim)[0].flatten(1) for dim in (1, 2))
    cross = (by_row * by_column).sum(1).square() / (by_row.square().sum(1) * by_column.square().sum(1))
    assert cross.median() > 0.99
