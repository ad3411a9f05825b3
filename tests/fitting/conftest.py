"""Parts that several of these tests share."""

from __future__ import annotations

import pytest

from focusfit.facemodel.morphable import MorphableModel
from focusfit.fitting.config import FitConfig
from focusfit.fitting.surface import FittingSurface


@pytest.fixture(scope="session")
def surface(open_model: MorphableModel) -> FittingSurface:
    """Of the open model under the default settings."""
    config = FitConfig()
    return FittingSurface.of(open_model, config.albedo_modes, [level.smoothing for level in config.levels])
