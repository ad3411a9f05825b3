"""What holds for every term: shape, independence of photos, where gradients go and that they are right."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from focusfit.facemodel.coefficients import FaceCoefficients
from focusfit.objectives.registry import ENCODER_TERMS, SEGMENTER_TERMS, TERMS, Ingredients, weighted_terms
from tests.objectives.ingredients import make_ingredients, rows

MOVES = {
    "likelihood": {"rendering", "photo"},
    "masked_pixel": {"rendering", "photo", "mask"},
    "visible_pixel": {"rendering", "photo"},
    "identity": {"rendering_embedding", "photo_embedding"},
    "masked_identity": {"rendering_visible_embedding", "photo_visible_embedding"},
    "landmark": {"projected_landmarks", "landmarks"},
    "visible_landmark": {"projected_landmarks", "landmarks"},
    "regulariser": {"coefficients"},
    "prior": {"coefficients"},
    "encoder_area": {"mask"},
    "fitted_identity": {"coefficients"},
    "fitted_expression": {"coefficients"},
    "fitted_rotation": {"coefficients"},
    "true_identity": {"coefficients", "true_coefficients"},
    "true_expression": {"coefficients", "true_coefficients"},
    "true_albedo": {"coefficients", "true_coefficients"},
    "true_neutral": {"neutral_vertices", "true_neutral_vertices"},
    "true_vertices_mm": {"posed_vertices", "true_posed_vertices"},
    "true_vertices_px": {"projected_vertices", "true_projected_vertices"},
    "true_landmarks_mm": {"posed_landmarks", "true_posed_landmarks"},
    "true_landmarks_px": {"projected_landmarks", "true_landmarks"},
    "neighbour": {"rendering", "photo", "mask"},
    "distance": {"masked_rendering_shallow", "masked_photo_shallow"},
    "preserve": {"photo_shallow", "masked_photo_shallow"},
    "area": {"mask"},
    "binary": {"mask"},
    "labels": {"logits", "pseudo_labels"},
    "teacher": {"logits"},
    "true_mask": {"logits"},
    "dice": {"logits"},
    "teacher_dice": {"logits"},
}
"""Ingredients that a term has a gradient to. Never to a posterior, a truth mask, a visibility or a known misfit.
The region has none to give: the renderer's is a constant."""


def _leaves(value: Any) -> list[Tensor]:
    if isinstance(value, FaceCoefficients):
        return [tensor for _, tensor in value.items()]
    return [value] if isinstance(value, Tensor) and value.is_floating_point() else []


def test_every_term_has_an_expectation():
    assert set(MOVES) == set(TERMS)
    assert not set(ENCODER_TERMS) & set(SEGMENTER_TERMS)


@pytest.mark.parametrize("name", TERMS)
def test_one_finite_loss_a_photo(name):
    loss = TERMS[name].of(make_ingredients())
    assert loss.shape == (3,)
    assert torch.isfinite(loss).all()
    assert loss.abs().max() > 0


@pytest.mark.parametrize("name", sorted(set(TERMS) - {"masked_pixel"}))
def test_a_photos_loss_does_not_depend_on_the_batch(name):
    whole = make_ingredients()
    together = TERMS[name].of(whole)
    alone = torch.cat([TERMS[name].of(rows(whole, slice(i, i + 1))) for i in range(3)])
    assert torch.allclose(together, alone, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", TERMS)
def test_gradients_go_where_they_should_and_nowhere_else(name):
    ingredients = make_ingredients()
    for key in ingredients.keys() - {"region"}:
        for leaf in _leaves(ingredients[key]):
            leaf.requires_grad_()
    TERMS[name].of(ingredients).sum().backward()
    moved = {
        key
        for key, value in ingredients.items()
        if any(leaf.grad is not None and leaf.grad.abs().max() > 0 for leaf in _leaves(value))
    }
    assert moved == MOVES[name]


@pytest.mark.parametrize("name", TERMS)
def test_gradients_are_right(name):
    ingredients = make_ingredients(batch=2, size=7)
    keys = sorted(MOVES[name])
    if name == "visible_pixel":  # without misfit the axes, which are constants to it, do not matter
        ingredients["misfit"] = torch.zeros_like(ingredients["misfit"])
    leaves = [leaf.requires_grad_() for key in keys for leaf in _leaves(ingredients[key])]
    assert torch.autograd.gradcheck(_through(name, ingredients, keys), leaves, fast_mode=name == "neighbour")


def _through(name: str, ingredients: dict[str, Any], keys: list[str]):
    """The term as a function of the tensors in ``keys``, in that order."""

    def function(*values: Tensor) -> Tensor:
        given, remaining = dict(ingredients), list(values)
        for key in keys:
            if isinstance(given[key], FaceCoefficients):
                names = FaceCoefficients.names()
                given[key] = FaceCoefficients(**{field: remaining.pop(0) for field in names})
            else:
                given[key] = remaining.pop(0)
        return TERMS[name].of(given)

    return function


@pytest.mark.parametrize("name", TERMS)
def test_finite_gradients_at_a_perfect_fit_and_at_nothing(name):
    ingredients = make_ingredients(batch=2)
    for estimated, true in (
        ("rendering", "photo"),
        ("projected_landmarks", "landmarks"),
        ("posed_vertices", "true_posed_vertices"),
        ("masked_rendering_shallow", "masked_photo_shallow"),
    ):
        ingredients[estimated] = ingredients[true].clone()
    ingredients["region"] = torch.zeros_like(ingredients["region"])
    leaves = [leaf.requires_grad_() for key in MOVES[name] for leaf in _leaves(ingredients[key])]
    loss = TERMS[name].of(ingredients)
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert all(leaf.grad is None or torch.isfinite(leaf.grad).all() for leaf in leaves)


def test_weights_multiply_and_zero_leaves_a_term_out():
    ingredients = make_ingredients()
    losses = weighted_terms({"area": 0.5, "binary": 10.0, "neighbour": 0.0, "landmark": 5e-4}, ingredients)
    assert set(losses) == {"area", "binary", "landmark"}
    assert torch.equal(losses["binary"], 10.0 * TERMS["binary"].of(ingredients))
    assert set(weighted_terms({"area": 0.5, "landmark": 5e-4}, ingredients, "segmenter")) == {"area"}


def test_ingredients_are_made_once_and_only_when_asked_for():
    made = []
    values = make_ingredients()
    ingredients = Ingredients({key: lambda key=key: made.append(key) or values[key] for key in values})
    assert "photo" in ingredients
    assert "nonsense" not in ingredients
    weighted_terms({"area": 1.0, "binary": 1.0, "identity": 0.0}, ingredients)
    assert sorted(made) == ["mask", "region"]


def test_a_stage_that_lacks_an_ingredient_is_told_which():
    with pytest.raises(KeyError, match=r"'area' needs mask"):
        weighted_terms({"area": 1.0}, {"region": None})
    with pytest.raises(KeyError, match=r"no term is called 'areas'"):
        weighted_terms({"areas": 1.0}, {})
