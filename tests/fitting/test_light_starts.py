"""Starts of light and albedo."""

from __future__ import annotations

import pytest
import torch

from focusfit.fitting.config import FitConfig
from focusfit.fitting.first_light import start_light
from focusfit.fitting.light_starts import colour_parts, face_parts, skin_plausibility
from focusfit.imaging.renderer import render_coefficients
from tests.fitting.rendered_faces import RenderedFaces, render_faces


def test_the_first_part_is_all_and_others_are_less(open_model, surface):
    parts = face_parts(open_model.shape_mean[None], surface)[0]
    assert parts[0].all()
    assert all(0 < part.sum() < parts.shape[1] for part in parts[1:])


def test_every_vertex_near_the_eyes_or_mouth_can_be_left_out(open_model, surface):
    eyes = open_model.landmarks["ibug68"].of(open_model.shape_mean)[[39, 57]]
    parts = face_parts(eyes[None], surface)[0]
    assert (~parts).any(dim=0).all()


def test_two_colours_fall_into_two_parts():
    random = torch.Generator().manual_seed(0)
    hand = torch.arange(200) % 3 == 0
    colour = torch.where(hand[:, None], torch.tensor([0.2, 0.3, 0.7]), torch.tensor([0.8, 0.6, 0.5]))
    colour = colour + 0.02 * torch.randn(200, 3, generator=random)
    weight = (torch.arange(200) < 180).float()
    parts = colour_parts(colour[None], weight[None])[0]
    assert not parts[:, 180:].any()
    seen = weight.bool()
    assert torch.equal(parts[0], hand & seen) or torch.equal(parts[1], hand & seen)
    assert torch.equal(parts[0] | parts[1], seen)


@pytest.mark.parametrize("skin", [(0.85, 0.65, 0.55), (0.45, 0.3, 0.22)])
@pytest.mark.parametrize("other", [(0.3, 0.5, 0.8), (0.3, 0.6, 0.3), (0.02, 0.02, 0.02)])
def test_skin_is_more_plausible_than_other_things(skin, other):
    assert skin_plausibility(torch.tensor(other)) < skin_plausibility(torch.tensor(skin)) <= 0


@torch.no_grad()
def mismatch(faces: RenderedFaces, surface, start) -> torch.Tensor:
    """``(B,)`` mean colour error at visible pixels after the start of light, under the true geometry."""
    c = start_light(faces.problem, surface, start, FitConfig())
    image = render_coefficients(surface.model, c, faces.problem.camera).image
    off = (image - faces.problem.photo).abs().mean(1, keepdim=True)
    return (off * faces.visible).sum((1, 2, 3)) / faces.visible.sum((1, 2, 3))


@pytest.mark.parametrize("covered", [False, True])
def test_light_is_found_also_beside_an_occluder(covered, open_model, surface):
    faces = render_faces(open_model, 2, FitConfig(), covered=covered)
    neutral = open_model.neutral_coefficients(2)
    start = faces.truth.replace(albedo=neutral.albedo, light=neutral.light)
    assert mismatch(faces, surface, start).max() < 0.06
