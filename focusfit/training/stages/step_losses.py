"""From terms per photo to what the engine steps along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ...objectives.registry import Ingredients, weighted_terms
from ..stage import StepLosses


def step_losses(
    terms: Mapping[str, Tensor], ingredients: Ingredients, logged: Sequence[str], figures: Mapping[str, Tensor]
) -> StepLosses:
    """Means over the batch, and their sum.

    Args:
        terms: by name ``(B,)``, weighted.
        ingredients: of which unweighted terms in ``logged`` are made.
        logged: names of terms that are only to be seen.
        figures: other scalars worth logging.
    """
    means = {name: values.mean() for name, values in terms.items()}
    total = torch.stack(list(means.values())).sum()
    with torch.no_grad():
        seen = weighted_terms({name: 1.0 for name in logged if name not in terms}, ingredients)
    unweighted = {f"{name}_unweighted": values.mean() for name, values in seen.items()}
    return StepLosses(
        total,
        {name: mean.detach() for name, mean in means.items()},
        {name: value.detach() for name, value in {**figures, **unweighted}.items()},
    )
