"""Which of the processes that train together this one is, before they are connected."""

from __future__ import annotations

import os

from .engine_config import EngineConfig

RANKS = ("RANK", "SLURM_PROCID", "LOCAL_RANK")
"""Said by torchrun and `fabric run`, by a cluster, and by Fabric where it starts processes of one machine itself."""


def process_rank() -> int:
    """Of this process among those that train together."""
    return int(next((os.environ[name] for name in RANKS if name in os.environ), "0"))


def process_count(engine: EngineConfig) -> int:
    """How many processes train together."""
    return int(os.environ.get("WORLD_SIZE", str(engine.devices)))
