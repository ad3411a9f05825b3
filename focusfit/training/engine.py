"""The training loop for any stage.

``OUT/`` gets ``run.json`` (the settings), ``checkpoints/``, and what :class:`~.journal.Journal` writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import TrainingError
from .collapse_guard import CollapseGuard, MaskHealth
from .engine_config import EngineConfig
from .feed import TrainingData
from .stage import Stage
from .training_run import TrainingResult, TrainingRun

__all__ = ["CollapseGuard", "EngineConfig", "MaskHealth", "TrainingData", "TrainingResult", "train"]


def train(
    stage: Stage,
    data: TrainingData,
    config: EngineConfig,
    out: Path,
    *,
    collapse: CollapseGuard | None = None,
    settings: Mapping[str, Any] | None = None,
) -> TrainingResult:
    """Train a stage, going on from the last whole checkpoint in ``out`` where there is one.

    On a CPU, a run that was interrupted anywhere ends with the same bits as one that was not.

    Args:
        stage: what is trained.
        data: on which photos.
        config: of the loop.
        out: folder of the run.
        collapse: watches the masks of stages that have some.
        settings: of the stage, plain JSON, kept with the run and every checkpoint (the resolved preset, the hash of
            the face model ...).

    Raises:
        TrainingError: it cannot start on this machine, or had to be ended by a guard.
        CheckpointError: ``out`` has checkpoints, but none that can be gone on from.
    """
    for what in ("training", "validation"):
        if not len(getattr(data, what)):
            raise TrainingError(f"there are no {what} photos for stage {stage.name!r}")
    training = TrainingRun(stage, data, config, out, collapse, dict(settings or {}))
    try:
        return training.run()
    finally:
        training.close()
