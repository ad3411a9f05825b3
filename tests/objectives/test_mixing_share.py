"""Evidence that leans to one side as a whole keeps its order and loses its leaning."""

from __future__ import annotations

import pytest
import torch

from focusfit.objectives.mixing_share import rebalanced


@pytest.fixture(scope="module")
def scene():
    """Prior and evidence of three photos; evidence leans to "visible" by two."""
    generator = torch.Generator().manual_seed(0)
    prior = 2 * torch.randn(3, 1, 20, 20, generator=generator) - 0.5
    evidence = torch.randn(3, 1, 20, 20, generator=generator) + 2
    evidence[0] += 1
    region = torch.ones(3, 1, 20, 20)
    region[..., :5] = 0
    return prior, prior + evidence, region


def share(log_odds, region):
    return float((region * torch.sigmoid(log_odds)).sum() / region.sum())


def test_the_prior_s_share_is_kept_over_all_photos_together(scene):
    prior, log_odds, region = scene
    assert share(log_odds, region) > share(prior, region) + 0.15
    whole = rebalanced(log_odds, prior, region, 1.0)
    assert share(whole, region) == pytest.approx(share(prior, region), abs=2e-3)
    # one photo may have more than its prior, and another less
    assert share(whole[:1], region[:1]) > share(prior[:1], region[:1]) + 0.03
    moved = whole - log_odds
    torch.testing.assert_close(moved, moved.mean().expand_as(moved))
    half = rebalanced(log_odds, prior, region, 0.5)
    torch.testing.assert_close(half, 0.5 * (whole + log_odds))


def test_without_balance_nothing_moves(scene):
    prior, log_odds, region = scene
    assert rebalanced(log_odds, prior, region, 0.0) is log_odds


def test_what_is_outside_the_region_has_no_say(scene):
    prior, log_odds, region = scene
    inside = region > 0
    other = rebalanced(torch.where(inside, log_odds, -9.0), torch.where(inside, prior, 9.0), region, 1.0)
    torch.testing.assert_close(other[inside], rebalanced(log_odds, prior, region, 1.0)[inside])
    nowhere = torch.zeros_like(region)
    assert torch.isfinite(rebalanced(log_odds, prior, nowhere, 1.0)).all()
