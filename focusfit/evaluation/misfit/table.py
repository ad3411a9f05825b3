"""The misfit prior in words."""

from __future__ import annotations

import numpy as np

from ...facemodel.morphable import MorphableModel
from ...fitting.misfit import MisfitPrior


def region_table(prior: MisfitPrior, model: MorphableModel) -> str:
    """A line for each region of the model: spread of colour in percent of brightness, bias and spread of shape."""
    lines = [f"{'region':<16}{'colour, %':>10}{'hue, %':>8}{'bias, mm':>10}{'spread, mm':>12}"]
    spread = np.sqrt(np.maximum(prior.shape_covariance[:, :3].sum(1), 0))
    bias = np.linalg.norm(prior.shape_mean, axis=1)
    everything = {"all": np.ones(len(bias), bool)}
    for name, mask in (everything | {n: m.cpu().numpy() for n, m in model.regions.items()}).items():
        along, hue = 100 * prior.colour[mask].mean(0)
        lines.append(f"{name:<16}{along:>10.1f}{hue:>8.1f}{bias[mask].mean():>10.2f}{spread[mask].mean():>12.2f}")
    return "\n".join(lines)
