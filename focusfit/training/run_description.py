"""What is written down of a run, in ``run.json`` and in every checkpoint."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import torch

from .. import __version__
from .engine_config import EngineConfig
from .feed import TrainingData
from .stage import Stage

STARTS = ("start", "segmenter_start")
"""Settings that name where networks came from: a run that goes on need not be told them again."""


def describe_run(
    stage: Stage, data: TrainingData, config: EngineConfig, settings: dict[str, Any], processes: int
) -> dict[str, Any]:
    """Stage, settings of loop and stage, how many photos and processes, and versions: plain JSON."""
    versions = {
        "focusfit": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    return {
        "stage": stage.name,
        "config": asdict(config),
        "settings": settings,
        "photos": len(data.training),  # type: ignore[arg-type]
        "processes": processes,
        "versions": versions,
    }


def changes_since(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What was other when a checkpoint was written, but for the versions; settings in settings by dotted names."""
    told = []
    for group in ("config", "settings"):
        old, new = dict(_leaves(then.get(group, {}))), dict(_leaves(now[group]))
        told += [
            f"{name} {old.get(name)} (now {new.get(name)})"
            for name in dict.fromkeys([*old, *new])
            if old.get(name) != new.get(name) and not (name in STARTS and new.get(name) is None)
        ]
    if then.get("photos") != now["photos"]:
        told.append(f"{then.get('photos')} photos (now {now['photos']})")
    return ", ".join(told)


def _leaves(settings: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{under}{name}.")
        else:
            yield under + name, value
