"""All terms by name, what each needs, and their weighted sum.

A term is a function from ingredients to ``(B,)`` losses, one a photo; its parameters' names are the ingredients'.
Every term's weight is a field of its name in the training configuration.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from torch import Tensor

from .landmark_fit import fitted_expression, fitted_identity, fitted_rotation
from .landmarks import landmark, visible_landmark
from .likelihood import likelihood
from .mask_area import area, binary
from .mask_labels import dice, labels, teacher, teacher_dice, true_mask
from .neighbours import neighbour
from .pixels import masked_pixel, visible_pixel
from .recognition import distance, identity, masked_identity, preserve
from .regulariser import prior, regulariser
from .truth import (
    true_albedo,
    true_expression,
    true_identity,
    true_landmarks_mm,
    true_landmarks_px,
    true_neutral,
    true_vertices_mm,
    true_vertices_px,
)

Network = Literal["encoder", "segmenter"]


@dataclass(frozen=True)
class Term:
    """One term of a training energy.

    Attributes:
        function: ingredients to losses ``(B,)``.
        trains: the network whose steps it belongs to.
    """

    function: Callable[..., Tensor]
    trains: Network

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of its ingredients."""
        return tuple(inspect.signature(self.function).parameters)

    def of(self, ingredients: Mapping[str, Any]) -> Tensor:
        """Losses ``(B,)``."""
        return self.function(**{name: ingredients[name] for name in self.needs})


ENCODER_TERMS: Mapping[str, Term] = MappingProxyType(
    {
        "likelihood": Term(likelihood, "encoder"),
        "masked_pixel": Term(masked_pixel, "encoder"),
        "visible_pixel": Term(visible_pixel, "encoder"),
        "identity": Term(identity, "encoder"),
        "masked_identity": Term(masked_identity, "encoder"),
        "landmark": Term(landmark, "encoder"),
        "visible_landmark": Term(visible_landmark, "encoder"),
        "fitted_identity": Term(fitted_identity, "encoder"),
        "fitted_expression": Term(fitted_expression, "encoder"),
        "fitted_rotation": Term(fitted_rotation, "encoder"),
        "regulariser": Term(regulariser, "encoder"),
        "prior": Term(prior, "encoder"),
        "encoder_area": Term(area, "encoder"),
        "true_identity": Term(true_identity, "encoder"),
        "true_expression": Term(true_expression, "encoder"),
        "true_albedo": Term(true_albedo, "encoder"),
        "true_neutral": Term(true_neutral, "encoder"),
        "true_vertices_mm": Term(true_vertices_mm, "encoder"),
        "true_vertices_px": Term(true_vertices_px, "encoder"),
        "true_landmarks_mm": Term(true_landmarks_mm, "encoder"),
        "true_landmarks_px": Term(true_landmarks_px, "encoder"),
    }
)
"""Terms that move the fit."""

SEGMENTER_TERMS: Mapping[str, Term] = MappingProxyType(
    {
        "neighbour": Term(neighbour, "segmenter"),
        "distance": Term(distance, "segmenter"),
        "preserve": Term(preserve, "segmenter"),
        "area": Term(area, "segmenter"),
        "binary": Term(binary, "segmenter"),
        "labels": Term(labels, "segmenter"),
        "teacher": Term(teacher, "segmenter"),
        "true_mask": Term(true_mask, "segmenter"),
        "dice": Term(dice, "segmenter"),
        "teacher_dice": Term(teacher_dice, "segmenter"),
    }
)
"""Terms that move the mask."""

TERMS: Mapping[str, Term] = MappingProxyType({**ENCODER_TERMS, **SEGMENTER_TERMS})


class Ingredients(Mapping[str, Any]):
    """What terms are made from, each computed when a term first asks for it and then kept.

    So a recogniser runs only where a term with some weight wants its features.

    Args:
        makers: by name, functions without arguments.
    """

    def __init__(self, makers: Mapping[str, Callable[[], Any]]) -> None:
        self._makers = makers
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._makers  # Mapping's own would compute it

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def weighted_terms(
    weights: Mapping[str, float], ingredients: Mapping[str, Any], trains: Network | None = None
) -> dict[str, Tensor]:
    """Every term with a weight, times that weight; terms of weight 0 are not computed.

    Args:
        weights: by term name, any of :data:`TERMS`.
        ingredients: what terms need, by name.
        trains: only terms of this network; all of them without.

    Returns:
        By term name ``(B,)``; the loss of a batch is the sum of their means.

    Raises:
        KeyError: no such term, or an ingredient that a term needs is not there: a mistake in the calling stage.
    """
    unknown = [name for name in weights if name not in TERMS]
    if unknown:
        raise KeyError(f"no term is called {unknown[0]!r}; there are {', '.join(TERMS)}")
    result = {}
    for name, weight in weights.items():
        term = TERMS[name]
        if weight == 0 or (trains is not None and term.trains != trains):
            continue
        lacking = [needed for needed in term.needs if needed not in ingredients]
        if lacking:
            raise KeyError(f"term {name!r} needs {', '.join(lacking)}, which this stage does not give")
        result[name] = weight * term.of(ingredients)
    return result
