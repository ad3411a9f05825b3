"""The same step for a shorter run, or a longer one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from .engine_config import EngineConfig
from .learning import Learning
from .step_config import Alternation, AutoencoderConfig, EmConfig, SegmenterStepConfig

Step = TypeVar("Step", AutoencoderConfig, SegmenterStepConfig, EmConfig)


def shortened(step: Step, by: float) -> Step:
    """A step with every count of iterations times ``by``: its length, blocks, schedules, and between looks at it."""
    changes: dict[str, Any] = {"engine": _engine(step.engine, by)}
    for name in ("encoder", "segmenter"):
        if hasattr(step, name):
            changes[name] = _learning(getattr(step, name), by)
    if isinstance(step, EmConfig):
        blocks = step.alternation
        changes["alternation"] = Alternation(_times(blocks.segmenter, by), _times(blocks.encoder, by))
    return replace(step, **changes)


def _engine(engine: EngineConfig, by: float) -> EngineConfig:
    return replace(
        engine,
        iterations=_times(engine.iterations, by),
        checkpoint_every=_times(engine.checkpoint_every, by),
        validate_every=_times(engine.validate_every, by),
        pictures_every=_times(engine.pictures_every, by),
        log_every=_times(engine.log_every, by),
    )


def _learning(learning: Learning, by: float) -> Learning:
    return replace(learning, schedule=replace(learning.schedule, every=_times(learning.schedule.every, by)))


def _times(count: int, by: float) -> int:
    """At least 1, so that nothing that happens stops happening; 0 stays 0."""
    return max(1, round(count * by)) if count else 0
